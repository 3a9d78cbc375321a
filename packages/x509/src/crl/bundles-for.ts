import { equalBytes } from '@nv2/core';
import { X509Error } from '../errors.ts';
import type { IssuedCertificate } from '../ocsp/cert-id.ts';
import type { CrlBundle } from './check-crl.ts';
import type { CertificateRevocationList } from './crl.ts';
import { assertInScope } from './crl-scope.ts';
import { assertDeltaOf } from './delta.ts';

/**
 * Of some lists, those that are about a certificate by what they say of themselves: each base CRL in
 * the name of its issuer and of its scope, alone and with each delta CRL that completes it. Nothing is
 * verified.
 */
export function bundlesFor(
  lists: Iterable<CertificateRevocationList>,
  { certificate, issuer }: IssuedCertificate,
): readonly CrlBundle[] {
  const about = [...lists].filter(
    (crl) =>
      equalBytes(crl.issuer.der, issuer.subject.der) &&
      holds(() => assertInScope(crl, certificate)),
  );
  const deltas = about.filter(({ baseCrlNumber }) => baseCrlNumber !== undefined);
  return about
    .filter(({ baseCrlNumber }) => baseCrlNumber === undefined)
    .flatMap((base) => [
      { base },
      ...deltas
        .filter((delta) => holds(() => assertDeltaOf(delta, base)))
        .map((delta) => ({ base, delta })),
    ]);
}

function holds(assertion: () => void): boolean {
  try {
    assertion();
    return true;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}
