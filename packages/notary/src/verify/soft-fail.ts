import type { SoftFailure } from '../policy/statement.ts';
import type { CertificateStatus, UndecidedQuestion } from '../revocation/finding.ts';

/**
 * Whether a statement lets pass that nothing is known of a certificate: if each service that was asked
 * gave no answer at all, in a way that the statement names of it. One answer that cannot be believed, or
 * says that the certificate is unknown, is enough for a no.
 */
export function isPassedOver(
  status: CertificateStatus,
  softFail: readonly SoftFailure[] = [],
): boolean {
  if (status.status !== 'unknown' || status.questions.length === 0) return false;
  return status.questions.every((question) => softFail.some((rule) => names(rule, question)));
}

function names(
  { hosts, methods, failures }: SoftFailure,
  { method, url, failure }: UndecidedQuestion,
): boolean {
  if (failure === undefined || !failures.has(failure) || !methods.has(method)) return false;
  return hosts === 'any' || (URL.canParse(url) && hosts.has(new URL(url).host));
}
