import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { CRL_ENTRY_EXTENSION, CRL_EXTENSION } from '../oids.ts';
import type { CertificateRevocationList } from './crl.ts';
import { distributionPointNames, REASON_FLAGS, type ReasonFlag } from './distribution-point.ts';

/** Critical extensions of a CRL that are acted on. */
const PROCESSED: readonly string[] = [
  CRL_EXTENSION.issuingDistributionPoint,
  CRL_EXTENSION.deltaCrlIndicator,
];

/**
 * That nothing critical in a CRL or any of its entries is left unread (RFC 5280 5.2, 5.3), and that
 * all its entries are about certificates of the one who issued it.
 * @throws X509Error `X509_CRL_EXTENSION`, `X509_CRL_INDIRECT`
 */
export function assertUnderstood(crl: CertificateRevocationList): void {
  for (const [oid, { critical }] of crl.extensions)
    if (critical && !PROCESSED.includes(oid)) refuseExtension(oid, 'CRL');
  const inEntry = crl.unsupportedEntryExtension;
  if (
    crl.issuingDistributionPoint?.indirectCrl ||
    inEntry === CRL_ENTRY_EXTENSION.certificateIssuer
  )
    throw new X509Error(
      'X509_CRL_INDIRECT',
      'CRL: expected one for the certificates of its issuer alone, got an indirect one',
    );
  if (inEntry !== undefined) refuseExtension(inEntry, 'CRL entry');
}

function refuseExtension(oid: string, where: string): never {
  throw new X509Error(
    'X509_CRL_EXTENSION',
    `${where}: critical extension ${oid} is not understood`,
    { data: { extension: oid } },
  );
}

/**
 * That a certificate is one of those that a CRL of its issuer is about (RFC 5280 6.3.3 (b) (2)).
 * @throws X509Error `X509_CRL_SCOPE`
 */
export function assertInScope(crl: CertificateRevocationList, certificate: Certificate): void {
  const point = crl.issuingDistributionPoint;
  if (point === undefined) return;
  // (b) (2) (i)
  if (point.names !== undefined) {
    const names = distributionPointNames(certificate);
    if (!point.names.some((name) => names.has(name)))
      refuseScope('it is bound to a distribution point that the certificate does not name');
  }
  const isAuthority = certificate.basicConstraints?.ca === true;
  // (b) (2) (ii) to (iv)
  if (point.onlyContainsUserCerts && isAuthority) refuseScope('it leaves out CA certificates');
  if (point.onlyContainsCaCerts && !isAuthority) refuseScope('it is about CA certificates only');
  if (point.onlyContainsAttributeCerts) refuseScope('it is about attribute certificates only');
}

function refuseScope(reason: string): never {
  throw new X509Error('X509_CRL_SCOPE', `CRL does not cover the certificate: ${reason}`);
}

/** The reasons that certificates on hold or revoked can have: what CRLs must cover together. */
export const ALL_REASONS: readonly ReasonFlag[] = REASON_FLAGS.filter((flag) => flag !== 'unused');

/** For which reasons a CRL lists certificates (RFC 5280 6.3.3 (d)). */
export function coveredReasons(crl: CertificateRevocationList): readonly ReasonFlag[] {
  return crl.issuingDistributionPoint?.onlySomeReasons ?? ALL_REASONS;
}
