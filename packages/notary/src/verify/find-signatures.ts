import { quoted } from '@nv2/core';
import type { Descriptor } from '@nv2/oci';
import { causeOf } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import type { FetchResult } from '../signatures/fetch.ts';
import type { Findings } from './conclude.ts';
import type { JudgeContext } from './context.ts';
import { type Judgement, judgeSignature, judgeUnfetched, reportJudgement } from './judge.ts';
import { countSigners, type Vote } from './quorum.ts';
import type { SignatureVerdict } from './verdict.ts';

/** After so many signatures could not be fetched, the source is taken to be out of order. */
export const MAX_UNAVAILABLE_SIGNATURES = 3;

interface Search {
  readonly context: JudgeContext;
  readonly subject: Descriptor;
  readonly findings: Findings;
  /** Of how many at most there are results. */
  readonly maxSignatures: number;
  /** Judge every signature, also those after which there were enough. */
  readonly examineAll?: boolean | undefined;
}

/**
 * Judges signatures in the order of the list until those that are valid are enough for the
 * statement. Returns then; everything else is thrown.
 */
export async function findEnoughSignatures(
  results: AsyncIterable<FetchResult>,
  search: Search,
): Promise<void> {
  const { context, findings, examineAll } = search;
  const tally: Tally = { valid: 0, votes: [], possible: [], doubts: [], errors: [] };
  for await (const fetched of results) {
    context.log?.({ event: 'signature', descriptor: fetched.descriptor });
    const judgement = await judge(fetched, context);
    findings.signatures.push(judgement.verdict);
    reportJudgement(judgement, context);
    count(judgement, context, tally);
    if (examineAll !== true && isEnough(tally, context)) return;
    if (isSourceFailing(findings.signatures)) break;
  }
  if (!isEnough(tally, context)) throw notEnough(search, tally);
}

/** What the signatures so far amount to. */
interface Tally {
  valid: number;
  readonly votes: Vote[];
  /** What there would be if whatever is undecided came out well. */
  readonly possible: Vote[];
  /** What keeps it from being decided. */
  readonly doubts: unknown[];
  /** Of those that are not valid. */
  readonly errors: unknown[];
}

function judge(fetched: FetchResult, context: JudgeContext): Judgement | Promise<Judgement> {
  const { digest } = fetched.descriptor;
  return 'error' in fetched
    ? judgeUnfetched(digest, fetched.error)
    : judgeSignature(digest, fetched.envelope, context);
}

function count(
  { verdict, vote, error }: Judgement,
  { statement }: JudgeContext,
  tally: Tally,
): void {
  const { digest, outcome } = verdict;
  if (outcome === 'valid') {
    tally.valid += 1;
    if (vote !== undefined) tally.votes.push(vote);
  } else {
    tally.errors.push(error);
  }
  if (outcome === 'invalid') return;
  if (outcome === 'undecided') tally.doubts.push(error);
  tally.doubts.push(...(vote?.undecided ?? []).map((one) => one.error));
  // of what could not even be fetched, neither the key nor the signer is known
  const { key, signers, undecided } = vote ?? {
    key: digest,
    signers: [],
    undecided: statement.signers,
  };
  tally.possible.push({ key, signers: [...signers, ...undecided.map(({ name }) => name)] });
}

// Where authenticity is only logged, a valid signature may be anyone's; the threshold is 1 then.
function isEnough({ valid, votes }: Tally, { statement, actions }: JudgeContext): boolean {
  if (valid === 0) return false;
  if (actions.authenticity !== 'enforce') return statement.threshold <= 1;
  return countSigners(votes) >= statement.threshold;
}

function isSourceFailing(signatures: readonly SignatureVerdict[]): boolean {
  const unfetched = signatures.filter((s) => s.outcome === 'undecided' && s.checks.length === 0);
  return unfetched.length >= MAX_UNAVAILABLE_SIGNATURES;
}

function notEnough(
  { subject, findings, maxSignatures, context }: Search,
  found: Tally,
): NotaryError {
  const { signatures } = findings;
  const data = { digest: subject.digest, signatures: signatures.length };
  if (signatures.length === 0) {
    return new NotaryError('NOTARY_SIGNATURE_NOT_FOUND', `${subject.digest} has no signature`, {
      data,
      hint: 'have the artifact signed, and make sure that its signature is in the same repository',
    });
  }
  const { what, missing } = shortfall(subject, context, found.votes);
  if (mightBeEnough(found, context) || isSourceFailing(signatures)) {
    const [cause] = found.doubts;
    const { message, hint } = causeOf(cause);
    return new NotaryError(
      'NOTARY_VERIFICATION_UNDECIDED',
      `${what}, and not all could be decided: ${message}`,
      { data, cause, hint },
    );
  }
  const [cause] = found.errors;
  const because = cause === undefined ? '' : `: ${causeOf(cause).message}`;
  if (signatures.length >= maxSignatures) {
    return new NotaryError(
      'NOTARY_SIGNATURE_LIMIT',
      found.votes.length === 0
        ? `the first ${maxSignatures} signatures of ${subject.digest} are not valid${because}`
        : `among the first ${maxSignatures} signatures, ${what}${because}`,
      { data: { ...data, maxSignatures }, cause },
    );
  }
  if (missing !== undefined) {
    return new NotaryError('NOTARY_SIGNERS_MISSING', `${what}${because}`, {
      data: { ...data, ...missing },
      cause,
      hint: 'have the artifact signed by more of the signers, each with a key of its own',
    });
  }
  return new NotaryError('NOTARY_VERIFICATION_FAILED', `${what}${because}`, { data, cause });
}

function mightBeEnough({ doubts, possible }: Tally, { statement, actions }: JudgeContext): boolean {
  if (doubts.length === 0) return false;
  return actions.authenticity !== 'enforce' || countSigners(possible) >= statement.threshold;
}

/** What there is too little of: valid signatures at all, or signers. */
function shortfall(
  { digest }: Descriptor,
  { statement }: JudgeContext,
  votes: readonly Vote[],
): { readonly what: string; readonly missing?: Readonly<Record<string, unknown>> } {
  if (votes.length === 0) return { what: `no signature of ${digest} is valid` };
  const { threshold, signers } = statement;
  const count = countSigners(votes);
  const absent = signers
    .map(({ name }) => name)
    .filter((name) => !votes.some((vote) => vote.signers.includes(name)));
  const why = absent.length > 0 ? `${absent.join(', ')} did not` : 'one key counts once';
  return {
    what: `the statement ${quoted(statement.name)} asks for ${threshold} of the signers ${signers.map(({ name }) => name).join(', ')}, and ${count} signed ${digest} (${why})`,
    missing: { statement: statement.name, threshold, count, absent },
  };
}
