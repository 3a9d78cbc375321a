import type { SignatureScheme } from '@nv2/core';
import type { SignatureAlgorithm } from './algorithms.ts';
import type { SignedAttributes, SigningScheme } from './attributes.ts';
import type { ExtendedAttribute } from './content.ts';

/** An envelope taken apart: form checked, nothing verified, the payload not yet decoded. */
export interface EnvelopeForm {
  readonly attributes: SignedAttributes;
  readonly signature: Uint8Array;
  /** DER, leaf first, at least one. */
  readonly certificates: readonly Uint8Array[];
  readonly signingAgent: string | undefined;
  readonly timestampToken: Uint8Array | undefined;
  /** The bytes that the signature is over. */
  readonly signedData: Uint8Array;
  /** Decodes the payload: to be called once the signature is known to hold. */
  payload(): Uint8Array;
}

/** What `signEnvelope` has checked and put in canonical form, ready to be encoded. */
export interface EncodingRequest {
  readonly payload: Uint8Array;
  readonly payloadType: string;
  readonly scheme: SigningScheme;
  /** Whole seconds, in milliseconds since the epoch; likewise the expiry. */
  readonly signingTime: number;
  readonly expiry: number | undefined;
  readonly utcOffsetMinutes: number;
  readonly extendedAttributes: readonly ExtendedAttribute[];
  readonly signingAgent: string | undefined;
  readonly algorithm: SignatureAlgorithm;
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[];
}

/** An envelope that only lacks its signature. */
export interface UnsignedEnvelope {
  readonly signedData: Uint8Array;
  /** `timestampToken` goes into the unprotected header: a DER TimeStampToken (RFC 3161). */
  complete(signature: Uint8Array, timestampToken?: Uint8Array): Uint8Array;
}

/** How one of the two envelope formats is read. */
export interface EnvelopeFormat {
  /** Keeps no view of `bytes`: what becomes of them later changes nothing that was read. */
  parse(bytes: Uint8Array): EnvelopeForm;
  verificationScheme(algorithm: SignatureAlgorithm): SignatureScheme;
}

/** How one of them is written; apart, since most programs only read. */
export type EnvelopeEncoder = (request: EncodingRequest) => UnsignedEnvelope;
