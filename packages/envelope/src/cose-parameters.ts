import { type Header, headerError, isMediaType } from './attributes.ts';
import type { AttributeValue } from './content.ts';

/** Byte strings: kid, IV, Partial IV (RFC 9052 3.1). */
const BYTE_STRINGS = [4, 5, 6];
/** Countersignatures, old and new (RFC 8152 4.5, RFC 9338 3). */
const COUNTERSIGNATURES = [7, 9, 11, 12];
const IV = 5;
const PARTIAL_IV = 6;
/** RFC 9596 2. */
const TYPE = 16;

/** What the tags of times hold (RFC 8949 3.4.1, 3.4.2). */
const TIME_TAGS: ReadonlyMap<number, 'string' | 'number'> = new Map([
  [0, 'string'],
  [1, 'number'],
]);

/**
 * The parameters that RFC 9052 and its companions define, and the Notary Project does not use, are
 * of their type: readers of COSE refuse others. Countersignatures are refused altogether, since
 * nothing here checks them. Tags that mean a time hold one, and the unprotected header has none.
 * @throws EnvelopeError `ENVELOPE_HEADER_INVALID`
 */
export function assertCommonParameters(protectedHeader: Header, unprotected: Header): void {
  assertTypes(protectedHeader);
  assertTypes(unprotected);
  for (const [label, value] of protectedHeader) {
    if (!tagsOf(value).every(holdsTime)) throw headerError(label, 'has a time tag without a time');
  }
  for (const [label, value] of unprotected) {
    if (tagsOf(value).length > 0) throw headerError(label, 'is unprotected and has a tag');
  }
  const has = (label: number): boolean => protectedHeader.has(label) || unprotected.has(label);
  if (has(IV) && has(PARTIAL_IV)) throw headerError(PARTIAL_IV, 'is present beside an IV');
}

function assertTypes(header: Header): void {
  for (const label of BYTE_STRINGS) {
    if (header.has(label) && !(header.get(label) instanceof Uint8Array)) {
      throw headerError(label, 'must be a byte string');
    }
  }
  for (const label of COUNTERSIGNATURES) {
    if (header.has(label)) throw headerError(label, 'is a countersignature, which is not allowed');
  }
  if (header.has(TYPE) && !isType(header.get(TYPE))) {
    throw headerError(TYPE, 'must be a media type or an unsigned integer');
  }
}

function isType(value: unknown): boolean {
  return isMediaType(value) || (typeof value === 'number' && Number.isInteger(value) && value >= 0);
}

interface Tagged {
  readonly tag: number;
  readonly value: AttributeValue;
}

function holdsTime({ tag, value }: Tagged): boolean {
  const type = TIME_TAGS.get(tag);
  return type === undefined || typeof value === type;
}

/** Every tagged value within a value; its depth is bounded by the decoder. */
function tagsOf(value: AttributeValue, found: Tagged[] = []): readonly Tagged[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return found;
  if ('tag' in value) {
    found.push(value);
    return tagsOf(value.value, found);
  }
  if (value instanceof Map) for (const key of value.keys()) tagsOf(key, found);
  for (const item of value.values()) tagsOf(item, found);
  return found;
}
