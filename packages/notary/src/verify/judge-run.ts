import { type Cause, causeOf, isUndecided } from '../cause.ts';
import { formatTime } from '../format-time.ts';
import type { StoredEnvelope } from '../signatures/fetch.ts';
import type { KnownSigners } from './authenticity.ts';
import type { IntactSignature, JudgeContext } from './context.ts';
import type { VerificationPlugin } from './plugin.ts';
import type { CheckOutcome } from './verdict.ts';

/** What was thrown. */
export interface Failure {
  readonly error: unknown;
}

/** The judging of one signature, while it goes on. */
export interface Run {
  readonly context: JudgeContext;
  readonly stored: StoredEnvelope;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly nowText: string;
  readonly outcomes: CheckOutcome[];
  /** What checks passed over, since the statement lets it pass. */
  readonly warnings: Map<CheckOutcome['check'], readonly Cause[]>;
  /** Set once integrity holds. */
  signature?: IntactSignature;
  /** Set once authenticity holds: the signers whose signature it may be. */
  known?: KnownSigners;
  /** Set once a plugin takes part. */
  plugin?: VerificationPlugin;
  /** Set once an enforced check failed. */
  ended?: Failure;
}

/** The signature, for whatever comes after integrity. */
export function intact(run: Run): IntactSignature {
  if (run.signature === undefined) throw new Error('a check was made before integrity');
  return run.signature;
}

/** What an act throws. */
export async function failureOf(act: () => Promise<void> | void): Promise<Failure | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/**
 * Notes what a check found, and ends the signature if it failed and is enforced.
 * @param by the plugin, where it is that which answered
 */
export function record(
  run: Run,
  check: CheckOutcome['check'],
  found: Failure | 'not made' | undefined,
  by: Pick<CheckOutcome, 'plugin' | 'processedAttributes'> = {},
): void {
  // a signature that asks for a plugin is not to be judged without it, whatever the level
  const action = check === 'extension' ? 'enforce' : run.context.actions[check];
  const base = { check, action, judgedAt: judgedAt(check, run), ...by };
  if (found === 'not made') {
    run.outcomes.push({ ...base, result: 'skipped' });
    return;
  }
  if (found === undefined) {
    const warnings = run.warnings.get(check);
    run.outcomes.push({ ...base, result: 'passed', ...(warnings && { warnings }) });
    return;
  }
  const result = isUndecided(found.error) ? 'undecided' : 'failed';
  run.outcomes.push({ ...base, result, cause: causeOf(found.error) });
  // integrity is enforced by every level that has checks at all
  if (action === 'enforce' || check === 'integrity') run.ended = found;
}

// An authority vouches for the time of signing; everything else is judged as of now.
function judgedAt(check: CheckOutcome['check'], { signature, nowText }: Run): string {
  if (check !== 'authenticTimestamp' || signature === undefined) return nowText;
  const { scheme, signingTime } = signature.envelope.content;
  const at = scheme === 'notary.x509.signingAuthority' ? signingTime : signature.timestampedAt;
  return at === undefined ? nowText : formatTime(at);
}
