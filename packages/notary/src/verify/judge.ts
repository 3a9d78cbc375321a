import { type Cause, causeOf, isUndecided } from '../cause.ts';
import { formatTime } from '../format-time.ts';
import { CHECKS, type CheckName } from '../policy/levels.ts';
import type { StoredEnvelope } from '../signatures/fetch.ts';
import { signersOf } from './authenticity.ts';
import { checkClaims, checkIntegrity, FURTHER_CHECKS } from './checks.ts';
import { consultPlugin, enlistPlugin, isRevocationOfPlugin } from './consult-plugin.ts';
import type { IntactSignature, JudgeContext } from './context.ts';
import { type Failure, failureOf, intact, type Run, record } from './judge-run.ts';
import type { CastVote } from './quorum.ts';
import type { SignatureVerdict } from './verdict.ts';

/** The verdict on one signature, and the error behind it where there is one. */
export interface Judgement {
  readonly verdict: SignatureVerdict;
  readonly error?: unknown;
  /** What it counts for, if it is valid and authentic; if it is undecided, what it might count for. */
  readonly vote?: CastVote;
}

/**
 * Judges one signature by all checks, in order, up to the first enforced one that fails. Never
 * throws for what is wrong with the signature: that is in the verdict.
 */
export async function judgeSignature(
  digest: string,
  stored: StoredEnvelope,
  context: JudgeContext,
): Promise<Judgement> {
  const now = context.now().getTime();
  const run: Run = {
    context,
    stored,
    now,
    nowText: formatTime(now),
    outcomes: [],
    warnings: new Map(),
  };
  for (const check of CHECKS) {
    if (check === 'revocation' && isRevocationOfPlugin(run)) continue;
    await makeCheck(check, run);
    if (check === 'authenticity') await enlistPlugin(run);
  }
  await consultPlugin(run);
  await judgeClaims(run);
  const { ended, signature } = run;
  const vote = voteOf(run);
  const isCounted = ended === undefined && vote !== undefined && vote.signers.length > 0;
  return {
    verdict: {
      digest,
      ...verdictOn(ended),
      ...(isCounted && { countsFor: vote.signers }),
      mediaType: stored.mediaType,
      ...(signature !== undefined && summarizeSignature(signature)),
      checks: run.outcomes,
    },
    ...(ended !== undefined && { error: ended.error }),
    ...(vote !== undefined && { vote }),
  };
}

/**
 * A signature about something else does not count, also where it could not be decided whether it would
 * have: anyone can list one of a signer whose revocation, say, nobody can tell any more.
 */
async function judgeClaims(run: Run): Promise<void> {
  const { context, ended } = run;
  const isOpen = ended !== undefined && isUndecided(ended.error) && isOfSomebody(run);
  if (ended !== undefined && !isOpen) return;
  const failure = await failureOf(() => checkClaims(intact(run), context));
  if (failure === undefined || (isOpen && isUndecided(failure.error))) return;
  run.ended = failure;
}

// a trust store that cannot be used says nothing of any signature
function isOfSomebody({ outcomes, signature }: Run): boolean {
  const authenticity = outcomes.find(({ check }) => check === 'authenticity');
  const isRefused = authenticity?.action === 'enforce' && authenticity.result !== 'passed';
  return signature !== undefined && !isRefused;
}

function voteOf(run: Run): CastVote | undefined {
  if (run.known === undefined) return undefined;
  const { signers, undecided } = run.known;
  return {
    key: intact(run).signer.facts.publicKey,
    signers: signers.map(({ name }) => name),
    undecided: undecided.map(({ signer: { name }, error }) => ({ name, error })),
  };
}

/** The judgement on a signature that could not even be fetched, or is none. */
export function judgeUnfetched(digest: string, error: unknown): Judgement {
  return { verdict: { digest, ...verdictOn({ error }), checks: [] }, error };
}

/** Tells the log of a judgement, check by check. */
export function reportJudgement({ verdict }: Judgement, { log }: Pick<JudgeContext, 'log'>): void {
  for (const outcome of verdict.checks) log?.({ event: 'check', digest: verdict.digest, outcome });
  log?.({ event: 'judged', signature: verdict });
}

async function makeCheck(check: CheckName, run: Run): Promise<void> {
  const isMade = run.ended === undefined && run.context.actions[check] !== 'skip';
  record(run, check, isMade ? await failureOf(() => runCheck(check, run)) : 'not made');
}

async function runCheck(check: CheckName, run: Run): Promise<void> {
  if (check === 'integrity') {
    run.signature = await checkIntegrity(run.stored, run.context, run.now);
    return;
  }
  if (check === 'authenticity') {
    run.known = await signersOf(intact(run), run.context);
    const [doubt] = run.known.undecided;
    if (run.known.signers.length === 0 && doubt !== undefined) throw doubt.error;
    return;
  }
  const passedOver = await FURTHER_CHECKS[check](intact(run), run.context);
  if (passedOver.length > 0) run.warnings.set(check, passedOver.map(causeOf));
}

function verdictOn(failure: Failure | undefined): {
  readonly outcome: SignatureVerdict['outcome'];
  readonly cause?: Cause;
} {
  if (failure === undefined) return { outcome: 'valid' };
  const outcome = isUndecided(failure.error) ? 'undecided' : 'invalid';
  return { outcome, cause: causeOf(failure.error) };
}

function summarizeSignature(signature: IntactSignature): Partial<SignatureVerdict> {
  const { content } = signature.envelope;
  return {
    signer: { ...signature.signer.facts, algorithm: content.algorithm.name },
    signingScheme: content.scheme,
    signingTime: formatTime(content.signingTime),
    ...(content.expiry !== undefined && { expiry: formatTime(content.expiry) }),
    userMetadata: signature.payload.targetArtifact.annotations ?? {},
  };
}
