import { type Certificate, formatNameGo } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { formatTime } from '../format-time.ts';
import type { RevocationTuning, SignatureStatement } from '../policy/statement.ts';
import type {
  CertificateStatus,
  RevocationChecker,
  RevocationTime,
} from '../revocation/finding.ts';
import type { JudgeContext } from './context.ts';
import { isPassedOver } from './soft-fail.ts';

/** What a chain is for: whoever signed, or whoever said when. */
type ChainPurpose = 'signing' | 'timestamping';

/**
 * Refuses a chain of which a certificate was revoked, or of which that cannot be found out; that
 * one was revoked counts before what is unknown of others. The root is not asked about: it is taken
 * out of trust by taking it out of the trust store.
 *
 * @returns what is unknown, and the statement lets pass
 * @throws NotaryError `NOTARY_CERTIFICATE_REVOKED`, `NOTARY_REVOCATION_UNKNOWN`,
 *   `NOTARY_REVOCATION_UNSUPPORTED` if nothing can be asked, `NOTARY_REVOCATION_OFFLINE_UNREADABLE`
 */
export async function assertNotRevoked(
  chain: readonly Certificate[],
  context: RevocationContext,
  asked: Pick<RevocationTime, 'at' | 'signingTime'> & {
    /** Whose chain it is. Default `signing`. */
    readonly purpose?: ChainPurpose;
  },
): Promise<readonly NotaryError[]> {
  const { purpose = 'signing', ...when } = asked;
  const { signal, statement } = context;
  const { timeoutSeconds, softFail } = statement?.revocation ?? {};
  const revocable = chain.slice(0, -1);
  const ask = checkerFor(revocable, context);
  if (ask === undefined) return [];
  const statuses = await ask(chain, {
    ...when,
    ...(signal && { signal }),
    ...(timeoutSeconds !== undefined && { timeoutMs: timeoutSeconds * 1000 }),
    ...(softFail && { exhaustive: true }),
  });
  const answers = revocable.map((certificate, index) => {
    const answer = statuses[index];
    if (answer === undefined) throw new TypeError('a certificate was not asked about');
    return { answer, certificate, where: { index, purpose } };
  });
  // anything but a clear yes is a no
  const bad = answers.filter(
    ({ answer: { status } }) => status !== 'good' && status !== 'not-revocable',
  );
  const refused =
    bad.find(({ answer }) => answer.status === 'revoked') ??
    bad.find(({ answer }) => !isPassedOver(answer, softFail));
  if (refused !== undefined) throw failure(refused, context);
  return bad.map((one) => failure(one, context));
}

interface RevocationContext
  extends Pick<JudgeContext, 'revocation' | 'offlineRevocation' | 'signal'> {
  /** By which it is asked. Absent: as by default. */
  readonly statement?: Pick<SignatureStatement, 'revocation'>;
}

/** Who answers: with kept answers of certificates that name no service, too. */
function checkerFor(
  revocable: readonly Certificate[],
  { revocation, offlineRevocation, statement }: RevocationContext,
): RevocationChecker | undefined {
  const offline = statement?.revocation?.offline;
  if (offline !== undefined) {
    if (revocable.length === 0) return undefined;
    if (offlineRevocation === undefined) throw noDirectories(offline.directory);
    return offlineRevocation.checker(offline);
  }
  const named = revocable.findIndex(
    // "doesn't include information OCSP or CRLs": considered valid
    (one) => one.ocspResponders.length > 0 || one.crlDistributionPoints.length > 0,
  );
  const first = revocable[named];
  if (first === undefined) return undefined;
  if (revocation === undefined) throw unsupported(first, named);
  return revocation;
}

function failure(
  {
    answer,
    certificate,
    where,
  }: {
    readonly answer: CertificateStatus;
    readonly certificate: Certificate;
    readonly where: { readonly index: number; readonly purpose: ChainPurpose };
  },
  { statement }: RevocationContext,
): NotaryError {
  const subject = formatNameGo(certificate.subject);
  if (answer.status !== 'revoked') {
    const questions = 'questions' in answer ? answer.questions : [];
    const reason = questions.map(({ cause }) => cause.message).join('; ');
    return new NotaryError(
      'NOTARY_REVOCATION_UNKNOWN',
      `whether the certificate "${subject}" was revoked could not be found out: ${reason}`,
      {
        data: { ...where, subject, questions },
        hint: hintFor(statement?.revocation),
      },
    );
  }
  const finding = answer.finding.status === 'revoked' ? answer.finding : undefined;
  const since =
    finding === undefined ? '' : ` at ${formatTime(finding.revokedAt)}, reason ${finding.reason}`;
  return new NotaryError(
    'NOTARY_CERTIFICATE_REVOKED',
    `the certificate "${subject}" was revoked${since}`,
    {
      data: { ...where, subject, finding },
      hint: 'have the artifact signed again by a valid signer',
    },
  );
}

function hintFor({ offline }: RevocationTuning = {}): string {
  const directory = offline?.directory;
  return directory === undefined
    ? 'make sure that the revocation services of the certificate can be reached, and try again'
    : `put a new CRL of the issuer, or an OCSP response about the certificate, in ${directory}`;
}

function noDirectories(directory: string): NotaryError {
  return new NotaryError(
    'NOTARY_REVOCATION_UNSUPPORTED',
    `answers about revocation are kept in ${directory}, and there is no way to read them here`,
    { data: { directory }, hint: 'verify it where that directory can be read' },
  );
}

function unsupported(certificate: Certificate, index: number): NotaryError {
  const subject = formatNameGo(certificate.subject);
  const { ocspResponders, crlDistributionPoints } = certificate;
  return new NotaryError(
    'NOTARY_REVOCATION_UNSUPPORTED',
    `the certificate "${subject}" names a revocation service, and there is no way to ask one here`,
    {
      data: { index, subject, ocspResponders, crlDistributionPoints },
      hint: 'verify it where revocation services can be asked',
    },
  );
}
