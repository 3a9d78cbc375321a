import {
  type ArtifactSource,
  type CallOptions,
  type Descriptor,
  fetchIndex,
  formatPlatform,
  isIndexMediaType,
  OciError,
  type Platform,
  selectPlatform,
} from '@nv2/oci';
import { readingIndex } from './index-content.ts';

/**
 * The one manifest that an index lists for a platform, with what the index says of it. The index is
 * read by the digest of its descriptor.
 *
 * @throws OciError `OCI_PLATFORM_NOT_FOUND` if there is none or more than one, or this is no index;
 *   NotaryError `NOTARY_INDEX_INVALID`, `NOTARY_INDEX_FAILED`
 */
export async function choosePlatform(
  source: ArtifactSource,
  index: Descriptor,
  { platform, ...call }: CallOptions & { readonly platform: Platform },
): Promise<Descriptor> {
  const { digest, mediaType } = index;
  if (!isIndexMediaType(mediaType)) {
    throw new OciError('OCI_PLATFORM_NOT_FOUND', `${digest} is no index: ${mediaType}`, {
      hint: 'leave out --platform: there is one manifest only',
      data: { platform: formatPlatform(platform), digest },
    });
  }
  const { manifests } = await readingIndex(index, () => fetchIndex(source, index, call));
  return selectPlatform(platform, manifests);
}
