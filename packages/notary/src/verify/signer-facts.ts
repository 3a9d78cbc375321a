import { encodeHex } from '@nv2/core';
import { type Certificate, formatNameGo } from '@nv2/x509';
import { thumbprint } from '../signatures/thumbprint.ts';
import { formatTime, type SignerSummary } from './verdict.ts';

/** What a verdict says of who signed, as far as the certificate says it. */
export type SignerFacts = Omit<SignerSummary, 'algorithm'>;

/** Who verifies much meets the same signers again, whose certificates are then the same objects. */
const KNOWN = new WeakMap<Certificate, SignerFacts>();

/** What there is to say of a signing certificate. */
export async function signerFacts(leaf: Certificate): Promise<SignerFacts> {
  const known = KNOWN.get(leaf);
  if (known !== undefined) return known;
  const facts = {
    subject: formatNameGo(leaf.subject),
    issuer: formatNameGo(leaf.issuer),
    serialNumber: encodeHex(leaf.serialNumber),
    notBefore: formatTime(leaf.notBefore),
    notAfter: formatTime(leaf.notAfter),
    thumbprint: await thumbprint(leaf.der),
    publicKey: await thumbprint(leaf.spki),
  };
  KNOWN.set(leaf, facts);
  return facts;
}
