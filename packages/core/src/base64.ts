import { CoreError } from './errors.ts';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const INVALID = 0xff;

/** An alphabet both ways: octets of the characters, and the value of each ASCII character. */
export interface Alphabet {
  readonly name: 'base64' | 'base64url' | 'hex';
  readonly padded: boolean;
  readonly characters: Uint8Array;
  readonly values: Uint8Array;
}

/** An alphabet of these characters. */
export function alphabet(name: Alphabet['name'], characters: string, padded: boolean): Alphabet {
  const values = new Uint8Array(256).fill(INVALID);
  for (let i = 0; i < characters.length; i++) values[characters.charCodeAt(i)] = i;
  return {
    name,
    padded,
    characters: Uint8Array.from(characters, (c) => c.charCodeAt(0)),
    values,
  };
}

export const BASE64: Alphabet = alphabet('base64', `${COMMON}+/`, true);
export const BASE64URL: Alphabet = alphabet('base64url', `${COMMON}-_`, false);
const PADDING = 0x3d;
const asciiDecoder = new TextDecoder();

/** @throws CoreError `ENCODING_INVALID` */
export function fail(name: string, reason: string, offset: number): never {
  throw new CoreError('ENCODING_INVALID', `${name}: ${reason} at character ${offset}`, {
    data: { encoding: name, offset },
  });
}

/**
 * The value of the character at `at`.
 * @throws CoreError `ENCODING_INVALID`
 */
export function digit(alphabet: Alphabet, text: string, at: number): number {
  // Beyond the table (a character above 255) reads undefined, which is as invalid.
  const value = alphabet.values[text.charCodeAt(at)] ?? INVALID;
  if (value === INVALID) fail(alphabet.name, 'character outside the alphabet', at);
  return value;
}

/** Encodes as {@link BASE64} or {@link BASE64URL} without native code. */
export function encodePortably(bytes: Uint8Array, { characters, padded }: Alphabet): string {
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  const data = Math.ceil((bytes.length * 4) / 3);
  const out = new Uint8Array(padded ? Math.ceil(bytes.length / 3) * 4 : data).fill(PADDING);
  let at = 0;
  for (let i = 0; i < whole; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at++] = characters[bits >> 18] ?? 0;
    out[at++] = characters[(bits >> 12) & 63] ?? 0;
    out[at++] = characters[(bits >> 6) & 63] ?? 0;
    out[at++] = characters[bits & 63] ?? 0;
  }
  const bits = ((bytes[whole] ?? 0) << 16) | ((bytes[whole + 1] ?? 0) << 8);
  for (let shift = 18; at < data; shift -= 6) out[at++] = characters[(bits >> shift) & 63] ?? 0;
  return asciiDecoder.decode(out);
}

/** How many characters carry data, once the padding is seen to be what it must be. */
function dataLength(text: string, { name, padded }: Alphabet): number {
  let length = text.length;
  if (padded) {
    if (length % 4 !== 0) fail(name, 'length is not a multiple of four', length);
    if (length > 0 && text.charCodeAt(length - 1) === PADDING) length--;
    if (length % 4 === 3 && text.charCodeAt(length - 1) === PADDING) length--;
  }
  if (length % 4 === 1) fail(name, 'length leaves six bits over', length);
  return length;
}

/** Decodes without native code; elsewhere says what is wrong with the text, and where. */
export function decodePortably(text: string, alphabet: Alphabet): Uint8Array {
  const length = dataLength(text, alphabet);
  const rest = length % 4;
  const whole = length - rest;
  const out = new Uint8Array((whole / 4) * 3 + (rest === 0 ? 0 : rest - 1));
  let at = 0;
  for (let i = 0; i < whole; i += 4) {
    const bits =
      (digit(alphabet, text, i) << 18) |
      (digit(alphabet, text, i + 1) << 12) |
      (digit(alphabet, text, i + 2) << 6) |
      digit(alphabet, text, i + 3);
    out[at++] = bits >> 16;
    out[at++] = bits >> 8;
    out[at++] = bits;
  }
  if (rest > 0) {
    const third = rest === 3 ? digit(alphabet, text, whole + 2) << 6 : 0;
    const bits = (digit(alphabet, text, whole) << 18) | (digit(alphabet, text, whole + 1) << 12);
    out[at++] = bits >> 16;
    if (rest === 3) out[at] = (bits | third) >> 8;
    // RFC 4648 3.5: the bits that do not fill an octet must be zero.
    if (((bits | third) & (rest === 3 ? 0xff : 0xffff)) !== 0)
      fail(alphabet.name, 'unused bits are not zero', length - 1);
  }
  return out;
}
