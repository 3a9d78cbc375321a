// Certificates with keys in files, as the openssl command takes them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCrypto, encodePem, type KeySpec } from '@nv2/core';
import type { TestAuthority } from '@nv2/testkit';
import {
  ATTRIBUTE,
  type Certificate,
  type CertificateTemplate,
  EXTENDED_KEY_USAGE,
  issueCertificate,
} from '@nv2/x509';

/** A certificate with its key, also in PKCS#8. */
export interface Member extends TestAuthority {
  readonly pkcs8: Uint8Array;
}

/** What a certificate is to be. */
export interface IssueOptions {
  /** Default P-256. */
  readonly spec?: KeySpec;
  /** Default: the certificate is self-signed. */
  readonly issuer?: TestAuthority;
  readonly changes: Partial<CertificateTemplate>;
  /** Default: a new key. */
  readonly keys?: Pick<Member, 'key' | 'pkcs8'>;
}

const DAY = 24 * 60 * 60 * 1000;

/** What makes a certificate that of a CA. */
export const CA: Partial<CertificateTemplate> = {
  basicConstraints: { ca: true },
  keyUsage: ['keyCertSign', 'cRLSign'],
};

/** What makes a certificate that of a delegated OCSP responder (RFC 6960 4.2.2.2). */
export const RESPONDER: Partial<CertificateTemplate> = {
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [EXTENDED_KEY_USAGE.ocspSigning],
};

/** Issues a certificate, valid from 100 days before to 100 days after now unless changed. */
export async function issue(commonName: string, options: IssueOptions): Promise<Member> {
  const { spec = { kind: 'ec', curve: 'P-256' }, issuer, changes } = options;
  const { key, pkcs8 } = options.keys ?? (await defaultCrypto.generateKey(spec));
  const template: CertificateTemplate = {
    subject: [
      { type: ATTRIBUTE.country, value: 'US' },
      { type: ATTRIBUTE.stateOrProvince, value: 'WA' },
      { type: ATTRIBUTE.organization, value: 'Notary' },
      { type: ATTRIBUTE.commonName, value: commonName },
    ],
    notBefore: Date.now() - 100 * DAY,
    notAfter: Date.now() + 100 * DAY,
    spki: key.spki,
    ...changes,
  };
  return { key, pkcs8, certificate: await issueCertificate(template, issuer ?? { key }) };
}

/** Writes `<name>.pem` and `<name>.key`. */
export async function writeMember(dir: string, name: string, member: Member): Promise<void> {
  await writePem(join(dir, `${name}.pem`), member.certificate);
  await writeFile(join(dir, `${name}.key`), encodePem('PRIVATE KEY', member.pkcs8));
}

/** Writes certificates in PEM, in this order. */
export async function writePem(path: string, ...chain: readonly Certificate[]): Promise<void> {
  await writeFile(path, chain.map(({ der }) => encodePem('CERTIFICATE', der)).join(''));
}
