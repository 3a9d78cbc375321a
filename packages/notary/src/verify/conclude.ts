import { Nv2Error } from '@nv2/core';
import type { Descriptor, Platform } from '@nv2/oci';
import { formatPlatform } from '@nv2/oci/platform';
import { type Cause, causeOf, isUndecided } from '../cause.ts';
import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import { formatTime } from '../format-time.ts';
import { type JudgeOptions, systemClock } from './context.ts';
import {
  type SignatureVerdict,
  type StatementSummary,
  type Verdict,
  type Verification,
  VerificationError,
} from './verdict.ts';

/** What was asked, and the clock that dates the verdict. */
export interface Inquiry {
  /** As the user gave it. */
  readonly reference: string;
  readonly now: () => Date;
}

/** The inquiry about an artifact. */
export function inquiryAbout(
  { reference }: { readonly reference: string },
  { now = systemClock }: Pick<JudgeOptions, 'now'>,
): Inquiry {
  return { reference, now };
}

/** What is known so far; becomes the verdict whatever happens. */
export interface Findings {
  /** See {@link Verdict.platform}. */
  platform?: string;
  subject?: Descriptor;
  statement?: StatementSummary;
  readonly signatures: SignatureVerdict[];
}

/** Notes what an index says that a manifest runs on. Where it says nothing, that is not known. */
export function notePlatform(findings: Findings, platform: Platform | undefined): void {
  if (platform === undefined || platform.os === '' || platform.architecture === '') return;
  findings.platform = formatPlatform(platform);
}

/** The proof. Only a verification that found every reason for a yes calls this. */
export function proven(
  inquiry: Inquiry,
  decided: {
    readonly findings: Findings;
    readonly subject: Descriptor;
    readonly outcome: 'verified' | 'skipped';
  },
): Verification {
  const { findings, subject, outcome } = decided;
  const judgedAt = formatTime(inquiry.now().getTime());
  const made: Omit<Verification, keyof Verification & symbol> = {
    verdict: { ...found(inquiry, findings), judgedAt, subject, outcome },
  };
  return made as Verification;
}

/** Errors about the question, which has to be put in another way: nothing was judged. */
const NO_QUESTION: ReadonlySet<string> = new Set([
  'OCI_PLATFORM_NOT_FOUND',
  'NOTARY_SCOPE_INVALID',
  'NOTARY_POLICY_STATEMENT_NOT_FOUND',
]);

/** Whether an error says that nothing was asked that a trust policy could answer: there is no verdict. */
export function isNoQuestion(error: unknown): error is Nv2Error {
  return error instanceof Nv2Error && NO_QUESTION.has(error.code);
}

/** The error of a verification that did not end in a yes, whatever was thrown; never throws. */
export function refused(
  inquiry: Inquiry,
  failed: { readonly findings: Findings; readonly error: unknown },
): VerificationError {
  const { findings, error } = failed;
  const known = error instanceof NotaryError;
  const code: NotaryErrorCode = known ? error.code : 'NOTARY_UNEXPECTED';
  const cause: Cause = causeOf(error);
  const undecided = isUndecided(error) || code === 'NOTARY_ARTIFACT_NOT_FOUND';
  const outcome = undecided ? 'unavailable' : 'denied';
  const judgedAt = timeOfRefusal(inquiry);
  const verdict: Verdict = { ...found(inquiry, findings), judgedAt, outcome, cause };
  return new VerificationError(code, cause.message, { verdict, cause: error });
}

function found(
  { reference }: Inquiry,
  { platform, ...findings }: Findings,
): Findings & Pick<Verdict, 'reference'> {
  return { reference, ...(platform !== undefined && { platform }), ...findings };
}

/** A clock that fails may be what is wrong; that it is a no does not hang on when. */
function timeOfRefusal({ now }: Inquiry): string {
  try {
    return formatTime(now().getTime());
  } catch {
    return formatTime(Date.now());
  }
}
