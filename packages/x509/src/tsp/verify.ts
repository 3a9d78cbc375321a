import { defaultCrypto, equalBytes } from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { readAttribute } from '../cms/attribute.ts';
import { findSigner } from '../cms/find-signer.ts';
import { CMS_ATTRIBUTE } from '../cms/oids.ts';
import type { SignedData } from '../cms/signed-data.ts';
import { assertContentSigned } from '../cms/verify-signature.ts';
import { X509Error } from '../errors.ts';
import { formatNameGo } from '../name-format.ts';
import type { CryptoOptions } from '../signature.ts';
import { readTime } from '../time.ts';
import type { ValidatedChain } from '../validate-chain.ts';
import { buildTimestampingChain } from './build-chain.ts';
import { assertImprintOf } from './message-imprint.ts';
import type { TimestampRequest } from './request.ts';
import { grantedToken, parseTimestampResponse } from './response.ts';
import { type TimestampInfo, timestampRange } from './timestamp-info.ts';
import { parseTimestampToken } from './token.ts';

declare const verified: unique symbol;

/**
 * Proof, made by {@link verifyTimestampToken} and {@link verifyTimestampResponse} alone, that an
 * authority under a trusted root says that certain content was there at a certain time. Whether a
 * certificate of `chain` was revoked is for the caller to find out.
 */
export interface VerifiedTimestamp {
  /** The token in DER: what an envelope keeps. */
  readonly token: Uint8Array;
  readonly info: TimestampInfo;
  /** The time proven, milliseconds since the epoch, both included; see `timestampRange`. */
  readonly earliest: number;
  readonly latest: number;
  /** The authority's chain, valid at the time that the timestamp says. */
  readonly chain: ValidatedChain;
  readonly [verified]: true;
}

/** Options of {@link verifyTimestampToken}. */
export interface VerifyTimestampOptions extends CryptoOptions {
  /** What must have been timestamped: of a Notary signature, the octets of the signature value. */
  readonly content: Uint8Array;
  /** Self-signed roots; the only source of trust. Without any, every timestamp is refused. */
  readonly anchors: readonly Certificate[];
}

/** Options of {@link verifyTimestampResponse}. */
export interface VerifyTimestampResponseOptions extends VerifyTimestampOptions {
  readonly request: TimestampRequest;
}

/**
 * Verifies a timestamp token in BER (RFC 3161 2.2, 2.4.2; RFC 5652 5.6; RFC 5816; Notary
 * trust-store-trust-policy.md "Steps"). After return: the imprint is that of `content`; one signer,
 * named by a signed hash of its certificate, signed it with SHA-2; a chain made of the token's bag of
 * certificates leads from there to an anchor, obeys the Notary Project's rules for timestamp
 * authorities and was valid at the time of the timestamp. No extension that is critical is unknown.
 *
 * @throws X509Error of a malformed token `X509_BER_INVALID`, `X509_CMS_INVALID`,
 *   `X509_TIMESTAMP_INVALID`; of what it says `X509_TIMESTAMP_IMPRINT`, `X509_TIMESTAMP_EXTENSION`,
 *   `X509_TIMESTAMP_SIGNING_TIME`; of its signature `X509_CMS_ATTRIBUTE`, `X509_CMS_SIGNER`,
 *   `X509_CMS_SIGNATURE`, `X509_ALGORITHM_UNSUPPORTED`, `X509_KEY_UNSUPPORTED`; of its chain
 *   `X509_TIMESTAMP_UNTRUSTED` and the codes of `validateTimestampingChain`
 */
export async function verifyTimestampToken(
  token: Uint8Array,
  options: VerifyTimestampOptions,
): Promise<VerifiedTimestamp> {
  const { anchors, content, crypto = defaultCrypto } = options;
  const { message, info } = parseTimestampToken(token);
  await assertImprintOf(info.messageImprint, content, crypto);
  assertExtensionsKnown(info);
  const signer = await findSigner(message, crypto);
  await assertContentSigned(message, signer, crypto);
  const chain = await buildTimestampingChain(signer, {
    anchors,
    bag: message.certificates,
    at: info.genTime.milliseconds,
    crypto,
  });
  assertSigningTime(message, chain);
  const proof = { token: message.der, info, ...timestampRange(info), chain };
  return proof as unknown as VerifiedTimestamp;
}

/**
 * Verifies what an authority answered to `request`: granted, for the same imprint, with the same
 * nonce, under the policy asked for; and the token as {@link verifyTimestampToken} does.
 * @throws X509Error `X509_TIMESTAMP_REFUSED`, `X509_TIMESTAMP_NONCE`, `X509_TIMESTAMP_POLICY`, and the
 *   codes of {@link verifyTimestampToken}
 */
export async function verifyTimestampResponse(
  response: Uint8Array,
  options: VerifyTimestampResponseOptions,
): Promise<VerifiedTimestamp> {
  const token = grantedToken(parseTimestampResponse(response));
  const { info } = parseTimestampToken(token);
  assertAnswers(info, options.request);
  return await verifyTimestampToken(token, options);
}

/** RFC 3161 2.4.2: what the response must have as the request had it. */
function assertAnswers(
  info: TimestampInfo,
  { policy, messageImprint, nonce }: TimestampRequest,
): void {
  if (policy !== undefined && info.policy !== policy)
    throw new X509Error(
      'X509_TIMESTAMP_POLICY',
      `timestamp: asked for policy ${policy}, got ${info.policy}`,
      { data: { expected: policy, got: info.policy } },
    );
  if (
    info.messageImprint.hashAlgorithm !== messageImprint.hashAlgorithm ||
    !equalBytes(info.messageImprint.hashedMessage, messageImprint.hashedMessage)
  )
    throw new X509Error('X509_TIMESTAMP_IMPRINT', 'timestamp: it has not the imprint asked for');
  if (nonce !== undefined && (info.nonce === undefined || !equalBytes(info.nonce, nonce)))
    throw new X509Error('X509_TIMESTAMP_NONCE', 'timestamp: it has not the nonce of the request', {
      data: { expected: nonce, got: info.nonce },
    });
}

/** RFC 3161 2.4.2: of a critical extension that is not understood, the token is not valid. */
function assertExtensionsKnown({ extensions }: TimestampInfo): void {
  for (const [extension, { critical }] of extensions)
    if (critical)
      throw new X509Error(
        'X509_TIMESTAMP_EXTENSION',
        `timestamp: critical extension ${extension} is not understood`,
        { data: { extension } },
      );
}

/** RFC 5652 11.3; optional, and where it is there the reference holds the chain to it. */
function assertSigningTime({ signer }: SignedData, { certificates }: ValidatedChain): void {
  if (signer.signedAttributes?.values.has(CMS_ATTRIBUTE.signingTime) !== true) return;
  const signingTime = readAttribute(signer, CMS_ATTRIBUTE.signingTime, readTime);
  for (const [index, { notBefore, notAfter, subject }] of certificates.entries())
    if (signingTime < notBefore || signingTime > notAfter)
      throw new X509Error(
        'X509_TIMESTAMP_SIGNING_TIME',
        `timestamp: "${formatNameGo(subject)}" was not valid at the signing time ${new Date(signingTime).toISOString()}`,
        { data: { index, subject: formatNameGo(subject), signingTime } },
      );
}
