import { inParallel } from '@nv2/core';
import { type Descriptor, type GraphLimits, listIndexManifests } from '@nv2/oci';
import { callOptions } from '../signatures/call-options.ts';
import { inquiryAbout, refused } from './conclude.ts';
import { readingIndex } from './index-content.ts';
import { type Verdict, type Verification, VerificationError } from './verdict.ts';
import { type VerifyOptions, type VerifyTarget, verify, verifyListed } from './verify.ts';

/** By what to verify a tree. */
export interface VerifyTreeOptions extends VerifyOptions {
  readonly limits?: Partial<GraphLimits>;
}

/** How many manifests of a tree are verified at the same time. */
const CONCURRENCY = 4;

/** A verification of a tree that did not end in a yes. */
export class TreeVerificationError extends VerificationError {
  /** Of every manifest, the artifact's own first. {@link VerificationError.verdict} is the first no. */
  readonly verdicts: readonly Verdict[];

  constructor(error: VerificationError, verdicts: readonly Verdict[]) {
    super(error.code, error.message, { verdict: error.verdict, cause: error.cause });
    this.verdicts = verdicts;
  }
}

/**
 * Decides whether the trust policy accepts an artifact and, if it is an index, every manifest inside
 * of it, of nested indexes too: a yes is one proof for each. Each needs signatures of its own about
 * its own digest, by the same statement; only what the statement asks of an index, that it holds
 * certain platforms, is asked of the artifact alone.
 *
 * @returns the artifact's own proof first, then those of what it holds
 * @throws TreeVerificationError if one of them is not accepted, as {@link verify} says; also
 *   `NOTARY_INDEX_INVALID` (decided against), `NOTARY_INDEX_FAILED` (not decided)
 */
export async function verifyTree(
  target: VerifyTarget,
  options: VerifyTreeOptions,
): Promise<readonly [Verification, ...Verification[]]> {
  const own = await verify(target, options).catch(outcomeOf);
  const { subject } = own.verdict;
  // what could not even be resolved holds nothing
  if (subject === undefined) throw treeError([own]);
  // nothing of what must not be used is read
  if (!isProof(own) && own.code === 'NOTARY_ARTIFACT_DENIED') throw treeError([own]);
  const { limits, ...rest } = options;
  const listing = { ...callOptions(options), ...(limits && { limits }) };
  const manifests = await readingIndex(subject, () =>
    listIndexManifests(target.source, subject, listing),
  ).catch((error: unknown) => {
    const inquiry = inquiryAbout(target, options);
    const findings = { ...own.verdict, signatures: [...own.verdict.signatures] };
    const unread = refused(inquiry, { findings: only(findings), error });
    throw treeError([isProof(own) ? unread : decisiveOf([own, unread])]);
  });
  const inner = { ...rest, policy: { statements: withoutPlatforms(options.policy.statements) } };
  const outcomes: Outcome[] = [];
  const judged = inParallel(
    manifests.slice(1).entries(),
    async ([at, manifest]) => {
      const outcome = await verifyListed(childTarget(target, manifest), inner).catch(outcomeOf);
      return { at, outcome };
    },
    { concurrency: CONCURRENCY },
  );
  for await (const { at, outcome } of judged) outcomes[at] = outcome;
  const all = [own, ...outcomes] as const;
  if (!isProof(own) || !outcomes.every(isProof)) throw treeError(all);
  return [own, ...outcomes];
}

type Outcome = Verification | VerificationError;

function outcomeOf(error: unknown): VerificationError {
  if (error instanceof VerificationError) return error;
  throw error;
}

function isProof(outcome: Outcome): outcome is Verification {
  return !(outcome instanceof VerificationError);
}

function treeError(outcomes: readonly Outcome[]): TreeVerificationError {
  const errors = outcomes.filter((one) => one instanceof VerificationError);
  return new TreeVerificationError(
    decisiveOf(errors),
    outcomes.map(({ verdict }) => verdict),
  );
}

// A no outweighs what could not be decided: it stays a no, however the rest turns out.
function decisiveOf(errors: readonly VerificationError[]): VerificationError {
  const decisive = errors.find(({ verdict }) => verdict.outcome === 'denied') ?? errors[0];
  if (decisive === undefined) throw new TypeError('every manifest was accepted');
  return decisive;
}

function only({
  platform,
  subject,
  statement,
  signatures,
}: Pick<Verdict, 'platform' | 'subject' | 'statement'> & {
  readonly signatures: Verdict['signatures'][number][];
}): Parameters<typeof refused>[1]['findings'] {
  return {
    ...(platform && { platform }),
    ...(subject && { subject }),
    ...(statement && { statement }),
    signatures,
  };
}

function withoutPlatforms(
  statements: VerifyOptions['policy']['statements'],
): VerifyOptions['policy']['statements'] {
  return statements.map(({ platforms: _, ...statement }) => statement);
}

function childTarget(
  { source, scope }: VerifyTarget,
  { digest, platform }: Descriptor,
): VerifyTarget {
  return { source, reference: `${scope}@${digest}`, scope, version: digest, platform };
}
