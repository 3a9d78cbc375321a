import { CoreError } from './errors.ts';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const INVALID = 0xff;

/** An alphabet both ways: octets of the characters, and the value of each ASCII character. */
interface Alphabet {
  readonly name: 'base64' | 'base64url' | 'hex';
  readonly padded: boolean;
  readonly characters: Uint8Array;
  readonly values: Uint8Array;
}

function alphabet(name: Alphabet['name'], characters: string, padded: boolean): Alphabet {
  const values = new Uint8Array(256).fill(INVALID);
  for (let i = 0; i < characters.length; i++) values[characters.charCodeAt(i)] = i;
  return {
    name,
    padded,
    characters: Uint8Array.from(characters, (c) => c.charCodeAt(0)),
    values,
  };
}

const BASE64 = alphabet('base64', `${COMMON}+/`, true);
const BASE64URL = alphabet('base64url', `${COMMON}-_`, false);
const HEX = alphabet('hex', '0123456789abcdef', false);
for (const [i, character] of [...'ABCDEF'].entries()) HEX.values[character.charCodeAt(0)] = 10 + i;

const PADDING = 0x3d;
const asciiDecoder = new TextDecoder();

function fail(name: string, reason: string, offset: number): never {
  throw new CoreError('ENCODING_INVALID', `${name}: ${reason} at character ${offset}`, {
    data: { encoding: name, offset },
  });
}

/** Base64 with padding (RFC 4648 section 4), without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  return encode64(bytes, BASE64);
}

/**
 * The octets of base64 text (RFC 4648 section 4). Only the canonical form: padded, no white space,
 * unused bits of the last character zero; so that encoding the result gives the same text.
 * @throws CoreError `ENCODING_INVALID`; `data.offset` counts characters
 */
export function decodeBase64(text: string): Uint8Array {
  return decode64(text, BASE64);
}

/** Base64url without padding (RFC 7515 appendix C). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encode64(bytes, BASE64URL);
}

/**
 * The octets of base64url text (RFC 7515 appendix C). Only the canonical form: no padding, no
 * white space, unused bits of the last character zero.
 * @throws CoreError `ENCODING_INVALID`; `data.offset` counts characters
 */
export function decodeBase64Url(text: string): Uint8Array {
  return decode64(text, BASE64URL);
}

/** Hexadecimal text in lower case (RFC 4648 section 8). */
export function encodeHex(bytes: Uint8Array): string {
  const out = new Uint8Array(bytes.length * 2);
  let at = 0;
  for (const byte of bytes) {
    out[at++] = HEX.characters[byte >> 4] ?? 0;
    out[at++] = HEX.characters[byte & 15] ?? 0;
  }
  return asciiDecoder.decode(out);
}

/**
 * The octets of hexadecimal text in either case, without prefix or separators.
 * @throws CoreError `ENCODING_INVALID`; `data.offset` counts characters
 */
export function decodeHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) fail('hex', 'odd number of digits', text.length);
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = digit(HEX, text, 2 * i);
    out[i] = (high << 4) | digit(HEX, text, 2 * i + 1);
  }
  return out;
}

function digit(alphabet: Alphabet, text: string, at: number): number {
  // Beyond the table (a character above 255) reads undefined, which is as invalid.
  const value = alphabet.values[text.charCodeAt(at)] ?? INVALID;
  if (value === INVALID) fail(alphabet.name, 'character outside the alphabet', at);
  return value;
}

function encode64(bytes: Uint8Array, { characters, padded }: Alphabet): string {
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

/** The decoder of Node and Bun, in native code; browsers have none. */
const NativeBuffer: typeof Buffer | undefined = globalThis.Buffer;

function decode64(text: string, alphabet: Alphabet): Uint8Array {
  const octets = NativeBuffer?.from(text, alphabet.name);
  // the native decoder is lax: what it reads counts only if it has this text as its canonical form
  if (octets?.toString(alphabet.name) === text) return new Uint8Array(octets);
  return decodePortably(text, alphabet);
}

/** Decodes without native code; elsewhere says what is wrong with the text, and where. */
function decodePortably(text: string, alphabet: Alphabet): Uint8Array {
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
