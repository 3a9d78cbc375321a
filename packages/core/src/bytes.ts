import { CoreError } from './errors.ts';
import { NativeBuffer } from './native-buffer.ts';

/** Shorter octets are compared before native code would be called. */
const WORTH_A_CALL = 32;

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The parts one after the other, in a fresh array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** {@link concatBytes} for as many parts as there are: a call takes some 100,000 arguments at most. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Whether both hold the same octets. Not constant-time: nv2 compares public values only (digests,
 * names, certificates), never secrets.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  if (NativeBuffer !== undefined && a.length > WORTH_A_CALL)
    return NativeBuffer.compare(a, b) === 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order of unsigned octets, a prefix first: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether a string is Unicode text: every surrogate is half of a pair (ECMA-262 22.1.3.9). */
export function isWellFormed(text: string): boolean {
  // The method is in every supported runtime; the ES2023 type library does not list it yet.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/**
 * UTF-8 octets of a text.
 * @throws CoreError `ENCODING_INVALID` for a lone surrogate, which has no UTF-8 form
 */
export function encodeUtf8(text: string): Uint8Array {
  if (!isWellFormed(text))
    throw new CoreError('ENCODING_INVALID', 'text has a surrogate without its other half');
  return utf8Encoder.encode(text);
}

/**
 * The text of UTF-8 octets (RFC 3629: shortest forms, no surrogates). A byte order mark stays in
 * the text, so that encoding it again gives the same octets.
 * @throws CoreError `ENCODING_INVALID`; `data.offset` is the first octet that is wrong
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch (cause) {
    throw notUtf8(firstInvalidUtf8(bytes), cause);
  }
}

function notUtf8(offset: number, cause: unknown): CoreError {
  const message = `octets are not UTF-8 at byte ${offset}`;
  return new CoreError('ENCODING_INVALID', message, { cause, data: { offset } });
}

/** RFC 3629 section 4: per lead octet, how many octets follow and the range of the first of them. */
function utf8Sequence(lead: number): readonly [follow: number, low: number, high: number] {
  if (lead < 0x80) return [0, 0x80, 0xbf];
  if (lead < 0xc2 || lead > 0xf4) return [-1, 0, 0];
  if (lead < 0xe0) return [1, 0x80, 0xbf];
  if (lead < 0xf0) return [2, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf];
  return [3, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf];
}

/** Offset of the sequence at which octets stop being UTF-8; their length if they are UTF-8. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const [follow, low, high] = utf8Sequence(bytes[at] ?? 0);
    if (follow < 0) break;
    const rest = bytes.subarray(at + 1, at + 1 + follow);
    const [first = low] = rest;
    if (rest.length < follow || first < low || first > high) break;
    if (rest.some((octet) => octet >> 6 !== 2)) break;
    at += follow + 1;
  }
  return at;
}
