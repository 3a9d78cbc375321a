import { compareBytes, type JsonValue } from '@nv2/core';
import { EnvelopeError } from './errors.ts';

/**
 * JSON text exactly as Go's `encoding/json` writes it: compact, members in the order of the map,
 * and `<`, `>`, `&`, U+2028 and U+2029 escaped. Signed bytes are compared with the reference's, so
 * the choice of escapes is part of the format.
 * @throws EnvelopeError `ENVELOPE_REQUEST_INVALID` for a lone surrogate or a number that is not finite
 */
export function encodeGoJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return encodeString(value);
  if (typeof value === 'number') return encodeNumber(value);
  if (isJsonArray(value)) return `[${value.map(encodeGoJson).join(',')}]`;
  const members = [...value].map(([key, item]) => `${encodeString(key)}:${encodeGoJson(item)}`);
  return `{${members.join(',')}}`;
}

// a lone surrogate does not stop the sorting; encodeGoJson then refuses it
const utf8 = new TextEncoder();

/** The value with the members of every object in the order Go gives to map keys: by UTF-8 bytes. */
export function sortMembers(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (isJsonArray(value)) return value.map(sortMembers);
  const members = [...value].map(([key, item]) => [key, sortMembers(item)] as const);
  return new Map(members.sort(([a], [b]) => compareBytes(utf8.encode(a), utf8.encode(b))));
}

function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const HTML_OR_LINE_SEPARATOR = /[<>&\u2028\u2029]/g;

function encodeString(text: string): string {
  if (LONE_SURROGATE.test(text)) {
    throw new EnvelopeError('ENVELOPE_REQUEST_INVALID', 'text to be signed has a lone surrogate');
  }
  return JSON.stringify(text).replace(
    HTML_OR_LINE_SEPARATOR,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new EnvelopeError('ENVELOPE_REQUEST_INVALID', `${value} has no form in JSON`);
  }
  // Go prints the sign of a negative zero, ECMAScript does not
  return Object.is(value, -0) ? '-0' : String(value);
}
