import { formatNameGo, verifyTimestampToken, X509Error } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { formatTime } from '../format-time.ts';
import type { IntactSignature, JudgeContext } from './context.ts';
import { assertNotRevoked } from './revocation.ts';

/**
 * The timestamp countersignature proves that every certificate of the signing chain was valid when
 * the signature was made: by an authority of the statement's `tsa` stores that was not revoked.
 *
 * @returns what is unknown of the authority's certificates, and the statement lets pass
 * @throws NotaryError `NOTARY_TIMESTAMP_MISSING`, `NOTARY_TIMESTAMP_OUTSIDE_VALIDITY`, those of
 *   {@link assertNotRevoked}; X509Error those of `verifyTimestampToken`
 * @see specifications trust-store-trust-policy.md "Validate Trusted Timestamp"
 */
export async function checkTimestamp(
  signature: IntactSignature,
  context: JudgeContext,
): Promise<readonly NotaryError[]> {
  const { content, chain } = signature.envelope;
  if (content.timestampToken === undefined) {
    throw new NotaryError(
      'NOTARY_TIMESTAMP_MISSING',
      'the signature has no timestamp countersignature, and the policy asks for one',
      { hint: 'have the artifact signed again with a timestamp' },
    );
  }
  const anchors = await context.anchors(context.statement.timestampStores);
  const timestamp = await verifyTimestampToken(content.timestampToken, {
    content: content.signature,
    anchors,
    ...(context.crypto && { crypto: context.crypto }),
  }).catch((cause: unknown) => {
    throw cause instanceof X509Error ? withNextStep(cause) : cause;
  });
  signature.timestampedAt = timestamp.info.genTime.milliseconds;
  const { earliest, latest } = timestamp;
  for (const { subject, notBefore, notAfter } of chain.certificates) {
    if (earliest >= notBefore && latest <= notAfter) continue;
    const name = formatNameGo(subject);
    throw new NotaryError(
      'NOTARY_TIMESTAMP_OUTSIDE_VALIDITY',
      `the certificate "${name}" is valid from ${formatTime(notBefore)} to ${formatTime(notAfter)}, and the timestamp says from ${formatTime(earliest)} to ${formatTime(latest)}`,
      {
        data: { subject: name, notBefore, notAfter, earliest, latest },
        hint: 'have the artifact signed again, and timestamped while the certificate that signs is in force',
      },
    );
  }
  // security row 14: the authority's own certificates may have been revoked
  return await assertNotRevoked(timestamp.chain.certificates, context, {
    at: signature.now,
    purpose: 'timestamping',
  });
}

function withNextStep(cause: X509Error): X509Error {
  const { code, message, data } = cause;
  const hint =
    code === 'X509_TIMESTAMP_UNTRUSTED'
      ? 'have the artifact signed again with a timestamp by an authority of the tsa stores of the statement'
      : 'have the artifact signed again with a new timestamp';
  return new X509Error(code, message, { cause, data, hint });
}
