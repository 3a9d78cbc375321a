import { type CryptoPort, equalBytes } from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { sha1 } from '../sha1.ts';
import { HASH_WORDS } from '../signature-algorithm.ts';
import { attributeValue } from './attribute.ts';
import { CMS_ATTRIBUTE } from './oids.ts';
import type { SignedData } from './signed-data.ts';
import type { SignerIdentifier } from './signer-info.ts';
import { type CertificateIdentifier, readSigningCertificate } from './signing-certificate.ts';

/** Why no certificate is the signer's; `data.reason` of `X509_CMS_SIGNER`. */
export type SignerProblem =
  /** No certificate of the message has the issuer and serial number, or the key identifier. */
  | 'not-found'
  /** The signed attribute names no certificate at all. */
  | 'unnamed'
  /** The signed attribute has the hash of another certificate. */
  | 'hash'
  /** The signed attribute has the issuer or serial number of another certificate. */
  | 'issuer-serial';

/**
 * The certificate of the signer. The message's certificates are a bag that anyone may add to: of
 * those that fit the signer's identifier (not signed), it is the one whose hash is in the signed
 * attribute (RFC 5035 4), whatever else is in the bag and in whatever order. SigningCertificateV2 is
 * required; the attribute of version 1, which has only SHA-1, must agree where it is there as well.
 * @throws X509Error `X509_CMS_SIGNER` (data `reason`), `X509_CMS_ATTRIBUTE`, `X509_CMS_INVALID`,
 *   `X509_ALGORITHM_UNSUPPORTED`
 */
export async function findSigner(message: SignedData, crypto: CryptoPort): Promise<Certificate> {
  const { signer, certificates } = message;
  const required = attributeValue(signer, CMS_ATTRIBUTE.signingCertificateV2);
  const identifier = firstIdentifier(required, 2);
  const candidates = certificates.filter((certificate) => identifies(signer.sid, certificate));
  if (candidates.length === 0)
    refuse('not-found', 'the certificate that the signer is named by is not in the message');
  const found = await withHash(candidates, identifier, crypto);
  assertIssuerSerial(found, identifier);
  if (signer.signedAttributes?.values.has(CMS_ATTRIBUTE.signingCertificate) !== true) return found;
  const older = firstIdentifier(attributeValue(signer, CMS_ATTRIBUTE.signingCertificate), 1);
  if (!equalBytes(sha1(found.der), older.certificateHash))
    refuse('hash', 'the two signing certificate attributes name different certificates');
  assertIssuerSerial(found, older);
  return found;
}

function refuse(reason: SignerProblem, message: string): never {
  throw new X509Error('X509_CMS_SIGNER', `CMS: ${message}`, { data: { reason } });
}

function firstIdentifier(value: Uint8Array, version: 1 | 2): CertificateIdentifier {
  return (
    readSigningCertificate(value, version) ??
    refuse('unnamed', 'the signing certificate attribute names no certificate')
  );
}

/** RFC 5652 5.3. */
function identifies(sid: SignerIdentifier, certificate: Certificate): boolean {
  if (sid.kind === 'key-id')
    return (
      certificate.subjectKeyId !== undefined && equalBytes(certificate.subjectKeyId, sid.keyId)
    );
  return (
    equalBytes(certificate.issuer.der, sid.issuer.der) &&
    equalBytes(certificate.serialNumber, sid.serialNumber)
  );
}

async function withHash(
  candidates: readonly Certificate[],
  { hash, hashAlgorithm, certificateHash }: CertificateIdentifier,
  crypto: CryptoPort,
): Promise<Certificate> {
  if (hash === undefined || hash === 'sha1')
    throw new X509Error(
      'X509_ALGORITHM_UNSUPPORTED',
      `CMS: expected a certificate hash with ${HASH_WORDS}, got algorithm ${hashAlgorithm}`,
      { data: { part: 'certificate-hash', algorithm: hashAlgorithm } },
    );
  for (const candidate of candidates)
    if (equalBytes(await crypto.digest(hash, candidate.der), certificateHash)) return candidate;
  return refuse('hash', 'the signing certificate attribute has the hash of another certificate');
}

/** RFC 5035 4: where it is given, it is the issuer's name alone and the serial number. */
function assertIssuerSerial(
  certificate: Certificate,
  { issuerSerial }: CertificateIdentifier,
): void {
  if (issuerSerial === undefined) return;
  const [issuer, ...others] = issuerSerial.issuer;
  if (
    issuer?.kind !== 'directory' ||
    others.length > 0 ||
    !equalBytes(issuer.name.der, certificate.issuer.der) ||
    !equalBytes(issuerSerial.serialNumber, certificate.serialNumber)
  )
    refuse('issuer-serial', 'the signing certificate attribute names another certificate');
}
