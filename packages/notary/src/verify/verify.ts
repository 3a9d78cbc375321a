import { isDigest } from '@nv2/core';
import {
  type Artifact,
  type ArtifactSource,
  type CallOptions,
  type Descriptor,
  type Platform,
  plainDescriptor,
  type Subject,
} from '@nv2/oci';
import { assertNotDenied } from '../denials/denials.ts';
import { type Applicable, selectStatement } from '../policy/select.ts';
import type { TrustStatement } from '../policy/statement.ts';
import { callOptions, ownAbort } from '../signatures/call-options.ts';
import { fetchSignatures } from '../signatures/fetch.ts';
import { signatureReferrers } from '../signatures/list.ts';
import { assertMaxSignatures, DEFAULT_MAX_SIGNATURES } from '../signatures/media-types.ts';
import { resolveArtifact } from '../signatures/resolve.ts';
import { choosePlatform } from './choose-platform.ts';
import {
  type Findings,
  inquiryAbout,
  isNoQuestion,
  notePlatform,
  proven,
  refused,
} from './conclude.ts';
import { type Anchors, anchorsOf, type JudgeOptions, judgeContext, readAhead } from './context.ts';
import { findEnoughSignatures } from './find-signatures.ts';
import { assertPlatforms } from './index-content.ts';
import { summarizeApplicable, type Verification } from './verdict.ts';

/** What to verify. */
export interface VerifyTarget extends Artifact {
  /** As the user gave it; for the verdict only. */
  readonly reference: string;
  /** `registry/repository`: what the trust policy is asked about. */
  readonly scope: string;
  /**
   * What is named is an index, and what is verified the one manifest that it lists for this platform.
   * Default: what is named.
   */
  readonly platform?: Platform | undefined;
}

/** By what to verify. */
export interface VerifyOptions extends JudgeOptions {
  /**
   * Of either format: the statement whose scope is the most specific decides. By one that was made by
   * hand, and is not as those that were read from a policy, nothing is decided.
   */
  readonly policy: { readonly statements: readonly TrustStatement[] };
  /** More signatures than these are not looked at. Default {@link DEFAULT_MAX_SIGNATURES}. */
  readonly maxSignatures?: number;
  /** Judge every signature, also those after which there were enough. Default false. */
  readonly examineAll?: boolean;
}

/**
 * Decides whether the trust policy accepts an artifact: the one verdict engine of nv2.
 *
 * The artifact is resolved once, and everything after is about that digest; for a platform it is
 * about the manifest that the index of that digest lists, and no denied index is read. Signatures are
 * judged in the order in which they are listed, until one is valid or, where the policy asks for
 * several signers, enough are. That one could not be fetched or judged never makes the artifact
 * accepted, and never keeps a later valid one from being found.
 *
 * @throws VerificationError if the policy does not accept the artifact, with the whole verdict:
 *   `NOTARY_ARTIFACT_DENIED`, `NOTARY_POLICY_NOT_APPLICABLE`, `NOTARY_DIGEST_CHANGED`,
 *   `NOTARY_SIGNATURE_NOT_FOUND`, `NOTARY_VERIFICATION_FAILED`,
 *   `NOTARY_SIGNERS_MISSING`, `NOTARY_SIGNATURE_LIMIT`, `NOTARY_PLATFORMS_MISSING`,
 *   `NOTARY_INDEX_INVALID` (decided against); `NOTARY_INDEX_FAILED`, `NOTARY_VERIFICATION_UNDECIDED`,
 *   `NOTARY_ARTIFACT_NOT_FOUND`, `NOTARY_RESOLVE_FAILED`, `NOTARY_REFERRERS_FAILED`,
 *   `NOTARY_UNEXPECTED` (not decided)
 * @throws NotaryError `NOTARY_LIMIT_INVALID`; `NOTARY_SCOPE_INVALID` if no trust policy can be asked
 *   about the scope; OciError `OCI_PLATFORM_NOT_FOUND` if what is named does not have one manifest for
 *   the platform: nothing was judged, and there is no verdict
 * @see specifications signing-and-verification-workflow.md "OCI artifact verification workflow",
 *   trust-store-trust-policy.md "Signature Verification"
 */
export function verify(target: VerifyTarget, options: VerifyOptions): Promise<Verification> {
  return verifyFrom({ signatures: [] }, target, options);
}

/** {@link verify} of a manifest that an index lists, by its digest. */
export function verifyListed(
  { platform, ...target }: VerifyTarget,
  options: VerifyOptions,
): Promise<Verification> {
  const findings: Findings = { signatures: [] };
  notePlatform(findings, platform);
  return verifyFrom(findings, target, options);
}

async function verifyFrom(
  findings: Findings,
  target: VerifyTarget,
  options: VerifyOptions,
): Promise<Verification> {
  const { source } = target;
  const { maxSignatures = DEFAULT_MAX_SIGNATURES } = options;
  assertMaxSignatures(maxSignatures);
  const inquiry = inquiryAbout(target, options);
  try {
    const chosen = await choose(target, { options, findings });
    const prepared = await prepare(chosen, { options, findings });
    const { statement, subject, listed } = prepared;
    // 2. Proceed based on signature verification level: skip returns success
    if (statement.signatureVerification.level === 'skip') {
      return proven(inquiry, { findings, subject, outcome: 'skipped' });
    }
    const context = judgeContext(
      { statement, anchors: prepared.anchors, subjectFor: async () => subject },
      options,
    );
    const fetched = fetchSignatures(source, listed, {
      ...callOptions(options),
      subject,
      maxSignatures,
      denials: options.denials,
    });
    const { examineAll } = options;
    await findEnoughSignatures(fetched, { context, subject, findings, maxSignatures, examineAll });
    const { platforms } = statement;
    if (platforms !== undefined) {
      await assertPlatforms(source, subject, { ...callOptions(options), platforms });
    }
    return proven(inquiry, { findings, subject, outcome: 'verified' });
  } catch (error) {
    if (isNoQuestion(error)) throw error;
    throw refused(inquiry, { findings, error });
  }
}

/** What is verified: where a platform is asked for, the manifest of the index, by its digest. */
async function choose(target: VerifyTarget, run: Run): Promise<VerifyTarget> {
  const { source, platform, ...rest } = target;
  if (platform === undefined) return target;
  const { options, findings } = run;
  assertNotDenied(options.denials, target.version);
  const index = await resolveArtifact(source, target.version, callOptions(options));
  assertAccepted(index, target, run);
  const chosen = await choosePlatform(source, index, { ...callOptions(options), platform });
  notePlatform(findings, chosen.platform);
  // by the word of the index, until it is resolved
  findings.subject = plainDescriptor(chosen);
  return { ...rest, source, version: chosen.digest };
}

/** Returns if what was resolved is not denied; it is what the verdict names from here on. */
function assertAccepted(
  subject: Descriptor,
  { reference }: VerifyTarget,
  { options, findings }: Run,
): void {
  findings.subject = subject;
  options.log?.({ event: 'resolved', reference, subject });
  assertNotDenied(options.denials, subject.digest);
}

/** By what one verification goes, and what it found so far. */
interface Run {
  readonly options: VerifyOptions;
  readonly findings: Findings;
}

async function prepare(
  target: VerifyTarget,
  run: Run,
): Promise<{
  readonly statement: TrustStatement;
  readonly anchors: Anchors;
  readonly subject: Descriptor;
  /** Not yet bounded in number. */
  readonly listed: AsyncIterable<Descriptor>;
}> {
  const { source } = target;
  const { options, findings } = run;
  const call = callOptions(options);
  // known by digest, it is denied without asking anyone
  assertNotDenied(options.denials, target.version);
  // 1. Identify applicable trust policy
  const selection = select(target, options);
  const resolving = resolveArtifact(source, target.version, call);
  // what is known by digest is listed while it is resolved; nothing is judged before it is
  const early = mayListEarly(target, selection)
    ? listEarly(source, { digest: target.version }, call)
    : undefined;
  if ('anchors' in selection) setImmediate(readAhead, selection.anchors, selection.statement);
  try {
    const subject = await resolving;
    assertAccepted(subject, target, run);
    if ('error' in selection) throw selection.error;
    const { statement, anchors } = selection;
    findings.statement = summarizeApplicable(selection);
    options.log?.({ event: 'statement', statement: findings.statement });
    const listed = early?.items ?? signatureReferrers(source, subject, call);
    return { statement, anchors, subject, listed };
  } catch (error) {
    early?.cancel();
    throw error;
  }
}

function mayListEarly({ version }: VerifyTarget, selection: Selection): boolean {
  if (!isDigest(version) || 'error' in selection) return false;
  return selection.statement.signatureVerification.level !== 'skip';
}

/** A list whose first item is asked for at once. Whoever reads it calls `return` at the end. */
function listEarly(
  source: ArtifactSource,
  subject: Subject,
  options: CallOptions,
): { readonly items: AsyncIterable<Descriptor>; readonly cancel: () => void } {
  const own = ownAbort(options);
  const call = { signal: own.signal };
  const listed: AsyncIterable<Descriptor> = signatureReferrers(source, subject, call);
  const iterator = listed[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<Descriptor>> | undefined = iterator.next();
  first.catch(() => undefined);
  const items: AsyncIterator<Descriptor> = {
    next: () => {
      const next = first ?? iterator.next();
      first = undefined;
      return next;
    },
    return: async () => {
      own.unlink();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return {
    items: { [Symbol.asyncIterator]: () => items },
    cancel: () => {
      own.abort(new Error('the artifact is not accepted whatever its signatures'));
      own.unlink();
      // nobody waits for it: a source that hears no signal must not keep the verdict back
      iterator.return?.().catch(() => undefined);
    },
  };
}

type Selection = (Applicable & { readonly anchors: Anchors }) | { readonly error: unknown };

// An error is kept until the artifact is known, so that the verdict names it.
function select({ scope }: VerifyTarget, options: VerifyOptions): Selection {
  try {
    return { ...selectStatement(options.policy, scope), anchors: anchorsOf(options) };
  } catch (error) {
    return { error };
  }
}
