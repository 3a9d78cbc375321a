import { resolveArtifact } from '@nv2/notary';
import { type ArtifactTree, formatPlatform, readArtifactTree } from '@nv2/oci';
import { readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { openSource } from '../open-artifact.ts';
import { formatTree, node, type TreeNode } from '../text/tree.ts';

/** `tree`: what an artifact holds and what refers to it; nothing is verified. */
export async function run(context: CommandContext): Promise<void> {
  const { io, flags, printer } = context;
  const name = readArtifactName(context);
  const { source, close } = await openSource(context, name);
  try {
    const { signal } = io;
    const root = await resolveArtifact(source, name.version, { signal });
    const tree = await readArtifactTree(source, root, { signal });
    const artifact = withDigest(name, root.digest);
    if (flags.string('output') === 'json') {
      printer.json({ artifact, ...tree });
      return;
    }
    printer.text(formatTree(node(artifact, branches(tree))));
  } finally {
    close();
  }
}

function branches({ children, referrers, leftOut }: ArtifactTree): readonly TreeNode[] {
  return [
    ...group('manifests', children.map(childNode)),
    ...group('referrers', [
      ...referrers.map(referrerNode),
      ...leftOut.map(({ descriptor, reason }) =>
        node(`${descriptor.digest} (listed, and no referrer: ${reason})`),
      ),
    ]),
  ];
}

function group(label: string, nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.length === 0 ? [] : [node(label, nodes)];
}

function childNode(tree: ArtifactTree): TreeNode {
  const { platform, mediaType, digest } = tree.descriptor;
  const what = platform === undefined ? mediaType : formatPlatform(platform);
  return node(`${what} ${digest}${remark(tree)}`, branches(tree));
}

function referrerNode(tree: ArtifactTree): TreeNode {
  const { descriptor, artifactType = descriptor.mediaType } = tree;
  return node(`${artifactType} ${descriptor.digest}${remark(tree)}`, branches(tree));
}

function remark({ missing, repeated }: ArtifactTree): string {
  if (missing === true) return ' (not there)';
  return repeated === true ? ' (shown above)' : '';
}
