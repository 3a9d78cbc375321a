import { equalBytes } from '@nv2/core';
import { X509Error } from '../errors.ts';
import type { CertificateRevocationList } from './crl.ts';

/**
 * That a list is complete by itself.
 * @throws X509Error `X509_CRL_DELTA`
 */
export function assertBase(base: CertificateRevocationList): void {
  if (base.baseCrlNumber !== undefined)
    refuse('expected a base CRL, got a delta CRL', { baseCrlNumber: base.baseCrlNumber });
}

/**
 * That a delta CRL completes this base CRL (RFC 5280 5.2.4, 6.3.3 (c)): same issuer, key and scope,
 * made for this base or an earlier one, and later than it.
 * @throws X509Error `X509_CRL_DELTA`
 */
export function assertDeltaOf(
  delta: CertificateRevocationList,
  base: CertificateRevocationList,
): void {
  const { crlNumber, baseCrlNumber } = delta;
  if (baseCrlNumber === undefined) refuse('the delta CRL has no delta CRL indicator');
  if (crlNumber === undefined || base.crlNumber === undefined)
    refuse('a base CRL and its delta CRL must have CRL numbers');
  // (c) (1)
  if (!equalBytes(delta.issuer.der, base.issuer.der)) refuse('base and delta differ in issuer');
  // (c) (2)
  const [scope, baseScope] = [delta, base].map((crl) => crl.issuingDistributionPoint?.der);
  if (!sameOctets(scope, baseScope)) refuse('base and delta differ in scope');
  // (c) (3)
  if (!sameOctets(delta.authorityKeyId?.keyId, base.authorityKeyId?.keyId))
    refuse('base and delta differ in the key they name');
  if (baseCrlNumber > base.crlNumber)
    refuse(`the delta CRL is for base ${baseCrlNumber} or later, got base ${base.crlNumber}`, {
      baseCrlNumber,
      crlNumber: base.crlNumber,
    });
  if (crlNumber <= base.crlNumber)
    refuse(`the delta CRL number ${crlNumber} is not greater than that of base ${base.crlNumber}`, {
      deltaCrlNumber: crlNumber,
      crlNumber: base.crlNumber,
    });
}

function sameOctets(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

function refuse(reason: string, numbers: Readonly<Record<string, bigint>> = {}): never {
  // as text, which JSON can carry
  const data = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, `${value}`]));
  throw new X509Error('X509_CRL_DELTA', `delta CRL: ${reason}`, { data });
}
