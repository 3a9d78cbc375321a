import {
  type CryptoPort,
  DerReader,
  derEncode,
  derInteger,
  derOid,
  equalBytes,
  type HashName,
  TAG,
} from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { sha1 } from '../sha1.ts';
import { encodeDigestAlgorithm, readDigestAlgorithm } from '../signature-algorithm.ts';

/** What a CertID may be hashed with. SHA-1 only names the issuer here; no trust rests on it. */
export type CertIdHash = 'sha1' | HashName;

/** By which a request and its response name a certificate, RFC 6960 4.1.1. */
export interface CertId {
  /** Undefined for a hash that nv2 does not compute. */
  readonly hash: CertIdHash | undefined;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** As in `Certificate`: the magnitude. */
  readonly serialNumber: Uint8Array;
}

const SHA1 = '1.3.14.3.2.26';

/** A certificate and the one that issued it. */
export interface IssuedCertificate {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
}

/** The hash of the public key as RFC 6960 4.1.1 has it: of the BIT STRING without its first octet. */
export function keyBits({ spki }: Certificate): Uint8Array {
  const fields = new DerReader(spki).enter(TAG.sequence);
  fields.element();
  return fields.bitString().bytes;
}

/** The digest of some octets with a hash of {@link CertIdHash}. */
export function certIdDigest(
  hash: CertIdHash,
  data: Uint8Array,
  crypto: CryptoPort,
): Promise<Uint8Array> {
  return hash === 'sha1' ? Promise.resolve(sha1(data)) : crypto.digest(hash, data);
}

/** Encodes the CertID of a certificate (RFC 6960 4.1.1). */
export async function encodeCertId(
  { certificate, issuer }: IssuedCertificate,
  { hash, crypto }: { readonly hash: CertIdHash; readonly crypto: CryptoPort },
): Promise<Uint8Array> {
  return derEncode(
    TAG.sequence,
    hash === 'sha1'
      ? derEncode(TAG.sequence, derOid(SHA1), derEncode(TAG.null))
      : encodeDigestAlgorithm(hash),
    derEncode(TAG.octetString, await certIdDigest(hash, issuer.subject.der, crypto)),
    derEncode(TAG.octetString, await certIdDigest(hash, keyBits(issuer), crypto)),
    derInteger(certificate.serialNumber),
  );
}

/** Reads a CertID. @throws CoreError `DER_INVALID` */
export function readCertId(reader: DerReader): CertId {
  const fields = reader.enter(TAG.sequence);
  const { algorithm, hash } = readDigestAlgorithm(fields);
  const issuerNameHash = fields.content(TAG.octetString);
  const issuerKeyHash = fields.content(TAG.octetString);
  const number = fields.integer();
  fields.finish();
  // A negative number is kept as it is, with its leading one bit, and equals no certificate's.
  const serialNumber = number[0] === 0 && number.length > 1 ? number.subarray(1) : number;
  const isNegative = (number[0] ?? 0) >= 0x80;
  return {
    hash: isNegative ? undefined : algorithm === SHA1 ? 'sha1' : hash,
    issuerNameHash,
    issuerKeyHash,
    serialNumber,
  };
}

/** Whether a CertID names a certificate: by its number, and its issuer's name and key. */
export async function isCertIdOf(
  id: CertId,
  { certificate, issuer }: IssuedCertificate,
  crypto: CryptoPort,
): Promise<boolean> {
  if (id.hash === undefined || !equalBytes(id.serialNumber, certificate.serialNumber)) return false;
  const [name, key] = await Promise.all(
    [issuer.subject.der, keyBits(issuer)].map((data) =>
      certIdDigest(id.hash ?? 'sha256', data, crypto),
    ),
  );
  return (
    name !== undefined &&
    key !== undefined &&
    equalBytes(id.issuerNameHash, name) &&
    equalBytes(id.issuerKeyHash, key)
  );
}
