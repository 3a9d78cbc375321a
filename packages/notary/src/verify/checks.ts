import { counted } from '@nv2/core';
import { payloadOf, verifyEnvelope } from '@nv2/envelope';
import { sameContent } from '@nv2/oci/descriptor';
import { type Certificate, DEFAULT_CLOCK_SKEW_MS, formatNameGo } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { formatTime } from '../format-time.ts';
import type { CheckName } from '../policy/levels.ts';
import type { SignatureDemands } from '../policy/statement.ts';
import type { StoredEnvelope } from '../signatures/fetch.ts';
import { subjectMismatch } from '../subject-mismatch.ts';
import { verificationPluginOf } from './attributes.ts';
import type { IntactSignature, JudgeContext } from './context.ts';
import type { TimestampUse } from './events.ts';
import { assertNotRevoked } from './revocation.ts';
import { signerOf } from './signer.ts';
import { checkTimestamp } from './timestamp.ts';

/**
 * A check after integrity and authenticity: returns if it passes, with what the statement let pass, and
 * throws the reason if not.
 */
type Check = (
  signature: IntactSignature,
  context: JudgeContext,
) => Promise<PassedOver> | PassedOver;

type PassedOver = readonly NotaryError[];

/**
 * The checks after integrity and authenticity. Steps are those of trust-store-trust-policy.md "Signature
 * Verification", which lets implementations choose the order.
 */
export const FURTHER_CHECKS: Readonly<
  Record<Exclude<CheckName, 'integrity' | 'authenticity'>, Check>
> = {
  expiry: checkExpiry,
  authenticTimestamp: checkAuthenticTimestamp,
  revocation: checkRevocation,
};

/**
 * Step 3, "Validate Integrity": the envelope is well formed, its signature holds, its chain obeys
 * the rules for code signing, its payload is the Notary Project's, nothing critical is unknown.
 *
 * @throws EnvelopeError; NotaryError `NOTARY_ATTRIBUTE_UNSUPPORTED`, `NOTARY_ATTRIBUTE_INVALID`
 */
export async function checkIntegrity(
  stored: StoredEnvelope,
  context: JudgeContext,
  now: number,
): Promise<IntactSignature> {
  const { crypto } = context;
  const envelope = await verifyEnvelope(
    stored.bytes,
    stored.mediaType,
    crypto === undefined ? {} : { crypto },
  );
  const payload = payloadOf(envelope.content);
  const plugin = verificationPluginOf(envelope.content);
  const signer = await signerOf(envelope.chain.leaf);
  return { envelope, payload, signer, now, ...(plugin !== undefined && { plugin }) };
}

/**
 * What no check covers, and every level demands: the signature is about this artifact and has the
 * metadata asked for.
 *
 * @throws NotaryError `NOTARY_SUBJECT_MISMATCH`, `NOTARY_METADATA_MISMATCH`,
 *   `NOTARY_SIGNATURE_TOO_OLD`; what keeps the subject from being known
 */
export async function checkClaims(
  signature: IntactSignature,
  context: JudgeContext,
): Promise<void> {
  const { targetArtifact } = signature.payload;
  const subject = await context.subjectFor(signature);
  if (!sameContent(targetArtifact, subject)) {
    throw subjectMismatch('payload', { expected: subject, got: targetArtifact });
  }
  const signed = new Map(Object.entries(targetArtifact.annotations ?? {}));
  assertMetadata(signed, context.userMetadata);
  const { demands } = context.statement;
  if (demands === undefined) return;
  assertMetadata(signed, demands.metadata);
  assertAge(signature, demands);
}

function assertMetadata(
  signed: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): void {
  for (const [key, value] of expected) {
    // what is expected to be undefined is not there either
    if (signed.has(key) && signed.get(key) === value) continue;
    throw new NotaryError(
      'NOTARY_METADATA_MISMATCH',
      `the signature has no metadata ${key}=${value}`,
      {
        data: { key, expected: value, got: signed.get(key) },
        hint: 'have the artifact signed with that metadata (--user-metadata at signing)',
      },
    );
  }
}

/** A signing time further ahead of this clock would make a signature young for as long as it likes. */
function assertAge({ envelope, now }: IntactSignature, { maxAgeSeconds }: SignatureDemands): void {
  if (maxAgeSeconds === undefined) return;
  const { signingTime } = envelope.content;
  if (signingTime - now > DEFAULT_CLOCK_SKEW_MS) {
    throw new NotaryError(
      'NOTARY_SIGNATURE_TOO_OLD',
      `the signature says it was made at ${formatTime(signingTime)}, which is yet to come, so that its age cannot be told`,
      {
        data: { signingTime, maxAgeSeconds },
        hint: 'check the clock of this machine, and have the artifact signed again if it is right',
      },
    );
  }
  if (now - signingTime <= maxAgeSeconds * 1000) return;
  throw new NotaryError(
    'NOTARY_SIGNATURE_TOO_OLD',
    `the signature was made at ${formatTime(signingTime)}, and the policy allows an age of ${counted(maxAgeSeconds, 'second')}`,
    { data: { signingTime, maxAgeSeconds }, hint: 'have the artifact signed again' },
  );
}

// Step 5, "Validate Expiry"
function checkExpiry({ envelope, now }: IntactSignature): PassedOver {
  const { expiry } = envelope.content;
  if (expiry === undefined || now < expiry) return [];
  throw new NotaryError(
    'NOTARY_SIGNATURE_EXPIRED',
    `the signature expired at ${formatTime(expiry)}`,
    {
      data: { expiry },
      hint: 'have the artifact signed again',
    },
  );
}

// Step 6, "Validate Trusted Timestamp"
async function checkAuthenticTimestamp(
  signature: IntactSignature,
  context: JudgeContext,
): Promise<PassedOver> {
  const { content, chain } = signature.envelope;
  if (content.scheme === 'notary.x509.signingAuthority') {
    for (const certificate of chain.certificates) {
      if (withinValidity(certificate, content.signingTime)) continue;
      throw outsideValidity(
        'NOTARY_CERTIFICATE_NOT_VALID_AT_SIGNING',
        certificate,
        content.signingTime,
      );
    }
    return [];
  }
  const use = timestampUse(signature, context);
  context.log?.({ event: 'timestamp', use });
  if (use === 'wanted') return await checkTimestamp(signature, context);
  for (const certificate of chain.certificates) {
    if (withinValidity(certificate, signature.now)) continue;
    const early = signature.now < certificate.notBefore;
    throw outsideValidity(
      early ? 'NOTARY_CERTIFICATE_NOT_YET_VALID' : 'NOTARY_CERTIFICATE_EXPIRED',
      certificate,
      signature.now,
    );
  }
  return [];
}

// Step 7, "Validate Revocation Status"
async function checkRevocation(
  { envelope, now }: IntactSignature,
  context: JudgeContext,
): Promise<PassedOver> {
  const { scheme, signingTime } = envelope.content;
  return await assertNotRevoked(envelope.chain.certificates, context, {
    at: now,
    ...(scheme === 'notary.x509.signingAuthority' && { signingTime }),
  });
}

function timestampUse(signature: IntactSignature, { statement }: JudgeContext): TimestampUse {
  if (statement.timestampStores.length === 0) return 'no-store';
  if (statement.signatureVerification.verifyTimestamp === 'always') return 'wanted';
  const { certificates } = signature.envelope.chain;
  return certificates.some(({ notAfter }) => signature.now > notAfter)
    ? 'wanted'
    : 'chain-unexpired';
}

function withinValidity(certificate: Certificate, at: number): boolean {
  return at >= certificate.notBefore && at <= certificate.notAfter;
}

/** What to do about a certificate that was not, or is not, in force. */
const VALIDITY_HINTS = {
  NOTARY_CERTIFICATE_NOT_VALID_AT_SIGNING:
    'have the artifact signed again with a certificate in force',
  NOTARY_CERTIFICATE_NOT_YET_VALID:
    'check the clock of this machine, and have the artifact signed again with a certificate in force if it is right',
  NOTARY_CERTIFICATE_EXPIRED:
    'have the artifact signed again with a certificate in force; a timestamp (--timestamp-url at signing) by an authority that the trust policy names lets a signature outlive its certificate',
} as const;

function outsideValidity(
  code: keyof typeof VALIDITY_HINTS,
  certificate: Certificate,
  at: number,
): NotaryError {
  const subject = formatNameGo(certificate.subject);
  const { notBefore, notAfter } = certificate;
  return new NotaryError(
    code,
    `the certificate "${subject}" is valid from ${formatTime(notBefore)} to ${formatTime(notAfter)}, not at ${formatTime(at)}`,
    { data: { subject, notBefore, notAfter, at }, hint: VALIDITY_HINTS[code] },
  );
}
