import { RegistryError } from './errors.ts';
import type { ByteRange } from './storage.ts';

const BYTES_RANGE = /^bytes=\s*([0-9]{0,15})-([0-9]{0,15})\s*$/i;

/**
 * The one range of bytes that a request asks for (RFC 9110 14.2). Undefined for none, and for what
 * may be ignored: other units, several ranges, an `If-Range` of other content.
 * @throws RegistryError `REGISTRY_RANGE_INVALID`, data `size`
 */
export function parseRange(
  headers: Headers,
  content: { readonly size: number; readonly etag: string },
): ByteRange | undefined {
  const condition = headers.get('if-range');
  const match = BYTES_RANGE.exec(headers.get('range') ?? '');
  if (match === null || (condition !== null && condition !== `"${content.etag}"`)) return undefined;
  const [, first = '', last = ''] = match;
  const { size } = content;
  if (first === '' && last === '') return undefined;
  const range =
    first === ''
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: Math.min(size - 1, last === '' ? size - 1 : Number(last)) };
  // of an invalid range RFC 9110 14.2 leaves the choice; the conformance programme wants it refused
  if (range.start > range.end) {
    throw new RegistryError('REGISTRY_RANGE_INVALID', `the blob has ${size} bytes`, {
      data: { size },
    });
  }
  return range;
}

const CONTENT_RANGE = /^([0-9]{1,15})-([0-9]{1,15})$/;

/** The `Content-Range` of a chunk (distribution-spec 1.1.1, pushing a blob in chunks). */
export function parseContentRange(headers: Headers): ByteRange | undefined {
  const text = headers.get('content-range');
  if (text === null) return undefined;
  const match = CONTENT_RANGE.exec(text);
  const range = { start: Number(match?.[1]), end: Number(match?.[2]) };
  if (match === null || range.start > range.end) {
    throw new RegistryError('REGISTRY_SIZE_INVALID', 'Content-Range is not <first>-<last>');
  }
  return range;
}
