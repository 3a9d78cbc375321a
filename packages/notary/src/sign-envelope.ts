import type { CryptoPort } from '@nv2/core';
import {
  type EnvelopeMediaType,
  encodePayload,
  PAYLOAD_MEDIA_TYPE,
  type Signer,
  type SigningScheme,
  signEnvelope,
} from '@nv2/envelope';
import type { Descriptor } from '@nv2/oci';
import { NotaryError } from './errors.ts';
import { RESERVED_METADATA_PREFIX, toEnvelopeMediaType } from './signatures/media-types.ts';
import type { Timestamper } from './timestamp/timestamper.ts';

/** How a signature is made, whatever it is about. */
export interface SignEnvelopeOptions {
  readonly signer: Signer;
  readonly format: EnvelopeMediaType;
  /** Whole seconds after the signing time; 0 or absent: the signature does not expire. */
  readonly expirySeconds?: number;
  /** Becomes annotations of the signed payload. Keys do not begin with `io.cncf.notary`. */
  readonly userMetadata?: ReadonlyMap<string, string>;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  /** Goes into the envelope unsigned, for people. */
  readonly signingAgent?: string;
  /** The zone in which JWS times are written, in minutes east of UTC. Default 0. */
  readonly utcOffsetMinutes?: number;
  readonly crypto?: CryptoPort;
  /** Gets a timestamp countersignature; if it cannot, nothing is signed. */
  readonly timestamp?: Timestamper;
  readonly signal?: AbortSignal;
}

/** A signature, verified once, and not yet stored anywhere. */
export interface SignedEnvelope {
  readonly format: EnvelopeMediaType;
  readonly bytes: Uint8Array;
  readonly signingTime: Date;
}

const SCHEME: SigningScheme = 'notary.x509';

/**
 * Checks the options, and gives the function that signs by them: so mistakes are found before
 * anything is resolved or read. The time of signing is when that function is called.
 *
 * @throws NotaryError `NOTARY_METADATA_RESERVED`, `NOTARY_EXPIRY_INVALID`,
 *   `NOTARY_MEDIA_TYPE_UNSUPPORTED`
 */
export function envelopeSigner(
  options: SignEnvelopeOptions,
): (subject: Descriptor) => Promise<SignedEnvelope> {
  const format = toEnvelopeMediaType(options.format);
  const expirySeconds = checkExpiry(options.expirySeconds ?? 0);
  const annotations = checkMetadata(options.userMetadata ?? new Map());
  return async (subject) => {
    const signingTime = wholeSeconds((options.now ?? systemClock)());
    const payload = encodePayload({ ...subject, annotations }, format);
    const { signer, crypto, timestamp, signal } = options;
    const expiry = new Date(signingTime.getTime() + expirySeconds * 1000);
    const bytes = await signEnvelope(
      format,
      {
        payload,
        payloadType: PAYLOAD_MEDIA_TYPE,
        scheme: SCHEME,
        signingTime,
        expiry: expirySeconds === 0 ? undefined : expiry,
        signingAgent: options.signingAgent,
        utcOffsetMinutes: options.utcOffsetMinutes,
      },
      {
        signer,
        crypto,
        timestamp: timestamp && ((signature, { hash }) => timestamp(signature, { hash, signal })),
      },
    );
    return { format, bytes, signingTime };
  };
}

function checkExpiry(expirySeconds: number): number {
  if (Number.isSafeInteger(expirySeconds) && expirySeconds >= 0) return expirySeconds;
  throw new NotaryError(
    'NOTARY_EXPIRY_INVALID',
    `expected an expiry of a whole number of seconds, 0 or more, got ${expirySeconds}`,
    { data: { expirySeconds, negative: expirySeconds < 0 } },
  );
}

function checkMetadata(userMetadata: ReadonlyMap<string, string>): Record<string, string> {
  for (const key of userMetadata.keys()) {
    if (!key.startsWith(RESERVED_METADATA_PREFIX)) continue;
    throw new NotaryError(
      'NOTARY_METADATA_RESERVED',
      `the user metadata key ${JSON.stringify(key)} has the reserved prefix ${RESERVED_METADATA_PREFIX}`,
      { data: { key, prefix: RESERVED_METADATA_PREFIX } },
    );
  }
  return Object.fromEntries(userMetadata);
}

function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

function systemClock(): Date {
  return new Date();
}
