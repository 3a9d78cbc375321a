import { quoted } from '@nv2/core';
import { type Descriptor, describeContent } from '@nv2/oci';
import { assertSignatureBytesNotDenied } from '../denials/denials.ts';
import { withoutDenied } from '../denials/denied-content.ts';
import { NotaryError } from '../errors.ts';
import type { BlobTrustPolicy, BlobTrustStatement } from '../policy/blob-policy.ts';
import { selectBlobStatement } from '../policy/select-blob.ts';
import type { StoredEnvelope } from '../signatures/fetch.ts';
import { ownOctets } from '../signatures/own-octets.ts';
import { type Findings, inquiryAbout, isNoQuestion, proven, refused } from '../verify/conclude.ts';
import { anchorsOf, type JudgeOptions, judgeContext } from '../verify/context.ts';
import {
  type Judgement,
  judgeSignature,
  judgeUnfetched,
  reportJudgement,
} from '../verify/judge.ts';
import { summarizeStatement, type Verification } from '../verify/verdict.ts';
import {
  assertBlobMediaType,
  type BlobContent,
  DEFAULT_BLOB_MEDIA_TYPE,
  describeBlob,
} from './describe.ts';

/** What to verify. */
export interface BlobTarget {
  /** As the user gave it; for the verdict only. */
  readonly reference: string;
  /** Read once the signature itself holds, or is not asked for. */
  readonly content: BlobContent;
}

/** By what to verify a blob. */
export interface VerifyBlobOptions extends JudgeOptions {
  readonly policy: BlobTrustPolicy;
  /** The name of the statement that decides. Absent: the global statement. */
  readonly statement?: string;
  /** What the signature must say about the media type. Absent: it may say anything. */
  readonly mediaType?: string;
}

/**
 * Decides whether the blob trust policy accepts a blob by its detached signature: by the same engine
 * as `verify`. The content is read once, in memory that does not grow with it, and hashed with the
 * algorithm of the signing key alone: a digest of another algorithm in the signature never matches.
 *
 * @throws VerificationError if the policy does not accept the blob, with the whole verdict:
 *   `NOTARY_ARTIFACT_DENIED`, `NOTARY_POLICY_NOT_APPLICABLE`, `NOTARY_VERIFICATION_FAILED` (decided
 *   against);
 *   `NOTARY_VERIFICATION_UNDECIDED`, `NOTARY_BLOB_UNREADABLE`, `NOTARY_UNEXPECTED` (not decided)
 * @throws NotaryError `NOTARY_POLICY_STATEMENT_NOT_FOUND` if the policy has no statement of that name,
 *   `NOTARY_BLOB_MEDIA_TYPE_INVALID`: nothing was judged, and there is no verdict
 * @see specifications signing-and-verification-workflow.md, trust-store-trust-policy.md "Signature
 *   Verification"
 */
export async function verifyBlob(
  given: BlobTarget,
  { mediaType, bytes }: StoredEnvelope,
  options: VerifyBlobOptions,
): Promise<Verification> {
  const { reference } = given;
  if (options.mediaType !== undefined) assertBlobMediaType(options.mediaType);
  const target = guarded(given, options);
  const findings: Findings = { signatures: [] };
  const inquiry = inquiryAbout({ reference }, options);
  try {
    const statement = selectBlobStatement(options.policy, options.statement);
    assertAboutBlobs(statement);
    const { globalPolicy } = statement;
    findings.statement = { ...summarizeStatement(statement), globalPolicy };
    options.log?.({ event: 'statement', statement: findings.statement });
    if (statement.signatureVerification.level === 'skip') {
      const subject = await describeUnsigned(target, options);
      return proven(inquiry, { findings, subject, outcome: 'skipped' });
    }
    const signature = { mediaType, bytes: ownOctets(bytes) };
    const { judgement, subject, isRead } = await judge(target, signature, { statement, options });
    if (subject !== undefined) findings.subject = subject;
    findings.signatures.push(judgement.verdict);
    reportJudgement(judgement, options);
    if (judgement.verdict.outcome === 'undecided' && !isRead) await assertAllowed(target, options);
    if (judgement.verdict.outcome === 'valid' && subject !== undefined) {
      return proven(inquiry, { findings, subject, outcome: 'verified' });
    }
    throw notValid(reference, judgement);
  } catch (error) {
    if (isNoQuestion(error)) throw error;
    throw refused(inquiry, { findings, error });
  }
}

// what a statement about images asks for beyond, such as several signers, is not looked at here
function assertAboutBlobs({ name, globalPolicy, threshold }: BlobTrustStatement): void {
  if (typeof globalPolicy === 'boolean' && threshold === 1) return;
  throw new TypeError(`the statement ${quoted(name)} is not about blobs`);
}

function guarded(target: BlobTarget, { denials }: VerifyBlobOptions): BlobTarget {
  if (denials === undefined || denials.size === 0) return target;
  return { ...target, content: withoutDenied(target.content, denials) };
}

// Nothing names an algorithm here; the proof says which content was let through.
function describeUnsigned(
  { content }: BlobTarget,
  { mediaType = DEFAULT_BLOB_MEDIA_TYPE, signal }: VerifyBlobOptions,
): Promise<Descriptor> {
  return describeBlob(content, { hash: 'sha256', mediaType, signal });
}

// What could not be decided ends before the content is read, which may be denied all the same.
async function assertAllowed(target: BlobTarget, options: VerifyBlobOptions): Promise<void> {
  if (options.denials === undefined || options.denials.size === 0) return;
  await describeUnsigned(target, options);
}

async function judge(
  { content }: BlobTarget,
  signature: StoredEnvelope,
  by: { readonly statement: BlobTrustStatement; readonly options: VerifyBlobOptions },
): Promise<{
  readonly judgement: Judgement;
  readonly subject: Descriptor | undefined;
  readonly isRead: boolean;
}> {
  const { statement, options } = by;
  let isRead = false;
  let subject: Descriptor | undefined;
  const context = judgeContext(
    {
      statement,
      anchors: anchorsOf(options),
      subjectFor: async ({ envelope, payload }) => {
        isRead = true;
        subject = await describeBlob(content, {
          hash: envelope.content.algorithm.hash,
          mediaType: options.mediaType ?? payload.targetArtifact.mediaType,
          signal: options.signal,
        });
        return subject;
      },
    },
    options,
  );
  const descriptor = describeContent(signature.bytes, signature.mediaType);
  options.log?.({ event: 'signature', descriptor });
  try {
    await assertSignatureBytesNotDenied(options.denials, signature.bytes, {
      what: 'signature envelope',
      crypto: options.crypto,
    });
  } catch (error) {
    return { judgement: judgeUnfetched(descriptor.digest, error), subject, isRead };
  }
  const judgement = await judgeSignature(descriptor.digest, signature, context);
  return { judgement, subject, isRead };
}

function notValid(reference: string, { verdict, error }: Judgement): NotaryError {
  if (error instanceof NotaryError && error.code === 'NOTARY_ARTIFACT_DENIED') return error;
  const reason = verdict.cause?.message;
  if (verdict.outcome === 'undecided') {
    return new NotaryError(
      'NOTARY_VERIFICATION_UNDECIDED',
      `the signature of ${reference} could not be decided: ${reason}`,
      { cause: error },
    );
  }
  return new NotaryError(
    'NOTARY_VERIFICATION_FAILED',
    `the signature of ${reference} is not valid: ${reason}`,
    { cause: error },
  );
}
