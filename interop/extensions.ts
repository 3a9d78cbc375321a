// The extensions of certificates that code signing chains are judged by, as DER.
import { contextTag, derBitString, derEncode, derInteger, derOid, TAG } from '@nv2/core';
import type { Extension } from './certificates.ts';

/** Bits of the key usage extension (RFC 5280 4.2.1.3). */
export const KEY_USAGE = {
  digitalSignature: 0,
  contentCommitment: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

/** Purposes of extended key usage (RFC 5280 4.2.1.12). */
export const PURPOSE = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  unknown: '1.3.6.1.4.1.99999.1',
} as const;

/** Key usage with these bits, trailing zero bits left out (X.690 11.2.2). */
export function keyUsage(
  bits: readonly (keyof typeof KEY_USAGE)[],
  critical: boolean = true,
): Extension {
  const numbers = bits.map((bit) => KEY_USAGE[bit]);
  const last = Math.max(-1, ...numbers);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const number of numbers)
    bytes[number >> 3] = (bytes[number >> 3] ?? 0) | (0x80 >> (number & 7));
  const unused = last < 0 ? 0 : 7 - (last & 7);
  return { oid: '2.5.29.15', critical, value: derBitString(bytes, unused) };
}

/** Extended key usage with these purposes (dotted OIDs). */
export function extendedKeyUsage(
  purposes: readonly string[],
  critical: boolean = false,
): Extension {
  return { oid: '2.5.29.37', critical, value: derEncode(TAG.sequence, ...purposes.map(derOid)) };
}

/** Basic constraints; `ca: false` is left out of the DER, being the default. */
export function basicConstraints(
  { ca, pathLength }: { readonly ca: boolean; readonly pathLength?: number },
  critical: boolean = true,
): Extension {
  const flag = ca ? [derEncode(TAG.boolean, Uint8Array.of(0xff))] : [];
  const limit = pathLength === undefined ? [] : [derInteger(pathLength)];
  return { oid: '2.5.29.19', critical, value: derEncode(TAG.sequence, ...flag, ...limit) };
}

/** Subject key identifier. */
export function subjectKeyIdentifier(id: Uint8Array): Extension {
  return { oid: '2.5.29.14', value: derEncode(TAG.octetString, id) };
}

/** Authority key identifier with the key identifier alone. */
export function authorityKeyIdentifier(id: Uint8Array): Extension {
  return { oid: '2.5.29.35', value: derEncode(TAG.sequence, derEncode(contextTag(0, false), id)) };
}

/** Name constraints with one subtree, given as a GeneralName in DER. */
export function nameConstraints(kind: 'permitted' | 'excluded', base: Uint8Array): Extension {
  const subtree = derEncode(TAG.sequence, base);
  const list = derEncode(contextTag(kind === 'permitted' ? 0 : 1, true), subtree);
  return { oid: '2.5.29.30', critical: true, value: derEncode(TAG.sequence, list) };
}

/** Subject alternative names, given as GeneralNames in DER. */
export function subjectAlternativeName(
  names: readonly Uint8Array[],
  critical: boolean = false,
): Extension {
  return { oid: '2.5.29.17', critical, value: derEncode(TAG.sequence, ...names) };
}
