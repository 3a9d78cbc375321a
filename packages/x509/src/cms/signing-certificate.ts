import { DerReader, type HashName, TAG } from '@nv2/core';
import { type GeneralName, readGeneralNames } from '../general-name.ts';
import { readDigestAlgorithm } from '../signature-algorithm.ts';
import { decodingAs } from './decoding.ts';
import { readSerialNumber } from './signer-info.ts';

/** What a signing certificate attribute says of the signer's certificate. */
export interface CertificateIdentifier {
  /** Undefined for a hash that nv2 does not use; `sha1` in the attribute of version 1 alone. */
  readonly hash: HashName | 'sha1' | undefined;
  /** Dotted object identifier of the hash; undefined where the attribute leaves it to the default. */
  readonly hashAlgorithm: string | undefined;
  readonly certificateHash: Uint8Array;
  readonly issuerSerial:
    | { readonly issuer: readonly GeneralName[]; readonly serialNumber: Uint8Array }
    | undefined;
}

/** The attribute's name for messages: version 1 is of RFC 2634 5.4, version 2 of RFC 5035 3. */
export type SigningCertificateVersion = 1 | 2;

/**
 * The first identifier of a SigningCertificate or SigningCertificateV2, which is the signer's; those
 * that may follow are about its chain and not looked into. Undefined where the list is empty.
 * @throws X509Error `X509_CMS_INVALID`
 */
export function readSigningCertificate(
  value: Uint8Array,
  version: SigningCertificateVersion,
): CertificateIdentifier | undefined {
  return decodingAs('X509_CMS_INVALID', 'signing certificate attribute', () => {
    const outer = new DerReader(value);
    const fields = outer.enter(TAG.sequence);
    outer.finish();
    const list = fields.enter(TAG.sequence);
    // policies: what they ask of a path is for those who set policies, RFC 5035 3.
    fields.enterOptional(TAG.sequence);
    fields.finish();
    return list.done ? undefined : readIdentifier(list.enter(TAG.sequence), version);
  });
}

/** RFC 5035 4, 5. */
function readIdentifier(
  fields: DerReader,
  version: SigningCertificateVersion,
): CertificateIdentifier {
  const named =
    version === 2 && fields.peek() === TAG.sequence ? readDigestAlgorithm(fields) : undefined;
  const byDefault = version === 1 ? 'sha1' : 'sha256';
  const certificateHash = fields.content(TAG.octetString);
  const issuerSerial = fields.enterOptional(TAG.sequence);
  fields.finish();
  return {
    hash: named === undefined ? byDefault : named.hash,
    hashAlgorithm: named?.algorithm,
    certificateHash,
    issuerSerial: issuerSerial && readIssuerSerial(issuerSerial),
  };
}

function readIssuerSerial(fields: DerReader): NonNullable<CertificateIdentifier['issuerSerial']> {
  const issuer = readGeneralNames(fields.enter(TAG.sequence));
  const serialNumber = readSerialNumber(fields);
  fields.finish();
  return { issuer, serialNumber };
}
