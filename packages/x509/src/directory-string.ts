import { CoreError, DerReader, decodeUtf8, derEncode, encodeUtf8, TAG } from '@nv2/core';
import { malformed } from './errors.ts';

const NUMERIC_STRING = 0x12;

/** X.680 41.4, and the two characters beyond it that certificates in use have: `*` and `&`. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/;

/** Octets as characters of ISO 8859-1. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/**
 * The text of an IA5String's octets.
 * @throws X509Error `X509_CERTIFICATE_INVALID` for anything but ASCII
 */
export function ia5Text(bytes: Uint8Array): string {
  for (const byte of bytes) if (byte >= 0x80) malformed('an IA5String is not ASCII');
  return latin1(bytes);
}

/**
 * The text of an attribute value, given as a whole element, see {@link directoryText}.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readDirectoryString(element: Uint8Array): string {
  const reader = new DerReader(element);
  const tag = reader.peek();
  const value = reader.content(tag);
  reader.finish();
  return directoryText(value, tag);
}

/**
 * The text of an attribute value's content octets. Known are the types in use: UTF8String,
 * PrintableString, IA5String, NumericString, TeletexString (read as ISO 8859-1, as everyone does)
 * and BMPString; a value of another type is refused.
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function directoryText(value: Uint8Array, tag: number): string {
  switch (tag) {
    case TAG.utf8String:
      return utf8Text(value);
    case TAG.printableString: {
      const text = latin1(value);
      if (!PRINTABLE.test(text)) malformed('a PrintableString has other characters');
      return text;
    }
    case TAG.ia5String:
      return ia5Text(value);
    case TAG.teletexString:
      return latin1(value);
    case NUMERIC_STRING: {
      const text = latin1(value);
      if (!/^[0-9 ]*$/.test(text)) malformed('a NumericString has other characters');
      return text;
    }
    case TAG.bmpString:
      return bmpText(value);
    default:
      return malformed(`an attribute value has the unsupported type 0x${tag.toString(16)}`);
  }
}

function utf8Text(value: Uint8Array): string {
  // Nearly every name is short ASCII, for which this is faster than a TextDecoder.
  let text = '';
  for (const byte of value) {
    if (byte >= 0x80) return nonAsciiText(value);
    text += String.fromCharCode(byte);
  }
  return text;
}

function nonAsciiText(value: Uint8Array): string {
  try {
    return decodeUtf8(value);
  } catch (cause) {
    if (cause instanceof CoreError) malformed('a UTF8String is not UTF-8', { cause });
    throw cause;
  }
}

function bmpText(value: Uint8Array): string {
  if (value.length % 2 !== 0) malformed('a BMPString has an odd length');
  let text = '';
  for (let i = 0; i < value.length; i += 2) {
    const unit = (value[i] ?? 0) * 256 + (value[i + 1] ?? 0);
    const surrogate = unit >= 0xd800 && unit <= 0xdfff;
    const noncharacter = unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdef);
    if (surrogate || noncharacter) malformed('a BMPString has a code point that is no character');
    text += String.fromCharCode(unit);
  }
  // Some writers count a terminating NUL in.
  return text.endsWith('\0') ? text.slice(0, -1) : text;
}

/** Encodes text as PrintableString where its characters allow (without `*` and `&`), else UTF8String. */
export function encodeDirectoryString(text: string): Uint8Array {
  const printable = PRINTABLE.test(text) && !/[*&]/.test(text);
  return derEncode(printable ? TAG.printableString : TAG.utf8String, encodeUtf8(text));
}
