import { type Certificate, formatNameGo } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import type { CertificateStatus, RevocationTime } from '../revocation/finding.ts';
import type { JudgeContext } from './context.ts';
import { formatTime } from './verdict.ts';

/** What a chain is for: whoever signed, or whoever said when. */
type ChainPurpose = 'signing' | 'timestamping';

/**
 * Refuses a chain of which a certificate was revoked, or of which that cannot be found out; that
 * one was revoked counts before what is unknown of others. The root is not asked about: it is taken
 * out of trust by taking it out of the trust store.
 *
 * @throws NotaryError `NOTARY_CERTIFICATE_REVOKED`, `NOTARY_REVOCATION_UNKNOWN`,
 *   `NOTARY_REVOCATION_UNSUPPORTED` if nothing can be asked
 */
export async function assertNotRevoked(
  chain: readonly Certificate[],
  { revocation, signal }: Pick<JudgeContext, 'revocation' | 'signal'>,
  asked: Omit<RevocationTime, 'signal'> & {
    /** Whose chain it is. Default `signing`. */
    readonly purpose?: ChainPurpose;
  },
): Promise<void> {
  const { purpose = 'signing', ...when } = asked;
  const revocable = chain.slice(0, -1);
  const named = revocable.findIndex(
    // "doesn't include information OCSP or CRLs": considered valid
    (one) => one.ocspResponders.length > 0 || one.crlDistributionPoints.length > 0,
  );
  const first = revocable[named];
  if (first === undefined) return;
  if (revocation === undefined) throw unsupported(first, named);
  const statuses = await revocation(chain, { ...when, ...(signal && { signal }) });
  const answers = revocable.map((certificate, index) => {
    const answer = statuses[index];
    if (answer === undefined) throw new TypeError('a certificate was not asked about');
    return { answer, certificate, where: { index, purpose } };
  });
  const refused =
    answers.find(({ answer: { status } }) => status === 'revoked') ??
    // anything but a clear yes is a no
    answers.find(({ answer: { status } }) => status !== 'good' && status !== 'not-revocable');
  if (refused !== undefined) throw failure(refused);
}

function failure({
  answer,
  certificate,
  where,
}: {
  readonly answer: CertificateStatus;
  readonly certificate: Certificate;
  readonly where: { readonly index: number; readonly purpose: ChainPurpose };
}): NotaryError {
  const subject = formatNameGo(certificate.subject);
  if (answer.status !== 'revoked') {
    const questions = 'questions' in answer ? answer.questions : [];
    const reason = questions.map(({ cause }) => cause.message).join('; ');
    return new NotaryError(
      'NOTARY_REVOCATION_UNKNOWN',
      `whether the certificate "${subject}" was revoked could not be found out: ${reason}`,
      {
        data: { ...where, subject, questions },
        hint: 'make sure that the revocation services of the certificate can be reached, and try again',
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

function unsupported(certificate: Certificate, index: number): NotaryError {
  const subject = formatNameGo(certificate.subject);
  const { ocspResponders, crlDistributionPoints } = certificate;
  return new NotaryError(
    'NOTARY_REVOCATION_UNSUPPORTED',
    `the certificate "${subject}" names a revocation service, and there is no way to ask one here`,
    { data: { index, subject, ocspResponders, crlDistributionPoints } },
  );
}
