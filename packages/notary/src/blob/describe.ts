import { createHash } from 'node:crypto';
import { type HashName, Nv2Error, systemReason } from '@nv2/core';
import type { Descriptor } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * The bytes of a blob, read once from the beginning to the end and never held together. A chunk is
 * not looked at any more once the next one is asked for, so its memory may be used again.
 */
export type BlobContent = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The media type of a blob that nobody gave one. */
export const DEFAULT_BLOB_MEDIA_TYPE = 'application/octet-stream';

// RFC 2045 5.1, but that the subtype may be absent, as in the reference. Written so that every
// character decides between continuing and ending: linear on any input.
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const VALUE = `(?:${TOKEN}|"(?:[^"\\\\\\r\\n]|\\\\[^\\r\\n])*")`;
const MEDIA_TYPE = new RegExp(
  `^[ \\t]*${TOKEN}(?:/${TOKEN})?(?:[ \\t]*;[ \\t]*${TOKEN}=${VALUE})*[ \\t]*(?:;[ \\t]*)?$`,
);

/**
 * The descriptor of a blob: its bytes are counted and hashed as they come, in memory that does not
 * grow with them.
 *
 * @throws NotaryError `NOTARY_BLOB_UNREADABLE` if the content ends in an error
 */
export async function describeBlob(
  content: BlobContent,
  options: {
    readonly hash: HashName;
    readonly mediaType: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Descriptor> {
  const { hash, mediaType, signal } = options;
  const hasher = createHash(hash);
  let size = 0;
  try {
    for await (const chunk of untilAborted(content, signal)) {
      hasher.update(chunk);
      size += chunk.length;
    }
  } catch (cause) {
    throw unreadable(cause, size);
  }
  return { mediaType, digest: `${hash}:${hasher.digest('hex')}`, size };
}

/** @throws NotaryError `NOTARY_BLOB_MEDIA_TYPE_INVALID` */
export function assertBlobMediaType(mediaType: string): void {
  if (MEDIA_TYPE.test(mediaType)) return;
  throw new NotaryError(
    'NOTARY_BLOB_MEDIA_TYPE_INVALID',
    mediaType === ''
      ? 'the media type of the blob is empty'
      : `expected a media type such as ${DEFAULT_BLOB_MEDIA_TYPE}, got ${JSON.stringify(mediaType)}`,
    { data: { mediaType }, hint: 'write it as type/subtype' },
  );
}

function unreadable(cause: unknown, bytesRead: number): Nv2Error {
  if (cause instanceof Nv2Error) return cause;
  const { reason = String(cause), hint } = systemReason(cause) ?? {};
  return new NotaryError(
    'NOTARY_BLOB_UNREADABLE',
    `the content could not be read beyond byte ${bytesRead}: ${reason}`,
    { cause, data: { bytesRead }, hint },
  );
}
