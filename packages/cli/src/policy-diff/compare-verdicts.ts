import type { Cause, CheckOutcome, SignatureVerdict, Verdict } from '@nv2/notary';

/** A verdict in short. */
export interface VerdictSummary {
  readonly outcome: Verdict['outcome'];
  /** Name of the statement that decided. */
  readonly statement?: string;
  readonly cause?: Cause;
}

/** What came out otherwise of one signature: of a check or, without one, of all. */
export interface Difference {
  /** Digest of the signature. */
  readonly signature: string;
  readonly check?: CheckOutcome['check'];
  readonly before: CheckOutcome['result'] | SignatureVerdict['outcome'];
  readonly after: CheckOutcome['result'] | SignatureVerdict['outcome'];
  /** Of the one that did not pass. */
  readonly cause?: Cause;
}

/** Two verdicts on the same artifact, and how they differ. */
export interface VerdictChange {
  /** `undecided`: neither could be reached, so nothing is known. */
  readonly change: 'none' | 'verdict' | 'undecided';
  readonly before: VerdictSummary;
  readonly after: VerdictSummary;
  /** Empty where the verdict is the same. */
  readonly differences: readonly Difference[];
}

/** Compares the verdicts of two policies. */
export function compareVerdicts(before: Verdict, after: Verdict): VerdictChange {
  const isUndecided = before.outcome === 'unavailable' && after.outcome === 'unavailable';
  const isSame = before.outcome === after.outcome;
  return {
    change: isUndecided ? 'undecided' : isSame ? 'none' : 'verdict',
    before: summaryOf(before),
    after: summaryOf(after),
    differences: isSame ? [] : differencesOf(before, after),
  };
}

function summaryOf({ outcome, statement, cause }: Verdict): VerdictSummary {
  return {
    outcome,
    ...(statement !== undefined && { statement: statement.name }),
    ...(cause !== undefined && { cause }),
  };
}

// One policy may have had enough before it came to a signature that the other one looked at.
function differencesOf(before: Verdict, after: Verdict): readonly Difference[] {
  return before.signatures.flatMap((old) => {
    const now = after.signatures.find(({ digest }) => digest === old.digest);
    return now === undefined ? [] : signatureDifferences(old, now);
  });
}

function signatureDifferences(old: SignatureVerdict, now: SignatureVerdict): readonly Difference[] {
  const ofChecks = old.checks.flatMap(({ check, result, cause }) => {
    const other = now.checks.find((one) => one.check === check);
    if (other === undefined || other.result === result) return [];
    return [differing(old.digest, { result, cause }, other)];
  });
  // what was skipped after a check that failed says nothing of its own
  const telling = ofChecks.filter(
    ({ before, after }) => before !== 'skipped' && after !== 'skipped',
  );
  if (telling.length > 0) return telling;
  if (ofChecks.length > 0 && old.outcome === now.outcome) return ofChecks;
  if (old.outcome === now.outcome) return [];
  const [was, is] = [old, now].map(({ outcome: result, cause }) => ({ result, cause }));
  if (was === undefined || is === undefined) return [];
  return [differing(old.digest, was, is)];
}

interface Found {
  readonly result: Difference['before'];
  readonly cause?: Cause | undefined;
}

function differing(
  signature: string,
  before: Found,
  after: Found & { readonly check?: CheckOutcome['check'] },
): Difference {
  const cause = after.cause ?? before.cause;
  return {
    signature,
    ...(after.check !== undefined && { check: after.check }),
    before: before.result,
    after: after.result,
    ...(cause !== undefined && { cause }),
  };
}
