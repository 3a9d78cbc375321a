import {
  type Alphabet,
  alphabet,
  BASE64,
  BASE64URL,
  decodePortably,
  digit,
  encodePortably,
  fail,
} from './base64.ts';
import { NativeBuffer } from './native-buffer.ts';

const HEX = alphabet('hex', '0123456789abcdef', false);
for (const [i, character] of [...'ABCDEF'].entries()) HEX.values[character.charCodeAt(0)] = 10 + i;

const asciiDecoder = new TextDecoder();

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

function encode64(bytes: Uint8Array, alphabet: Alphabet): string {
  const native = NativeBuffer?.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return native?.toString(alphabet.name) ?? encodePortably(bytes, alphabet);
}

/** How many octets a base64 text has if it is one, padded or not. */
function octetsIn(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor(((text.length - padding) * 3) / 4);
}

/** Of fewer characters, the way to native code and back takes longer than the text. */
const MIN_NATIVE_CHARACTERS = 32;

function decode64(text: string, alphabet: Alphabet): Uint8Array {
  if (NativeBuffer === undefined || text.length < MIN_NATIVE_CHARACTERS)
    return decodePortably(text, alphabet);
  const octets = new Uint8Array(octetsIn(text));
  const native = NativeBuffer.from(octets.buffer);
  native.write(text, alphabet.name);
  // the native decoder is lax: what it reads counts only if it has this text as its canonical form
  return native.toString(alphabet.name) === text ? octets : decodePortably(text, alphabet);
}
