import { type CryptoPort, defaultCrypto, encodeUtf8, parseJson } from '@nv2/core';
import { parseTimestampToken, validateCodeSigningChain } from '@nv2/x509';
import type { SignatureAlgorithm } from './algorithms.ts';
import {
  assertExpiresAfter,
  isMediaType,
  isSigningScheme,
  isStandardLabel,
  type SigningScheme,
} from './attributes.ts';
import { withChainErrors } from './chain.ts';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  type ExtendedAttribute,
  type HeaderLabel,
  JWS_MEDIA_TYPE,
} from './content.ts';
import { COSE_VOCABULARY } from './cose.ts';
import { encodeCose } from './cose-encode.ts';
import { EnvelopeError, readingPart } from './errors.ts';
import type { EnvelopeEncoder } from './format.ts';
import { byMediaType } from './formats.ts';
import { JWS_VOCABULARY } from './jws.ts';
import { encodeJws } from './jws-encode.ts';
import { ENVELOPE_LIMITS } from './limits.ts';
import { LATEST_TIME_MS } from './rfc3339.ts';
import type { Signer } from './signer.ts';
import { parseEnvelope, verifyEnvelope } from './verify.ts';

const ENCODERS: ReadonlyMap<string, EnvelopeEncoder> = new Map([
  [JWS_MEDIA_TYPE, encodeJws],
  [COSE_MEDIA_TYPE, encodeCose],
]);

/** What to sign. */
export interface SignRequest {
  /** Not empty, and a JSON object for JWS: the reference reads no other. Signed as it is. */
  readonly payload: Uint8Array;
  readonly payloadType: string;
  readonly scheme: SigningScheme;
  /** Fractions of a second are cut off, here and in the expiry. */
  readonly signingTime: Date;
  /** After the signing time. */
  readonly expiry?: Date | undefined;
  readonly extendedAttributes?: readonly ExtendedAttribute[] | undefined;
  readonly signingAgent?: string | undefined;
  /** The zone in which JWS times are written, in minutes east of UTC. Default 0. */
  readonly utcOffsetMinutes?: number | undefined;
}

/** Who signs, and with which primitives the result is verified. */
export interface SignOptions {
  readonly signer: Signer;
  readonly crypto?: CryptoPort | undefined;
  /**
   * Gets a timestamp for the signature value, once that was found to hold: a TimeStampToken in DER,
   * RFC 3161 2.4.2, which whoever gives it has verified. Only of the scheme `notary.x509`.
   */
  readonly timestamp?:
    | ((signature: Uint8Array, algorithm: SignatureAlgorithm) => Promise<Uint8Array>)
    | undefined;
}

/**
 * Signs a payload. What is returned has been verified with `verifyEnvelope`, and its certificate
 * chain obeys the Notary Project's rules and is valid at the signing time; a signer whose chain or
 * signature does not hold gets an error and nothing is returned.
 * @throws EnvelopeError `ENVELOPE_MEDIA_TYPE_UNSUPPORTED`, `ENVELOPE_REQUEST_INVALID`,
 *   `ENVELOPE_TIME_INVALID`, `ENVELOPE_CHAIN_INVALID`; those of `verifyEnvelope`, for what no reader
 *   would take; X509Error `X509_BER_INVALID`, `X509_CMS_INVALID`, `X509_TIMESTAMP_INVALID` for what is no
 *   timestamp; and whatever the signer and `timestamp` throw
 * @see specifications/specs/signing-and-verification-workflow.md, "Signing Steps"
 */
export async function signEnvelope(
  mediaType: EnvelopeMediaType,
  request: SignRequest,
  options: SignOptions,
): Promise<Uint8Array> {
  const encode = byMediaType(ENCODERS, mediaType);
  const crypto = options.crypto ?? defaultCrypto;
  const checked = checkRequest(mediaType, request);
  if (options.timestamp !== undefined && checked.scheme !== 'notary.x509') {
    throw invalid(`a timestamp for the signing scheme ${checked.scheme}`);
  }
  const { algorithm } = options.signer;
  // the chain is not signed, and some signers name it only with the signature
  const { signedData } = encode({ ...checked, algorithm, certificates: [] });
  const { signature, certificateChain } = await options.signer.sign(signedData);
  await withChainErrors(() =>
    validateCodeSigningChain(certificateChain, { at: checked.signingTime, crypto }),
  );
  const certificates = certificateChain.map(({ der }) => der);
  const unsigned = encode({ ...checked, algorithm, certificates });
  const envelope = unsigned.complete(signature);
  await verifyEnvelope(envelope, mediaType, { crypto });
  if (options.timestamp === undefined) return envelope;
  const token = await options.timestamp(signature, algorithm);
  // none at all would be left out, and no reader would take what is none
  parseTimestampToken(token);
  const timestamped = unsigned.complete(signature, token);
  // within the limits that readers have
  parseEnvelope(timestamped, mediaType);
  return timestamped;
}

function checkRequest(mediaType: EnvelopeMediaType, request: SignRequest) {
  const { payload, payloadType, scheme, signingAgent, utcOffsetMinutes = 0 } = request;
  if (payload.length === 0) throw invalid('the payload is empty');
  if (mediaType === JWS_MEDIA_TYPE) assertJsonObject(payload);
  if (!isMediaType(payloadType)) throw invalid(`payload type ${JSON.stringify(payloadType)}`);
  if (!isSigningScheme(scheme)) throw invalid(`signing scheme ${JSON.stringify(scheme)}`);
  if (!Number.isInteger(utcOffsetMinutes) || Math.abs(utcOffsetMinutes) >= 24 * 60) {
    throw invalid(`a zone ${utcOffsetMinutes} minutes from UTC`);
  }
  if (signingAgent !== undefined) assertText('signing agent', signingAgent);
  const signingTime = wholeSeconds(request.signingTime);
  const expiry = request.expiry === undefined ? undefined : wholeSeconds(request.expiry);
  assertExpiresAfter(signingTime, expiry);
  const extendedAttributes = request.extendedAttributes ?? [];
  assertAttributes(mediaType, extendedAttributes);
  return {
    payload,
    payloadType,
    scheme,
    signingTime,
    expiry,
    utcOffsetMinutes,
    extendedAttributes,
    signingAgent,
  };
}

function assertJsonObject(payload: Uint8Array): void {
  const value = readingPart('payload', 'ENVELOPE_REQUEST_INVALID', () =>
    parseJson(payload, {
      maxBytes: ENVELOPE_LIMITS.maxEnvelopeBytes,
      maxDepth: ENVELOPE_LIMITS.maxNestingLevels,
    }),
  );
  if (!(value instanceof Map)) throw invalid('the payload of a JWS envelope must be a JSON object');
}

/** Half a surrogate has no form in either format. */
function assertText(part: string, text: string): void {
  readingPart(part, 'ENVELOPE_REQUEST_INVALID', () => encodeUtf8(text));
}

function wholeSeconds(time: Date): number {
  const ms = Math.floor(time.getTime() / 1000) * 1000;
  // also false for an invalid Date
  if (ms >= 0 && ms <= LATEST_TIME_MS) return ms;
  throw new EnvelopeError('ENVELOPE_TIME_INVALID', 'a time must be between 1970 and 9999');
}

function assertAttributes(
  mediaType: EnvelopeMediaType,
  attributes: readonly ExtendedAttribute[],
): void {
  const vocabulary = mediaType === COSE_MEDIA_TYPE ? COSE_VOCABULARY : JWS_VOCABULARY;
  const seen = new Set<HeaderLabel>();
  for (const { key } of attributes) {
    if (seen.has(key)) throw invalid(`extended attribute ${JSON.stringify(key)} is given twice`);
    if (isStandardLabel(key, vocabulary) || vocabulary.isRegistered(key)) {
      throw invalid(`extended attribute ${JSON.stringify(key)} has the name of a standard header`);
    }
    seen.add(key);
  }
}

function invalid(message: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_REQUEST_INVALID', message);
}
