import { equalBytes } from '@nv2/core';
import { payloadOf, verifyEnvelope } from '@nv2/envelope';
import { sameContent } from '@nv2/oci';
import { type Certificate, formatNameGo } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { matchesIdentity } from '../policy/identities.ts';
import type { CheckName } from '../policy/levels.ts';
import type { StoredEnvelope } from '../signatures/fetch.ts';
import { subjectMismatch } from '../subject-mismatch.ts';
import { verificationPluginOf } from './attributes.ts';
import type { IntactSignature, JudgeContext } from './context.ts';
import type { TimestampUse } from './events.ts';
import { assertNotRevoked } from './revocation.ts';
import { checkTimestamp } from './timestamp.ts';
import { formatTime } from './verdict.ts';

/** A check after integrity: returns if it passes, throws the reason if not. */
type Check = (signature: IntactSignature, context: JudgeContext) => Promise<void> | void;

/**
 * The checks after integrity. Steps are those of trust-store-trust-policy.md "Signature
 * Verification", which lets implementations choose the order.
 */
export const CHECKS_AFTER_INTEGRITY: Readonly<Record<Exclude<CheckName, 'integrity'>, Check>> = {
  authenticity: checkAuthenticity,
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
  const subject = formatNameGo(envelope.chain.leaf.subject);
  return { envelope, payload, subject, now, ...(plugin !== undefined && { plugin }) };
}

/**
 * What no check covers, and every level demands: the signature is about this artifact and has the
 * metadata asked for.
 *
 * @throws NotaryError `NOTARY_SUBJECT_MISMATCH`, `NOTARY_METADATA_MISMATCH`; what keeps the subject
 *   from being known
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
  for (const [key, value] of context.userMetadata) {
    if (signed.get(key) === value) continue;
    throw new NotaryError(
      'NOTARY_METADATA_MISMATCH',
      `the signature has no metadata ${key}=${value}`,
      { data: { key, expected: value, got: signed.get(key) } },
    );
  }
}

// Step 4, "Validate Authenticity"
async function checkAuthenticity(signature: IntactSignature, context: JudgeContext): Promise<void> {
  const { scheme } = signature.envelope.content;
  const { certificates } = signature.envelope.chain;
  const { statement } = context;
  // the certificate chain leads to a trusted certificate present in a named store
  const type = scheme === 'notary.x509' ? 'ca' : 'signingAuthority';
  const anchors = await context.anchors(type);
  if (anchors.length === 0) {
    throw new NotaryError(
      'NOTARY_TRUST_STORE_NONE',
      `the statement ${statement.name} names no trust store of type ${type}, which the scheme ${scheme} needs`,
      { data: { statement: statement.name, type, scheme } },
    );
  }
  if (!certificates.some((one) => anchors.some((anchor) => equalBytes(anchor.der, one.der)))) {
    throw new NotaryError(
      'NOTARY_CHAIN_UNTRUSTED',
      'no certificate of the signing chain is in a trust store of the policy statement',
      {
        data: { statement: statement.name, root: rootSubject(certificates) },
        hint: 'check who signed; if that authority is to be trusted, add its root certificate to the trust store',
      },
    );
  }
  // a plugin may replace the check of the identity, which is not known yet
  if (signature.plugin === undefined) checkIdentity(signature, context);
}

/**
 * The other half of step 4: the subject matches a trusted identity.
 *
 * @throws NotaryError `NOTARY_IDENTITY_NONE`, `NOTARY_IDENTITY_MISMATCH`
 */
export function checkIdentity(signature: IntactSignature, { statement }: JudgeContext): void {
  const { trustedIdentities } = statement;
  if (matchesIdentity(signature.subject, trustedIdentities)) return;
  const known = trustedIdentities.filter(({ kind }) => kind !== 'other');
  const identities = trustedIdentities.map(({ text }) => text);
  const data = { statement: statement.name, subject: signature.subject, identities };
  if (known.length === 0) {
    throw new NotaryError(
      'NOTARY_IDENTITY_NONE',
      `the statement ${statement.name} has no trusted identity that nv2 can match`,
      { data },
    );
  }
  throw new NotaryError(
    'NOTARY_IDENTITY_MISMATCH',
    `the signing certificate of "${data.subject}" matches no trusted identity of the statement ${statement.name}`,
    { data },
  );
}

// Step 5, "Validate Expiry"
function checkExpiry({ envelope, now }: IntactSignature): void {
  const { expiry } = envelope.content;
  if (expiry === undefined || now < expiry) return;
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
): Promise<void> {
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
    return;
  }
  const use = timestampUse(signature, context);
  context.log?.({ event: 'timestamp', use });
  if (use === 'wanted') {
    await checkTimestamp(signature, context);
    return;
  }
  for (const certificate of chain.certificates) {
    if (withinValidity(certificate, signature.now)) continue;
    const early = signature.now < certificate.notBefore;
    throw outsideValidity(
      early ? 'NOTARY_CERTIFICATE_NOT_YET_VALID' : 'NOTARY_CERTIFICATE_EXPIRED',
      certificate,
      signature.now,
    );
  }
}

// Step 7, "Validate Revocation Status"
async function checkRevocation(
  { envelope, now }: IntactSignature,
  context: JudgeContext,
): Promise<void> {
  const { scheme, signingTime } = envelope.content;
  await assertNotRevoked(envelope.chain.certificates, context, {
    at: now,
    ...(scheme === 'notary.x509.signingAuthority' && { signingTime }),
  });
}

function timestampUse(signature: IntactSignature, { statement }: JudgeContext): TimestampUse {
  if (!statement.trustStores.some(({ type }) => type === 'tsa')) return 'no-store';
  if (statement.signatureVerification.verifyTimestamp === 'always') return 'wanted';
  const { certificates } = signature.envelope.chain;
  return certificates.some(({ notAfter }) => signature.now > notAfter)
    ? 'wanted'
    : 'chain-unexpired';
}

function withinValidity(certificate: Certificate, at: number): boolean {
  return at >= certificate.notBefore && at <= certificate.notAfter;
}

function outsideValidity(
  code:
    | 'NOTARY_CERTIFICATE_NOT_VALID_AT_SIGNING'
    | 'NOTARY_CERTIFICATE_NOT_YET_VALID'
    | 'NOTARY_CERTIFICATE_EXPIRED',
  certificate: Certificate,
  at: number,
): NotaryError {
  const subject = formatNameGo(certificate.subject);
  const { notBefore, notAfter } = certificate;
  return new NotaryError(
    code,
    `the certificate "${subject}" is valid from ${formatTime(notBefore)} to ${formatTime(notAfter)}, not at ${formatTime(at)}`,
    { data: { subject, notBefore, notAfter, at } },
  );
}

function rootSubject(certificates: readonly Certificate[]): string | undefined {
  const root = certificates.at(-1);
  return root === undefined ? undefined : formatNameGo(root.subject);
}
