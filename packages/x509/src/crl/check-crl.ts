import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { EXTENSION } from '../oids.ts';
import { assertBelievable, assertIssuer, type Updates } from './believe.ts';
import { type CertificateRevocationList, findCrlEntries } from './crl.ts';
import {
  ALL_REASONS,
  assertAboutCertificates,
  assertInScope,
  coveredReasons,
} from './crl-scope.ts';
import { assertBase, assertDeltaOf } from './delta.ts';
import type { ReasonFlag } from './distribution-point.ts';
import {
  type GoodFinding,
  isForGood,
  orUnknown,
  type RevocationFinding,
  type RevocationQuestion,
  type RevokedFinding,
  type UnknownFinding,
} from './finding.ts';
import { judgeEntries } from './judge-entries.ts';

/** A base CRL and, where there is one, the delta CRL that completes it. */
export interface CrlBundle {
  readonly base: CertificateRevocationList;
  readonly delta?: CertificateRevocationList | undefined;
}

/** What {@link checkCrl} looks at. */
export interface CheckCrlOptions extends RevocationQuestion, CrlBundle {}

/** What {@link checkCrls} looks at. */
export interface CheckCrlsOptions extends RevocationQuestion {
  /** One bundle for each URL of the certificate's distribution points. */
  readonly bundles: readonly CrlBundle[];
}

/**
 * What one CRL, with its delta, says about a certificate (RFC 5280 6.3.3). `good` and `revoked` are
 * signed by the very issuer, fresh at `at`, understood whole, and about certificates such as this
 * one. Everything else is `unknown` with an X509Error of a code `X509_CRL_*`,
 * `X509_ALGORITHM_UNSUPPORTED` or `X509_KEY_UNSUPPORTED`.
 *
 * A CRL for some reasons only can say `revoked`, but not `good`. Entries that remove a hold, and
 * invalidity dates after the signing, are judged as the Notary Project's reference does.
 */
export function checkCrl(options: CheckCrlOptions): Promise<RevocationFinding> {
  return checkCrls({ ...options, bundles: [options] });
}

/**
 * What the CRLs of all distribution points of a certificate say together: `revoked` if one does,
 * else `unknown` if one is unusable or there is none, else `good`, if together they cover all
 * reasons. Each is judged as by {@link checkCrl}.
 */
export async function checkCrls(options: CheckCrlsOptions): Promise<RevocationFinding> {
  return (await judgeCrls(options)).finding;
}

/**
 * What one list, base or delta, says by itself of a certificate that it lists: `revoked`, or `unknown`
 * for why it is not to be believed; undefined where it says no such thing. Its scope and its base do not
 * matter: they tell what it means that a certificate is not listed, while a number that is listed is the
 * number of one certificate of the issuer (RFC 5280 4.1.2.2), and of a delta it is looked for before the
 * base (6.3.3 (i)).
 */
export async function checkListed(
  crl: CertificateRevocationList,
  question: RevocationQuestion,
): Promise<RevokedFinding | UnknownFinding | undefined> {
  const { certificate, signingTime } = question;
  const entries = findCrlEntries(crl, certificate.serialNumber);
  if (entries.length === 0) return undefined;
  const finding = await orUnknown(async () => {
    assertAboutCertificates(crl);
    const updates = await assertBelievable(crl, question);
    assertIssuer(question);
    return judgeEntries(entries, { ...updates, signingTime });
  });
  return finding.status === 'good' ? undefined : finding;
}

/** What {@link judgeCrls} gives. */
export interface CrlsJudgement {
  /** As of {@link checkCrls}. */
  readonly finding: RevocationFinding;
  /** Of the bundles, those that are usable each by itself, for whatever reasons. */
  readonly usable: ReadonlySet<CrlBundle>;
}

/** What {@link checkCrls} says, and of which bundles it may be said. */
export async function judgeCrls(options: CheckCrlsOptions): Promise<CrlsJudgement> {
  const { bundles } = options;
  const findings = await Promise.all(
    bundles.map((bundle) => orUnknown(() => checkBundle(bundle, options))),
  );
  const revoked = findings.find((finding) => finding.status === 'revoked');
  const unknown = findings.find((finding) => finding.status === 'unknown');
  return {
    finding: revoked ?? unknown ?? (await orUnknown(async () => combine(options, findings))),
    usable: new Set(bundles.filter((_, index) => findings[index]?.status !== 'unknown')),
  };
}

/** RFC 5280 6.3.3 (l): good only if no reason is left that nobody answered for. */
function combine(
  { bundles, certificate }: CheckCrlsOptions,
  findings: readonly RevocationFinding[],
): RevocationFinding {
  const covered = new Set<ReasonFlag>(
    bundles.flatMap(({ base }) => coveredReasons(base, certificate)),
  );
  const missing = ALL_REASONS.filter((reason) => !covered.has(reason));
  if (missing.length > 0)
    throw new X509Error(
      'X509_CRL_REASONS',
      `CRLs do not say whether the certificate is revoked for ${missing.join(', ')}`,
      { data: { missing } },
    );
  const good = findings.filter((finding) => finding.status === 'good');
  return good.reduce((a, b) => (b.nextUpdate < a.nextUpdate ? b : a));
}

/** The steps of RFC 5280 6.3.3 for one distribution point. */
async function checkBundle(
  { base, delta }: CrlBundle,
  question: RevocationQuestion,
): Promise<GoodFinding | RevokedFinding> {
  const { certificate } = question;
  const { serialNumber } = certificate;
  assertIssuer(question);
  const baseUpdates = await assertUsable(base, question);
  assertBase(base);
  const { signingTime } = question;
  if (delta === undefined) {
    const finding = judgeEntries(findCrlEntries(base, serialNumber), {
      ...baseUpdates,
      signingTime,
    });
    // a delta may end a hold, and undoes no other revocation
    if (!isForGood(finding)) assertDeltaNotAnnounced(base, certificate);
    return finding;
  }
  const deltaUpdates = await assertUsable(delta, question);
  assertDeltaOf(delta, base);
  const entries = [base, delta].flatMap((crl) => findCrlEntries(crl, serialNumber));
  const updates = {
    thisUpdate: Math.min(baseUpdates.thisUpdate, deltaUpdates.thisUpdate),
    nextUpdate: Math.min(baseUpdates.nextUpdate, deltaUpdates.nextUpdate),
  };
  return judgeEntries(entries, { ...updates, signingTime });
}

/** That one list, base or delta, may be used for the certificate at all. */
async function assertUsable(
  crl: CertificateRevocationList,
  question: RevocationQuestion,
): Promise<Updates> {
  const updates = await assertBelievable(crl, question);
  assertInScope(crl, question.certificate);
  return updates;
}

/**
 * RFC 5280 5.2.6: a freshest CRL extension says that there is a delta. One that only the certificate
 * points to may have another scope, and is not looked for.
 */
function assertDeltaNotAnnounced(base: CertificateRevocationList, certificate: Certificate): void {
  if (base.freshestCrls.length > 0)
    throw new X509Error('X509_CRL_DELTA_MISSING', 'CRL announces a delta CRL, which is missing', {
      data: { urls: base.freshestCrls },
    });
  if (certificate.extensions.has(EXTENSION.freshestCrl))
    throw new X509Error(
      'X509_CRL_DELTA_MISSING',
      'certificate announces a delta CRL and the CRL does not, which is not supported',
    );
}
