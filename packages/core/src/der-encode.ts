import { TAG } from './der.ts';
import { oidContent } from './der-oid.ts';
import { CoreError } from './errors.ts';

function fail(reason: string): never {
  throw new CoreError('DER_INVALID', `DER: ${reason}`);
}

/**
 * Encodes one element: the identifier octet, a minimal length, the parts one after the other.
 * @throws CoreError `DER_INVALID` for a tag of several octets
 */
export function derEncode(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  if (!Number.isInteger(tag) || tag < 0 || tag > 0xff || (tag & 0x1f) === 0x1f)
    fail(`${tag} is not a tag of one octet`);
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthOctets: number[] = [];
  if (length < 0x80) lengthOctets.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256))
      lengthOctets.unshift(rest % 256);
    lengthOctets.unshift(0x80 | lengthOctets.length);
  }
  const out = new Uint8Array(1 + lengthOctets.length + length);
  out[0] = tag;
  out.set(lengthOctets, 1);
  let at = 1 + lengthOctets.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Encodes an OBJECT IDENTIFIER given in dotted form.
 * @throws CoreError `DER_INVALID` if it is not one, or longer than 64 octets
 */
export function derOid(dotted: string): Uint8Array {
  const content = oidContent(dotted);
  return derEncode(TAG.oid, content ?? fail(`${JSON.stringify(dotted)} is not an OID`));
}

/**
 * Encodes a non-negative INTEGER from a number, or from big-endian octets taken as unsigned.
 * @throws CoreError `DER_INVALID` for a number that is negative or not a safe integer
 */
export function derInteger(value: number | Uint8Array): Uint8Array {
  const octets = typeof value === 'number' ? octetsOf(value) : value;
  let skip = 0;
  while (skip < octets.length && octets[skip] === 0) skip++;
  const minimal = octets.subarray(skip);
  // A leading one bit would make it negative (X.690 8.3.3).
  return (minimal[0] ?? 0x80) >= 0x80
    ? derEncode(TAG.integer, Uint8Array.of(0), minimal)
    : derEncode(TAG.integer, minimal);
}

function octetsOf(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) fail(`${value} is not a non-negative integer`);
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.from(octets);
}

/**
 * Encodes a BIT STRING; `unused` bits of the last octet do not count.
 * @throws CoreError `DER_INVALID` if those bits are not zero (X.690 11.2.1)
 */
export function derBitString(bytes: Uint8Array, unused = 0): Uint8Array {
  const last = bytes.at(-1) ?? 0;
  if (!(unused >= 0 && unused <= (bytes.length > 0 ? 7 : 0)) || (last & ((1 << unused) - 1)) !== 0)
    fail(`${unused} unused bits that are not zero`);
  return derEncode(TAG.bitString, Uint8Array.of(unused), bytes);
}
