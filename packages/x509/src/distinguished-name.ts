import { CoreError, decodeHex, decodeUtf8, encodeUtf8 } from '@nv2/core';
import { readDirectoryString } from './directory-string.ts';
import { X509Error } from './errors.ts';

/** One attribute of a distinguished name as text has it. */
export interface DistinguishedNameAttribute {
  /** A short name (`CN`) or a dotted object identifier, as written. */
  readonly type: string;
  /** Unescaped. */
  readonly value: string;
}

/** The relative names of a distinguished name in the order of the text. */
export type DistinguishedName = readonly (readonly DistinguishedNameAttribute[])[];

/** Longer texts are refused unread. Counted in octets of UTF-8. */
export const MAX_DISTINGUISHED_NAME_BYTES = 8192;

const SPACE = 0x20;
const HASH = 0x23;
const PLUS = 0x2b;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** RFC 4512 1.4: a keystring, or a numericoid. */
const TYPE = /^(?:[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+)$/;

/** RFC 4514 section 3: what a backslash may stand before, besides two hexadecimal digits. */
const ESCAPABLE: ReadonlySet<number> = new Set(encodeUtf8(' "#+,;<=>\\'));

/** RFC 4514 section 3: what a value has only behind a backslash; `+` and `,` divide instead. */
const FORBIDDEN: ReadonlySet<number> = new Set(encodeUtf8('";<>\0'));

function fail(reason: string, offset: number, cause?: unknown): never {
  throw new X509Error('X509_NAME_INVALID', `distinguished name: ${reason} at byte ${offset}`, {
    cause,
    data: { offset },
    hint: 'write a name as in RFC 4514, such as CN=wabbit-networks.io,O=Notary,L=Seattle,ST=WA,C=US',
  });
}

/**
 * Reads a distinguished name from text (RFC 4514 section 3): `,` between relative names, `+` within
 * one, values with `\` escapes, `\xx` hexadecimal pairs of UTF-8 or `#` and the encoded value in
 * hexadecimal. Spaces around types and values are passed over, as RFC 2253 section 4 has it. Takes
 * time and memory in proportion to the text, of which 8192 bytes are the most. No text, no names.
 * @throws X509Error `X509_NAME_INVALID` with `data.offset`
 */
export function parseDistinguishedName(text: string): DistinguishedName {
  if (text.length > MAX_DISTINGUISHED_NAME_BYTES) tooLong(text.length);
  const bytes = encode(text);
  if (bytes.length > MAX_DISTINGUISHED_NAME_BYTES) tooLong(bytes.length);
  if (bytes.every((byte) => byte === SPACE)) return [];
  const rdns: DistinguishedNameAttribute[][] = [];
  let rdn: DistinguishedNameAttribute[] = [];
  let at = 0;
  for (;;) {
    const equals = bytes.indexOf(EQUALS, at);
    if (equals < 0) fail('attribute without =', at);
    const type = readType(bytes, at, equals);
    const value = readValue(bytes, equals + 1);
    rdn.push({ type, value: value.text });
    if (value.end >= bytes.length) break;
    if (bytes[value.end] === COMMA) {
      rdns.push(rdn);
      rdn = [];
    }
    at = value.end + 1;
  }
  rdns.push(rdn);
  return rdns;
}

function tooLong(length: number): never {
  fail(`expected at most ${MAX_DISTINGUISHED_NAME_BYTES} bytes, got ${length}`, 0);
}

function encode(text: string): Uint8Array {
  try {
    return encodeUtf8(text);
  } catch (cause) {
    return fail('text is not Unicode', 0, cause);
  }
}

function readType(bytes: Uint8Array, start: number, end: number): string {
  const type = decodeUtf8(trim(bytes, start, end));
  if (!TYPE.test(type)) fail('malformed attribute type', start);
  return type;
}

/** Without spaces at both ends. */
function trim(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let from = start;
  let to = end;
  while (from < to && bytes[from] === SPACE) from++;
  while (to > from && bytes[to - 1] === SPACE) to--;
  return bytes.subarray(from, to);
}

/**
 * The value from `start` up to the next divider or the end of the text. It is unescaped in place
 * (never longer than written), so that many short values do not cost more than one long one.
 */
function readValue(bytes: Uint8Array, start: number): { text: string; end: number } {
  let at = start;
  while (bytes[at] === SPACE) at++;
  const first = at;
  let length = at;
  let kept = at;
  if (bytes[at] === HASH) return readHexValue(bytes, at);
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === COMMA || byte === PLUS) break;
    if (FORBIDDEN.has(byte)) fail('a character that needs a backslash', at);
    const escaped = byte === BACKSLASH;
    const [value, width] = escaped ? readEscape(bytes, at) : [byte, 1];
    bytes[length++] = value;
    at += width;
    // Spaces at the end count only if they are escaped.
    if (escaped || byte !== SPACE) kept = length;
  }
  return { text: decode(bytes.subarray(first, kept), first), end: at };
}

/** What a backslash at `at` stands for, and how many octets it takes. */
function readEscape(bytes: Uint8Array, at: number): readonly [value: number, width: number] {
  const next = bytes[at + 1] ?? -1;
  if (ESCAPABLE.has(next)) return [next, 2];
  const high = hexDigit(next);
  const low = hexDigit(bytes[at + 2] ?? -1);
  if (high < 0 || low < 0) fail('malformed escape', at);
  return [high * 16 + low, 3];
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** RFC 4514 2.4: `#` and the encoded value in hexadecimal. */
function readHexValue(bytes: Uint8Array, hash: number): { text: string; end: number } {
  let end = hash + 1;
  while (end < bytes.length && bytes[end] !== COMMA && bytes[end] !== PLUS) end++;
  try {
    const element = decodeHex(decodeUtf8(trim(bytes, hash + 1, end)));
    return { text: readDirectoryString(element), end };
  } catch (cause) {
    if (!(cause instanceof CoreError || cause instanceof X509Error)) throw cause;
    return fail('malformed #value', hash, cause);
  }
}

function decode(octets: Uint8Array, at: number): string {
  try {
    return decodeUtf8(octets);
  } catch (cause) {
    return fail('value is not UTF-8', at, cause);
  }
}
