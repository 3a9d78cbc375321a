import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { CRL_ENTRY_EXTENSION, CRL_EXTENSION } from '../oids.ts';
import type { CertificateRevocationList } from './crl.ts';
import {
  type DistributionPoint,
  distributionPoints,
  REASON_FLAGS,
  type ReasonFlag,
} from './distribution-point.ts';

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
  if (point.names !== undefined && pointsOf(crl, certificate).length === 0)
    refuseScope('it is bound to a distribution point that the certificate does not name');
  const isAuthority = certificate.basicConstraints?.ca === true;
  // (b) (2) (ii) to (iv)
  if (point.onlyContainsUserCerts && isAuthority) refuseScope('it leaves out CA certificates');
  if (point.onlyContainsCaCerts && !isAuthority) refuseScope('it is about CA certificates only');
  assertAboutCertificates(crl);
}

/**
 * That a CRL is not about attribute certificates, whose numbers are others.
 * @throws X509Error `X509_CRL_SCOPE`
 */
export function assertAboutCertificates(crl: CertificateRevocationList): void {
  if (crl.issuingDistributionPoint?.onlyContainsAttributeCerts)
    refuseScope('it is about attribute certificates only');
}

function refuseScope(reason: string): never {
  throw new X509Error('X509_CRL_SCOPE', `CRL does not cover the certificate: ${reason}`);
}

/** The reasons that certificates on hold or revoked can have: what CRLs must cover together. */
export const ALL_REASONS: readonly ReasonFlag[] = REASON_FLAGS.filter((flag) => flag !== 'unused');

/**
 * For which reasons a CRL lists a certificate (RFC 5280 6.3.3 (d)): those that both it and the
 * distribution points of the certificate that it belongs to are about.
 */
export function coveredReasons(
  crl: CertificateRevocationList,
  certificate: Certificate,
): readonly ReasonFlag[] {
  const some = crl.issuingDistributionPoint?.onlySomeReasons ?? ALL_REASONS;
  const points = pointsOf(crl, certificate);
  return some.filter((reason) =>
    points.some(({ reasons = ALL_REASONS }) => reasons.includes(reason)),
  );
}

/** A CRL that is bound to no distribution point may belong to any. */
function pointsOf(
  crl: CertificateRevocationList,
  certificate: Certificate,
): readonly DistributionPoint[] {
  const points = distributionPoints(certificate);
  const bound = crl.issuingDistributionPoint?.names;
  if (bound === undefined) return points;
  return points.filter(({ names }) => names.some((name) => bound.includes(name)));
}
