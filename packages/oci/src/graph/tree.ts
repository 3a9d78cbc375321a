import type { ArtifactSource, CallOptions } from '../artifact.ts';
import { type Descriptor, plainDescriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { artifactTypeOf } from '../referrer.ts';
import { GraphBudget, type GraphLimits } from './limits.ts';
import { partsOf } from './parts.ts';
import { type LeftOut, readReferrer } from './referrer-manifest.ts';

/** An artifact with the manifests inside of it and those that refer to it. */
export interface ArtifactTree {
  /** As it is listed, with the platform where an index names one; without the content, if it is embedded. */
  readonly descriptor: Descriptor;
  readonly artifactType?: string;
  /** The manifest is named and not there, as where an index was copied in part. */
  readonly missing?: true;
  /** The same manifest was shown before, with all that belongs to it. */
  readonly repeated?: true;
  readonly children: readonly ArtifactTree[];
  readonly referrers: readonly ArtifactTree[];
  /** What is listed as a referrer and is none. */
  readonly leftOut: readonly LeftOut[];
}

/** Options of {@link readArtifactTree}. */
export interface ArtifactTreeOptions extends CallOptions {
  readonly limits?: Partial<GraphLimits>;
}

/**
 * Reads the manifests inside of an artifact and those that refer to it, to its children, and to its
 * referrers. Nothing is verified but that each has the digest it is named by.
 * @throws OciError `OCI_GRAPH_LIMIT`, and the errors of the source
 */
export async function readArtifactTree(
  source: ArtifactSource,
  root: Descriptor,
  options: ArtifactTreeOptions = {},
): Promise<ArtifactTree> {
  const { limits, ...call } = options;
  const walk = { source, call, budget: new GraphBudget(limits), seen: new Set<string>() };
  return await readNode(root, 0, walk);
}

interface Walk {
  readonly source: ArtifactSource;
  readonly call: CallOptions;
  readonly budget: GraphBudget;
  /** Digests of what was shown. */
  readonly seen: Set<string>;
}

async function readNode(listed: Descriptor, depth: number, walk: Walk): Promise<ArtifactTree> {
  const { source, call, budget, seen } = walk;
  const descriptor = withoutContent(listed);
  const nothing = { descriptor, children: [], referrers: [], leftOut: [] };
  if (seen.has(descriptor.digest)) return { ...nothing, repeated: true };
  budget.takeManifest(descriptor, depth);
  const bytes = await source.fetchManifest(plainDescriptor(descriptor), call).catch(notThere);
  // the artifact itself is there: it was resolved
  if (bytes === undefined && depth > 0) return { ...nothing, missing: true };
  if (bytes === undefined) throw new OciError('OCI_NOT_FOUND', `${descriptor.digest} is gone`);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  return await readAround(descriptor, manifest, { depth, walk });
}

async function readAround(
  descriptor: Descriptor,
  manifest: Manifest,
  { depth, walk }: { readonly depth: number; readonly walk: Walk },
): Promise<ArtifactTree> {
  const { source, call, budget, seen } = walk;
  seen.add(descriptor.digest);
  const artifactType = artifactTypeOf(manifest);
  const children: ArtifactTree[] = [];
  for (const child of partsOf(manifest).manifests) {
    children.push(await readNode(child, depth + 1, walk));
  }
  const referrers: ArtifactTree[] = [];
  const leftOut: LeftOut[] = [];
  const options = { ...call, includeMissing: depth === 0 };
  for await (const listed of source.referrers(plainDescriptor(descriptor), options)) {
    const entry = withoutContent(listed);
    budget.takeReferrer();
    if (seen.has(entry.digest)) continue;
    budget.takeManifest(entry, depth + 1);
    const read = await readReferrer(source, entry, { ...call, subject: descriptor });
    if ('reason' in read) leftOut.push(read);
    else referrers.push(await readAround(entry, read.manifest, { depth: depth + 1, walk }));
  }
  const type = artifactType === undefined ? {} : { artifactType };
  return { descriptor, ...type, children, referrers, leftOut };
}

function withoutContent({ data: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor;
}

function notThere(error: unknown): undefined {
  if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return undefined;
  throw error;
}
