// Chains as plans: every field of every certificate may be changed before they are signed.
import type { KeyObject } from 'node:crypto';
import {
  type Attribute,
  buildCertificate,
  distinguishedName,
  type Extension,
  type KeyPair,
  type KeyType,
  makeKey,
  type Scheme,
  schemeFor,
  time,
} from '../certificates.ts';
import { basicConstraints, extendedKeyUsage, keyUsage, PURPOSE } from '../extensions.ts';

/** One certificate to be: all fields may be changed; what is undefined follows from the others. */
export interface CertificatePlan {
  version: number;
  serialNumber: Uint8Array;
  subject: readonly Attribute[];
  /** The next certificate's subject unless given; the last one's own. */
  issuer?: readonly Attribute[];
  notBefore: Uint8Array;
  notAfter: Uint8Array;
  key: KeyPair;
  /** SubjectPublicKeyInfo to write instead of that of the key. */
  spki?: Uint8Array;
  extensions: Extension[];
  /** What fits the signing key unless given. */
  scheme?: Scheme;
  outerScheme?: Scheme;
  /** The next certificate's key unless given; the last one's own. */
  signingKey?: KeyObject;
  signature?: (value: Uint8Array) => Uint8Array;
}

/** All certificates are valid on this day, which is the time that chains are judged at. */
export const NOON: Date = new Date('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;

/** A time so many hours from {@link NOON}, as it stands in a certificate. */
export function hoursFromNoon(hours: number): Uint8Array {
  return time(new Date(NOON.getTime() + hours * HOUR));
}

const keys = new Map<string, KeyPair>();

/** A key pair made once per type and name: RSA keys are slow to make. */
export function sharedKey(type: KeyType, name: string): KeyPair {
  const id = `${type} ${name}`;
  const known = keys.get(id);
  if (known !== undefined) return known;
  const made = makeKey(type);
  keys.set(id, made);
  return made;
}

/** A good chain, leaf first, of P-256 keys but for the leaf's; depth 1 is a self-signed leaf. */
export function goodPlan({
  depth = 3,
  leafKey = 'P-256',
  authorityKey = 'P-256',
}: {
  readonly depth?: number;
  readonly leafKey?: KeyType;
  readonly authorityKey?: KeyType;
} = {}): CertificatePlan[] {
  const leaf = certificatePlan('leaf', sharedKey(leafKey, 'leaf'), [
    keyUsage(['digitalSignature']),
    extendedKeyUsage([PURPOSE.codeSigning]),
  ]);
  const authorities = Array.from({ length: depth - 1 }, (_, i) =>
    certificatePlan(`authority ${i + 1}`, sharedKey(authorityKey, `authority ${i + 1}`), [
      basicConstraints({ ca: true, pathLength: i }),
      keyUsage(['keyCertSign', 'cRLSign']),
    ]),
  );
  return [leaf, ...authorities];
}

function certificatePlan(
  commonName: string,
  key: KeyPair,
  extensions: Extension[],
): CertificatePlan {
  return {
    version: 2,
    serialNumber: Uint8Array.of(0x4e, ...Buffer.from(commonName)),
    subject: distinguishedName(commonName),
    notBefore: hoursFromNoon(-24),
    notAfter: hoursFromNoon(24),
    key,
    extensions,
  };
}

/** Signs a plan's certificates: DER, leaf first. */
export function buildChain(plan: readonly CertificatePlan[]): Uint8Array[] {
  return plan.map((certificate, i) => {
    const parent = plan[i + 1] ?? certificate;
    const signingKey = certificate.signingKey ?? parent.key.privateKey;
    return buildCertificate({
      ...certificate,
      issuer: certificate.issuer ?? parent.subject,
      key: certificate.key.publicKey,
      scheme: certificate.scheme ?? schemeFor(signingKey),
      signingKey,
    });
  });
}
