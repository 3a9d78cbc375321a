import { listSignatures, SIGNATURE_ARTIFACT_TYPE, type SignatureList } from '@nv2/notary';
import { isTagged, readArtifactName, withDigest } from '../artifact-reference.ts';
import type { CommandContext } from '../context.ts';
import { maxSignatures } from '../key-values.ts';
import { openSource } from '../open-artifact.ts';
import { formatTree, node } from '../text/tree.ts';

/** `list` */
export async function run(context: CommandContext): Promise<void> {
  const { io, flags, printer, program } = context;
  const max = maxSignatures(flags);
  const name = readArtifactName(context);
  const opened = await openSource(context, name);
  try {
    const list = await listSignatures(
      { source: opened.source, version: name.version },
      {
        maxSignatures: max,
        checkManifests: name.kind === 'layout',
        includeMissing: program === 'nv2',
        signal: io.signal,
      },
    );
    if (isTagged(name)) {
      printer.warn(
        `Always list the artifact using digest(@sha256:...) rather than a tag(:${name.version}) because resolved digest may not point to the same signed artifact, as tags are mutable.`,
      );
    }
    for (const { descriptor, cause } of list.leftOut) {
      printer.warn(`${descriptor.digest} is not a signature: ${cause.message}`);
    }
    if (list.truncated) {
      printer.warn(`exceeded configured limit of max signatures ${max} to examine`);
    }
    report(context, list, withDigest(name, list.subject.digest));
  } finally {
    opened.close();
  }
}

function report({ flags, printer }: CommandContext, list: SignatureList, artifact: string): void {
  const { subject, truncated } = list;
  // content that an entry embeds is not what a list is asked for, and JSON has no octets
  const signatures = list.signatures.map(({ data: _, ...listed }) => listed);
  if (flags.string('output') === 'json') {
    printer.json({ artifact, subject, signatures, truncated });
    return;
  }
  if (signatures.length === 0) {
    printer.line(`${artifact} has no associated signatures`);
    return;
  }
  const digests = signatures.map(({ digest }) => node(digest));
  printer.text(formatTree(node(artifact, [node(SIGNATURE_ARTIFACT_TYPE, digests)])));
}
