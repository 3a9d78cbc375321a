import type { ArtifactSource, CallOptions } from '../artifact.ts';
import { type Descriptor, plainDescriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { type IndexManifest, parseManifest } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { GraphBudget, type GraphLimits } from './limits.ts';
import { partsOf } from './parts.ts';

/** Whether a manifest of this media type lists others. */
export function isIndexMediaType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.imageIndex || mediaType === MEDIA_TYPE.dockerManifestList;
}

/** The index of a descriptor, read by its digest. @throws OciError as `fetchManifest` and `parseManifest` */
export async function fetchIndex(
  source: ArtifactSource,
  descriptor: Descriptor,
  options: CallOptions = {},
): Promise<IndexManifest> {
  const bytes = await source.fetchManifest(plainDescriptor(descriptor), options);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.kind === 'index') return manifest;
  throw new OciError('OCI_MANIFEST_INVALID', `${descriptor.digest} is not an index`);
}

/**
 * The artifact and every manifest inside of it, of nested indexes too; each once, what holds it
 * before it. Only indexes are read.
 * @throws OciError `OCI_GRAPH_LIMIT`; `OCI_MEDIA_TYPE_UNSUPPORTED` if an index holds what is no
 *   manifest, which nothing can be said about
 */
export async function listIndexManifests(
  source: ArtifactSource,
  root: Descriptor,
  options: CallOptions & { readonly limits?: Partial<GraphLimits> } = {},
): Promise<readonly Descriptor[]> {
  const { limits, ...call } = options;
  const budget = new GraphBudget(limits);
  const found = new Map<string, { readonly descriptor: Descriptor; readonly depth: number }>();
  found.set(root.digest, { descriptor: root, depth: 0 });
  // a map is iterated in order of insertion, with what is added meanwhile
  for (const { descriptor, depth } of found.values()) {
    budget.takeManifest(descriptor, depth);
    if (!isIndexMediaType(descriptor.mediaType)) continue;
    const { manifests, blobs, foreign } = partsOf(await fetchIndex(source, descriptor, call));
    const other = blobs[0] ?? foreign[0];
    if (other !== undefined) throw notManifest(descriptor, other);
    for (const child of manifests) {
      const known = found.get(child.digest);
      if (known === undefined) found.set(child.digest, { descriptor: child, depth: depth + 1 });
      else assertSame(known.descriptor, child);
    }
  }
  return [...found.values()].map(({ descriptor }) => descriptor);
}

function assertSame(known: Descriptor, again: Descriptor): void {
  if (known.mediaType === again.mediaType && known.size === again.size) return;
  throw new OciError(
    'OCI_MANIFEST_AMBIGUOUS',
    `${known.digest} is listed as ${known.mediaType} of ${known.size} bytes and as ${again.mediaType} of ${again.size}`,
    { data: { digest: known.digest } },
  );
}

function notManifest(index: Descriptor, { digest, mediaType }: Descriptor): OciError {
  return new OciError(
    'OCI_MEDIA_TYPE_UNSUPPORTED',
    `the index ${index.digest} holds ${digest} of the media type ${mediaType}, which is no manifest`,
    { data: { index: index.digest, digest, mediaType } },
  );
}
