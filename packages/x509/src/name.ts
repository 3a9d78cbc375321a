import { compareBytes, type DerReader, equalBytes, TAG } from '@nv2/core';
import { directoryText } from './directory-string.ts';
import { malformed } from './errors.ts';

/** One attribute of a distinguished name, RFC 5280 4.1.2.4. */
export interface AttributeTypeAndValue {
  /** Dotted object identifier. */
  readonly type: string;
  readonly value: string;
  /** The value as encoded, the whole element. */
  readonly der: Uint8Array;
}

/** A relative distinguished name: at least one attribute, in the order of the encoding. */
export type RelativeDistinguishedName = readonly AttributeTypeAndValue[];

/** A distinguished name in the order of the encoding (most significant first). */
export interface Name {
  /** The Name as encoded. Names of a chain are compared by these octets. */
  readonly der: Uint8Array;
  readonly rdns: readonly RelativeDistinguishedName[];
}

/** Attributes of one name, in all its parts; those in use have up to ten. */
const MAX_NAME_ATTRIBUTES = 128;

/** Octets of one name, which stands in messages; those in use have some hundred. */
const MAX_NAME_BYTES = 16 * 1024;

/**
 * Reads a Name, RFC 5280 4.1.2.4, of at most 128 attributes and 16 KiB. One that is among the `known` is not read again; another is added
 * to them. A chain has most of its names twice.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readName(reader: DerReader, known: Name[] = []): Name {
  const start = reader.position;
  const sequence = reader.enter(TAG.sequence);
  const der = reader.bytes.subarray(start, reader.position);
  if (der.length > MAX_NAME_BYTES)
    malformed(`expected a name of at most ${MAX_NAME_BYTES} octets, got ${der.length}`);
  const same = known.find((name) => equalBytes(name.der, der));
  if (same !== undefined) return same;
  const rdns: RelativeDistinguishedName[] = [];
  let left = MAX_NAME_ATTRIBUTES;
  while (!sequence.done) {
    const rdn = readRdn(sequence, left);
    left -= rdn.length;
    rdns.push(rdn);
  }
  const name = { der, rdns };
  known.push(name);
  return name;
}

function readRdn(sequence: DerReader, left: number): RelativeDistinguishedName {
  const set = sequence.enter(TAG.set);
  const rdn: AttributeTypeAndValue[] = [];
  let previousStart = set.position;
  do {
    if (rdn.length === left)
      malformed(`expected at most ${MAX_NAME_ATTRIBUTES} attributes in a name`);
    const start = set.position;
    const attribute = set.enter(TAG.sequence);
    // X.690 11.6: the elements of a SET OF are in ascending order.
    if (start > previousStart && isDescending(set, previousStart, start))
      malformed('the attributes of a name are not in DER order');
    previousStart = start;
    const type = attribute.oid();
    const tag = attribute.peek();
    const valueStart = attribute.position;
    const content = attribute.content(tag);
    const der = attribute.bytes.subarray(valueStart, attribute.position);
    attribute.finish();
    rdn.push({ type, value: directoryText(content, tag), der });
  } while (!set.done);
  return rdn;
}

/** Whether the element at `first` comes after the one that follows it, which was read last. */
function isDescending({ bytes, position }: DerReader, first: number, second: number): boolean {
  return compareBytes(bytes.subarray(first, second), bytes.subarray(second, position)) > 0;
}
