import { encodeHex } from '@nv2/core';
import { formatNameGo } from '@nv2/x509';
import { type Cause, causeOf, isUndecided } from '../cause.ts';
import { CHECKS, type CheckName } from '../policy/levels.ts';
import type { StoredEnvelope } from '../signatures/fetch.ts';
import { thumbprint } from '../signatures/manifest.ts';
import { CHECKS_AFTER_INTEGRITY, checkClaims, checkIntegrity } from './checks.ts';
import type { IntactSignature, JudgeContext } from './context.ts';
import { type CheckOutcome, formatTime, type SignatureVerdict } from './verdict.ts';

/** The verdict on one signature, and the error behind it where there is one. */
export interface Judgement {
  readonly verdict: SignatureVerdict;
  readonly error?: unknown;
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
  const run: Run = { context, stored, now, nowText: formatTime(now), outcomes: [] };
  for (const check of CHECKS) await makeCheck(check, run);
  if (run.ended === undefined) {
    const failure = await failureOf(() => checkClaims(intact(run), context));
    if (failure !== undefined) run.ended = failure;
  }
  const { ended, signature } = run;
  return {
    verdict: {
      digest,
      ...verdictOn(ended),
      mediaType: stored.mediaType,
      ...(signature !== undefined && (await summarizeSignature(signature))),
      checks: run.outcomes,
    },
    ...(ended !== undefined && { error: ended.error }),
  };
}

/** The judgement on a signature that could not even be fetched, or is none. */
export function judgeUnfetched(digest: string, error: unknown): Judgement {
  return { verdict: { digest, ...verdictOn({ error }), checks: [] }, error };
}

interface Failure {
  readonly error: unknown;
}

interface Run {
  readonly context: JudgeContext;
  readonly stored: StoredEnvelope;
  readonly now: number;
  readonly nowText: string;
  readonly outcomes: CheckOutcome[];
  signature?: IntactSignature;
  /** Set once an enforced check failed. */
  ended?: Failure;
}

async function makeCheck(check: CheckName, run: Run): Promise<void> {
  const action = run.context.actions[check];
  const base = { check, action, judgedAt: judgedAt(check, run) };
  if (run.ended !== undefined || action === 'skip') {
    run.outcomes.push({ ...base, result: 'skipped' });
    return;
  }
  const failure = await failureOf(() => runCheck(check, run));
  if (failure === undefined) {
    run.outcomes.push({ ...base, result: 'passed' });
    return;
  }
  const result = isUndecided(failure.error) ? 'undecided' : 'failed';
  run.outcomes.push({ ...base, result, cause: causeOf(failure.error) });
  // integrity is enforced by every level that has checks at all
  if (action === 'enforce' || check === 'integrity') run.ended = failure;
}

async function runCheck(check: CheckName, run: Run): Promise<void> {
  if (check === 'integrity') {
    run.signature = await checkIntegrity(run.stored, run.context, run.now);
    return;
  }
  await CHECKS_AFTER_INTEGRITY[check](intact(run), run.context);
}

function intact(run: Run): IntactSignature {
  if (run.signature === undefined) throw new Error('a check was made before integrity');
  return run.signature;
}

// A signing authority vouches for the time of signing; everything else is judged as of now.
function judgedAt(check: CheckName, { signature, nowText }: Run): string {
  if (check !== 'authenticTimestamp' || signature === undefined) return nowText;
  const { scheme, signingTime } = signature.envelope.content;
  return scheme === 'notary.x509.signingAuthority' ? formatTime(signingTime) : nowText;
}

async function failureOf(act: () => Promise<void> | void): Promise<Failure | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function verdictOn(failure: Failure | undefined): {
  readonly outcome: SignatureVerdict['outcome'];
  readonly cause?: Cause;
} {
  if (failure === undefined) return { outcome: 'valid' };
  const outcome = isUndecided(failure.error) ? 'undecided' : 'invalid';
  return { outcome, cause: causeOf(failure.error) };
}

async function summarizeSignature(signature: IntactSignature): Promise<Partial<SignatureVerdict>> {
  const { content, chain } = signature.envelope;
  const { leaf } = chain;
  return {
    signer: {
      subject: signature.subject,
      issuer: formatNameGo(leaf.issuer),
      serialNumber: encodeHex(leaf.serialNumber),
      notBefore: formatTime(leaf.notBefore),
      notAfter: formatTime(leaf.notAfter),
      thumbprint: await thumbprint(leaf.der),
      algorithm: content.algorithm.name,
    },
    signingScheme: content.scheme,
    signingTime: formatTime(content.signingTime),
    ...(content.expiry !== undefined && { expiry: formatTime(content.expiry) }),
    userMetadata: signature.payload.targetArtifact.annotations ?? {},
  };
}
