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

/**
 * Reads a Name, RFC 5280 4.1.2.4. One that is among the `known` is not read again; another is added
 * to them. A chain has most of its names twice.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readName(reader: DerReader, known: Name[] = []): Name {
  const start = reader.position;
  const sequence = reader.enter(TAG.sequence);
  const der = reader.bytes.subarray(start, reader.position);
  const same = known.find((name) => equalBytes(name.der, der));
  if (same !== undefined) return same;
  const rdns: RelativeDistinguishedName[] = [];
  while (!sequence.done) rdns.push(readRdn(sequence));
  const name = { der, rdns };
  known.push(name);
  return name;
}

function readRdn(sequence: DerReader): RelativeDistinguishedName {
  const set = sequence.enter(TAG.set);
  const rdn: AttributeTypeAndValue[] = [];
  let previous: Uint8Array | undefined;
  do {
    const start = set.position;
    const attribute = set.enter(TAG.sequence);
    const element = set.bytes.subarray(start, set.position);
    // X.690 11.6: the elements of a SET OF are in ascending order.
    if (previous !== undefined && compareBytes(previous, element) > 0)
      malformed('the attributes of a name are not in DER order');
    previous = element;
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
