import { type CryptoPort, defaultCrypto, encodeHex, quoted } from '@nv2/core';
import type { Descriptor } from '@nv2/oci';
import { plainDescriptor } from '@nv2/oci/descriptor';
import { assertNotDenied, assertSignatureBytesNotDenied } from '../denials/denials.ts';
import { NotaryError } from '../errors.ts';
import { selectStatement } from '../policy/select.ts';
import type { TrustStatement } from '../policy/statement.ts';
import type { FetchResult, StoredEnvelope } from '../signatures/fetch.ts';
import { ownOctets } from '../signatures/own-octets.ts';
import { type Findings, inquiryAbout, isNoQuestion, proven, refused } from './conclude.ts';
import { anchorsOf, type JudgeOptions, judgeContext } from './context.ts';
import { findEnoughSignatures } from './find-signatures.ts';
import { summarizeApplicable, type Verification } from './verdict.ts';

/** Bytes at hand, such as a manifest. */
export interface GivenContent {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** An artifact and its signatures, both at hand. */
export interface GivenArtifact {
  /** As the user gave it; for the verdict only. Default: the scope. */
  readonly reference?: string;
  /** `registry/repository`: what the trust policy is asked about. */
  readonly scope: string;
  /**
   * What the signatures must be about: content, which is hashed here, or the descriptor of content that
   * the caller has hashed, or names by the digest that it goes on to use.
   */
  readonly subject: GivenContent | Descriptor;
  /** Judged in their order, until enough are valid; the caller bounds their number. */
  readonly signatures: readonly StoredEnvelope[];
}

/** By what to verify signatures at hand. */
export interface VerifySignaturesOptions extends JudgeOptions {
  /**
   * Of either format: the statement whose scope is the most specific decides. By one that was made by
   * hand, and is not as those that were read from a policy, nothing is decided.
   */
  readonly policy: { readonly statements: readonly TrustStatement[] };
  /** Judge every signature, also those after which there were enough. Default false. */
  readonly examineAll?: boolean;
}

/**
 * Decides whether the trust policy accepts an artifact by signatures at hand: the engine of `verify`
 * without a registry. Nothing but the options is asked; with a trust store in memory and no
 * checker of revocation there is no network and no disk in it, and it runs in browsers.
 *
 * @throws VerificationError if the policy does not accept the artifact, with the whole verdict:
 *   `NOTARY_ARTIFACT_DENIED`, `NOTARY_POLICY_NOT_APPLICABLE`, `NOTARY_SIGNATURE_NOT_FOUND`,
 *   `NOTARY_VERIFICATION_FAILED`, `NOTARY_SIGNERS_MISSING` (decided against); `NOTARY_VERIFICATION_UNDECIDED`,
 *   `NOTARY_UNEXPECTED`, and `NOTARY_INDEX_FAILED` for a statement about platforms (not decided)
 * @throws NotaryError `NOTARY_SCOPE_INVALID` if no trust policy can be asked about the scope: nothing
 *   was judged, and there is no verdict
 * @see specifications signing-and-verification-workflow.md "OCI artifact verification workflow"
 */
export async function verifySignatures(
  { scope, reference = scope, subject: given, signatures }: GivenArtifact,
  options: VerifySignaturesOptions,
): Promise<Verification> {
  const findings: Findings = { signatures: [] };
  const inquiry = inquiryAbout({ reference }, options);
  try {
    const { crypto = defaultCrypto } = options;
    const subject =
      'bytes' in given ? await describe(owned(given), crypto) : plainDescriptor(given);
    findings.subject = subject;
    assertNotDenied(options.denials, subject.digest);
    const applicable = selectStatement(options.policy, scope);
    const { statement } = applicable;
    assertDecidable(statement, subject);
    findings.statement = summarizeApplicable(applicable);
    options.log?.({ event: 'statement', statement: findings.statement });
    if (statement.signatureVerification.level === 'skip') {
      return proven(inquiry, { findings, subject, outcome: 'skipped' });
    }
    const anchors = anchorsOf(options);
    const context = judgeContext({ statement, anchors, subjectFor: async () => subject }, options);
    const maxSignatures = Number.POSITIVE_INFINITY;
    const { examineAll } = options;
    const results = atHand(signatures, options);
    await findEnoughSignatures(results, { context, subject, findings, maxSignatures, examineAll });
    return proven(inquiry, { findings, subject, outcome: 'verified' });
  } catch (error) {
    if (isNoQuestion(error)) throw error;
    throw refused(inquiry, { findings, error });
  }
}

// what an index holds is not at hand; to leave the question out would be to answer it with yes
function assertDecidable({ name, platforms }: TrustStatement, { digest }: Descriptor): void {
  if (platforms === undefined) return;
  throw new NotaryError(
    'NOTARY_INDEX_FAILED',
    `the statement ${quoted(name)} asks for the platforms of an index, and the index ${digest} is not at hand`,
    { data: { statement: name, digest }, hint: 'verify it where the index can be read' },
  );
}

async function* atHand(
  signatures: readonly StoredEnvelope[],
  { crypto = defaultCrypto, denials, signal }: JudgeOptions,
): AsyncGenerator<FetchResult> {
  for (const signature of signatures) {
    if (signal?.aborted) throw ended(signal.reason);
    const envelope = owned(signature);
    const descriptor = await describe(envelope, crypto);
    try {
      await assertSignatureBytesNotDenied(denials, envelope.bytes, {
        what: 'signature envelope',
        crypto,
      });
      yield { descriptor, envelope };
    } catch (error) {
      yield { descriptor, error };
    }
  }
}

function ended(cause: unknown): NotaryError {
  const message = 'the verification was ended by its caller';
  return new NotaryError('NOTARY_VERIFICATION_UNDECIDED', message, { cause });
}

function owned<T extends GivenContent>({ mediaType, bytes }: T): Pick<T, keyof GivenContent> {
  return { mediaType, bytes: ownOctets(bytes) };
}

async function describe(
  { bytes, mediaType }: GivenContent,
  crypto: CryptoPort,
): Promise<Descriptor> {
  const digest = `sha256:${encodeHex(await crypto.digest('sha256', bytes))}`;
  return { mediaType, digest, size: bytes.length };
}
