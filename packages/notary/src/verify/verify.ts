import { isDigest } from '@nv2/core';
import type { ArtifactSource, Descriptor, Subject } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import type { OciTrustPolicy, TrustStatement } from '../policy/oci-policy.ts';
import { selectStatement } from '../policy/select.ts';
import { fetchSignatures } from '../signatures/fetch.ts';
import { callOptions, signatureReferrers } from '../signatures/list.ts';
import { assertMaxSignatures, DEFAULT_MAX_SIGNATURES } from '../signatures/media-types.ts';
import { resolveArtifact } from '../signatures/resolve.ts';
import { type Findings, type Inquiry, proven, refused } from './conclude.ts';
import {
  type Anchors,
  anchorsOf,
  type JudgeContext,
  type JudgeOptions,
  judgeContext,
  readAhead,
  systemClock,
} from './context.ts';
import { type Judgement, judgeSignature, judgeUnfetched } from './judge.ts';
import { type SignatureVerdict, summarizeStatement, type Verification } from './verdict.ts';

/** What to verify. */
export interface VerifyTarget {
  /** As the user gave it; for the verdict only. */
  readonly reference: string;
  /** `registry/repository`: what the trust policy is asked about. */
  readonly scope: string;
  /** Tag or digest within the source. */
  readonly version: string;
}

/** By what to verify. */
export interface VerifyOptions extends JudgeOptions {
  readonly policy: OciTrustPolicy;
  /** More signatures than these are not looked at. Default {@link DEFAULT_MAX_SIGNATURES}. */
  readonly maxSignatures?: number;
}

/** After so many signatures could not be fetched, the source is taken to be out of order. */
export const MAX_UNAVAILABLE_SIGNATURES = 3;

/**
 * Decides whether the trust policy accepts an artifact: the one verdict engine of nv2.
 *
 * The artifact is resolved once, and everything after is about that digest. Its signatures are
 * judged in the order in which they are listed, until one is valid. That one could not be fetched or
 * judged never makes the artifact accepted, and never keeps a later valid one from being found.
 *
 * @throws VerificationError if the policy does not accept the artifact, with the whole verdict:
 *   `NOTARY_POLICY_NOT_APPLICABLE`, `NOTARY_SIGNATURE_NOT_FOUND`, `NOTARY_VERIFICATION_FAILED`,
 *   `NOTARY_SIGNATURE_LIMIT` (decided against); `NOTARY_VERIFICATION_UNDECIDED`,
 *   `NOTARY_RESOLVE_FAILED`, `NOTARY_REFERRERS_FAILED` (not decided)
 * @throws NotaryError `NOTARY_LIMIT_INVALID`
 * @see specifications signing-and-verification-workflow.md "OCI artifact verification workflow",
 *   trust-store-trust-policy.md "Signature Verification"
 */
export async function verify(
  source: ArtifactSource,
  target: VerifyTarget,
  options: VerifyOptions,
): Promise<Verification> {
  const { maxSignatures = DEFAULT_MAX_SIGNATURES } = options;
  assertMaxSignatures(maxSignatures);
  const findings: Findings = { signatures: [] };
  const inquiry: Inquiry = { reference: target.reference, now: options.now ?? systemClock };
  const over = new AbortController();
  try {
    const prepared = await prepare(source, target, { options, findings, over: over.signal });
    const { statement, subject, listed } = prepared;
    // 2. Proceed based on signature verification level: skip returns success
    if (statement.signatureVerification.level === 'skip') {
      return proven(inquiry, { findings, subject, outcome: 'skipped' });
    }
    const context = judgeContext(
      { statement, anchors: prepared.anchors, subjectFor: async () => subject },
      options,
    );
    await findValidSignature(source, {
      context,
      subject,
      findings,
      listed,
      maxSignatures,
      options,
    });
    return proven(inquiry, { findings, subject, outcome: 'verified' });
  } catch (error) {
    throw refused(inquiry, { findings, error });
  } finally {
    over.abort();
  }
}

async function prepare(
  source: ArtifactSource,
  target: VerifyTarget,
  run: {
    readonly options: VerifyOptions;
    readonly findings: Findings;
    /** Aborts when the verification is over. */
    readonly over: AbortSignal;
  },
): Promise<{
  readonly statement: TrustStatement;
  readonly anchors: Anchors;
  readonly subject: Descriptor;
  /** Not yet bounded in number. */
  readonly listed: AsyncIterable<Descriptor>;
}> {
  const { options, findings, over } = run;
  const call = callOptions(options);
  // 1. Identify applicable trust policy
  const selection = select(target, options);
  const resolving = resolveArtifact(source, target.version, call);
  const list = (subject: Subject): AsyncIterable<Descriptor> => {
    const signal = call.signal ? AbortSignal.any([call.signal, over]) : over;
    return signatureReferrers(source, subject, { signal });
  };
  // what is known by digest is listed while it is resolved; nothing is judged before it is
  const early = mayListEarly(target, selection)
    ? eager(list({ digest: target.version }))
    : undefined;
  if ('anchors' in selection) setImmediate(readAhead, selection.anchors);
  const subject = await resolving;
  findings.subject = subject;
  options.log?.({ event: 'resolved', reference: target.reference, subject });
  if ('error' in selection) throw selection.error;
  const { statement, anchors } = selection;
  findings.statement = {
    ...summarizeStatement(statement),
    registryScopes: statement.registryScopes,
  };
  options.log?.({ event: 'statement', statement: findings.statement });
  return { statement, anchors, subject, listed: early ?? list(subject) };
}

function mayListEarly({ version }: VerifyTarget, selection: Selection): boolean {
  if (!isDigest(version) || 'error' in selection) return false;
  return selection.statement.signatureVerification.level !== 'skip';
}

/** The same items; the first is asked for at once. */
function eager<T>(items: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = items[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<T>> | undefined = iterator.next();
  first.catch(() => undefined);
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const next = first ?? iterator.next();
        first = undefined;
        return next;
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

type Selection =
  | { readonly statement: TrustStatement; readonly anchors: Anchors }
  | { readonly error: unknown };

// An error is kept until the artifact is known, so that the verdict names it.
function select({ scope }: VerifyTarget, { policy, trustStore }: VerifyOptions): Selection {
  try {
    const statement = selectStatement(policy, scope);
    return { statement, anchors: anchorsOf(statement, trustStore) };
  } catch (error) {
    return { error };
  }
}

// Returns when a signature is valid; everything else is thrown.
async function findValidSignature(
  source: ArtifactSource,
  run: {
    readonly context: JudgeContext;
    readonly subject: Descriptor;
    readonly findings: Findings;
    readonly listed: AsyncIterable<Descriptor>;
    readonly maxSignatures: number;
    readonly options: VerifyOptions;
  },
): Promise<void> {
  const { context, subject, findings, maxSignatures, options } = run;
  const listed = atMost(run.listed, maxSignatures);
  const errors: unknown[] = [];
  for await (const fetched of fetchSignatures(source, listed, {
    ...callOptions(options),
    subject,
  })) {
    const { descriptor } = fetched;
    options.log?.({ event: 'signature', descriptor });
    const judgement =
      'error' in fetched
        ? judgeUnfetched(descriptor.digest, fetched.error)
        : await judgeSignature(descriptor.digest, fetched.envelope, context);
    findings.signatures.push(judgement.verdict);
    reportJudgement(judgement, options);
    if (judgement.verdict.outcome === 'valid') return;
    errors.push(judgement.error);
    if (isSourceFailing(findings.signatures)) break;
  }
  throw noneValid(subject, { findings, maxSignatures, errors });
}

/** Tells the log of a judgement, check by check. */
export function reportJudgement({ verdict }: Judgement, { log }: Pick<VerifyOptions, 'log'>): void {
  for (const outcome of verdict.checks) log?.({ event: 'check', digest: verdict.digest, outcome });
  log?.({ event: 'judged', signature: verdict });
}

function isSourceFailing(signatures: readonly SignatureVerdict[]): boolean {
  const unfetched = signatures.filter((s) => s.outcome === 'undecided' && s.checks.length === 0);
  return unfetched.length >= MAX_UNAVAILABLE_SIGNATURES;
}

function noneValid(
  subject: Descriptor,
  found: {
    readonly findings: Findings;
    readonly maxSignatures: number;
    readonly errors: readonly unknown[];
  },
): NotaryError {
  const { signatures } = found.findings;
  const data = { digest: subject.digest, signatures: signatures.length };
  if (signatures.length === 0) {
    return new NotaryError('NOTARY_SIGNATURE_NOT_FOUND', `${subject.digest} has no signature`, {
      data,
      hint: 'have the artifact signed, and make sure that its signature is in the same repository',
    });
  }
  const undecided = signatures.findIndex(({ outcome }) => outcome === 'undecided');
  if (undecided >= 0) {
    return new NotaryError(
      'NOTARY_VERIFICATION_UNDECIDED',
      `no signature of ${subject.digest} is valid, and not all could be decided: ${signatures[undecided]?.cause?.message}`,
      { data, cause: found.errors[undecided] },
    );
  }
  const reason = signatures[0]?.cause?.message;
  if (signatures.length >= found.maxSignatures) {
    return new NotaryError(
      'NOTARY_SIGNATURE_LIMIT',
      `the first ${found.maxSignatures} signatures of ${subject.digest} are not valid: ${reason}`,
      { data: { ...data, maxSignatures: found.maxSignatures }, cause: found.errors[0] },
    );
  }
  return new NotaryError(
    'NOTARY_VERIFICATION_FAILED',
    `no signature of ${subject.digest} is valid: ${reason}`,
    { data, cause: found.errors[0] },
  );
}

async function* atMost<T>(items: AsyncIterable<T>, max: number): AsyncGenerator<T> {
  let count = 0;
  for await (const item of items) {
    yield item;
    count += 1;
    if (count >= max) return;
  }
}
