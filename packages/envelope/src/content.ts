import type { CborValue, JsonValue } from '@nv2/core';
import type { Certificate, ValidatedChain } from '@nv2/x509';
import type { SignatureAlgorithm } from './algorithms.ts';
import type { SigningScheme } from './attributes.ts';

/** Media type of a JWS envelope, in the flattened JSON serialization (RFC 7515 7.2.2). */
export const JWS_MEDIA_TYPE = 'application/jose+json';

/** Media type of a COSE envelope, a tagged COSE_Sign1 (RFC 9052 4.2). */
export const COSE_MEDIA_TYPE = 'application/cose';

/** The media types of the two envelope formats. */
export type EnvelopeMediaType = typeof JWS_MEDIA_TYPE | typeof COSE_MEDIA_TYPE;

/** A header label: text, or an integer (COSE only). */
export type HeaderLabel = string | number;

/** The value of an extended attribute: JSON in a JWS envelope, CBOR in a COSE envelope. */
export type AttributeValue = JsonValue | CborValue;

/**
 * A signed attribute that the signature specification does not define. One that is `critical` must
 * be understood by whoever acts on the signature, or the signature must be refused.
 */
export interface ExtendedAttribute {
  readonly key: HeaderLabel;
  readonly critical: boolean;
  readonly value: AttributeValue;
}

/** What an envelope says. How far it can be believed depends on where it comes from. */
export interface EnvelopeContent {
  readonly mediaType: EnvelopeMediaType;
  readonly payload: Uint8Array;
  /** Content type of the payload; not checked against the Notary Project's. */
  readonly payloadType: string;
  readonly scheme: SigningScheme;
  /**
   * Milliseconds since the epoch: what the signer claims under `notary.x509`, authentic under
   * `notary.x509.signingAuthority` once that authority is trusted.
   */
  readonly signingTime: number;
  /** RFC 3339. In JWS as the signer wrote it, zone included; in COSE made from the integer, in UTC. */
  readonly signingTimeText: string;
  /** Milliseconds since the epoch, after the signing time. Expired when now is not before it. */
  readonly expiry?: number;
  readonly expiryText?: string;
  /** Signed attributes beyond the standard ones; critical ones are not judged here. */
  readonly extendedAttributes: readonly ExtendedAttribute[];
  /** The row that the leaf certificate's key fixes; the `alg` header agrees with it. */
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** Leaf first, as in the envelope. Unsigned. */
  readonly certificateChain: readonly Certificate[];
  /** Unsigned, informational. */
  readonly signingAgent?: string;
  /** An RFC 3161 TimeStampToken over `signature`, DER or BER, unchecked. */
  readonly timestampToken?: Uint8Array;
}

/** An envelope of which only the form was checked: to be shown, never to be acted on. */
export interface UnverifiedEnvelope {
  readonly content: EnvelopeContent;
}

declare const verified: unique symbol;

/**
 * Proof, made by `verifyEnvelope` alone, that an envelope is well formed, that its signature holds
 * over payload and protected headers, and that its chain obeys the Notary Project's rules.
 *
 * It is NOT trust: the verification key comes out of the envelope itself, so anyone can make an
 * envelope that passes. Whether the chain leads to a trusted root, whether the times are acceptable
 * and whether every critical attribute is understood is for the caller to decide.
 */
export interface VerifiedEnvelope {
  readonly content: EnvelopeContent;
  readonly chain: ValidatedChain;
  readonly [verified]: true;
}
