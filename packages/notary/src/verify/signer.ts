import { encodeHex } from '@nv2/core';
import { type Certificate, formatNameGo } from '@nv2/x509';
import { formatTime } from '../format-time.ts';
import { type SubjectAttributes, subjectAttributes } from '../policy/subject-dn.ts';
import { thumbprint } from '../signatures/thumbprint.ts';
import type { SignerSummary } from './verdict.ts';

/** What a verdict says of who signed, as far as the certificate says it. */
type SignerFacts = Omit<SignerSummary, 'algorithm'>;

/** Who signed, by the certificate. */
export interface Signer {
  /** Pins are compared with the public key. */
  readonly facts: SignerFacts;
  /** Trusted identities are compared with these; undefined: none but `*` matches. */
  readonly attributes: SubjectAttributes | undefined;
}

/** Who verifies much meets the same signers again, whose certificates are then the same objects. */
const KNOWN = new WeakMap<Certificate, Signer>();

/** What a signing certificate says. */
export async function signerOf(leaf: Certificate): Promise<Signer> {
  const known = KNOWN.get(leaf);
  if (known !== undefined) return known;
  const subject = formatNameGo(leaf.subject);
  const facts = {
    subject,
    issuer: formatNameGo(leaf.issuer),
    serialNumber: encodeHex(leaf.serialNumber),
    notBefore: formatTime(leaf.notBefore),
    notAfter: formatTime(leaf.notAfter),
    thumbprint: await thumbprint(leaf.der),
    publicKey: await thumbprint(leaf.spki),
  };
  const signer = { facts, attributes: subjectAttributes(subject) };
  KNOWN.set(leaf, signer);
  return signer;
}
