import { type Header, headerError, isMediaType } from './attributes.ts';

/** Byte strings: kid, IV, Partial IV (RFC 9052 3.1). */
const BYTE_STRINGS = [4, 5, 6];
/** Countersignatures, old and new (RFC 8152 4.5, RFC 9338 3). */
const COUNTERSIGNATURES = [7, 9, 11, 12];
const IV = 5;
const PARTIAL_IV = 6;
/** RFC 9596 2. */
const TYPE = 16;

/**
 * The parameters that RFC 9052 and its companions define, and the Notary Project does not use, are
 * of their type: readers of COSE refuse others. Countersignatures are refused altogether, since
 * nothing here checks them.
 * @throws EnvelopeError `ENVELOPE_HEADER_INVALID`
 */
export function assertCommonParameters(protectedHeader: Header, unprotected: Header): void {
  assertTypes(protectedHeader);
  assertTypes(unprotected);
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
