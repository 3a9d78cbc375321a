import { Nv2Error } from '@nv2/core';
import {
  type ArtifactSource,
  type CallOptions,
  type Descriptor,
  fetchIndex,
  formatPlatform,
  isIndexMediaType,
  manifestsFor,
  type Platform,
} from '@nv2/oci';
import { isUndecided } from '../cause.ts';
import { NotaryError } from '../errors.ts';

/**
 * Returns if the subject is an index that holds a manifest for each of the platforms. The index is
 * read by the digest that the verification is about.
 *
 * @throws NotaryError `NOTARY_PLATFORMS_MISSING`, `NOTARY_INDEX_INVALID` (decided against);
 *   `NOTARY_INDEX_FAILED` (not decided)
 */
export async function assertPlatforms(
  source: ArtifactSource,
  subject: Descriptor,
  { platforms, ...call }: CallOptions & { readonly platforms: readonly Platform[] },
): Promise<void> {
  const wanted = platforms.map(formatPlatform);
  if (!isIndexMediaType(subject.mediaType)) {
    throw new NotaryError(
      'NOTARY_PLATFORMS_MISSING',
      `the statement asks for an index with ${wanted.join(', ')}, and ${subject.digest} is no index: ${subject.mediaType}`,
      {
        data: { digest: subject.digest, mediaType: subject.mediaType, platforms: wanted },
        hint: 'verify the index that holds the manifest, which is what the statement is about',
      },
    );
  }
  const { manifests } = await readingIndex(subject, () => fetchIndex(source, subject, call));
  const missing = platforms
    .filter((platform) => manifestsFor(platform, manifests).length === 0)
    .map(formatPlatform);
  if (missing.length === 0) return;
  throw new NotaryError(
    'NOTARY_PLATFORMS_MISSING',
    `the index ${subject.digest} has no manifest for ${missing.join(', ')}`,
    {
      data: { digest: subject.digest, platforms: wanted, missing },
      hint: 'have the index built and signed with these platforms',
    },
  );
}

/** Does the reading of an index; what goes wrong with it is told apart by what is decided then. */
export async function readingIndex<T>({ digest }: Descriptor, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    // how large an index is was chosen by whoever pushed it
    const isTooLarge = cause.code === 'OCI_GRAPH_LIMIT';
    const undecided = !isTooLarge && (isUndecided(cause) || cause.kind === 'missing');
    throw new NotaryError(
      undecided ? 'NOTARY_INDEX_FAILED' : 'NOTARY_INDEX_INVALID',
      `the index ${digest} could not be read to its end: ${cause.message}`,
      { cause, hint: cause.hint, data: { digest, causeCode: cause.code } },
    );
  }
}
