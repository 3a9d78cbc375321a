import type { CryptoPort } from '@nv2/core';
import {
  EnvelopeError,
  type EnvelopeErrorCode,
  type EnvelopeMediaType,
  encodePayload,
  PAYLOAD_MEDIA_TYPE,
  type SignatureAlgorithm,
  type Signer,
  type SigningScheme,
  signEnvelope,
  type TargetArtifact,
} from '@nv2/envelope';
import type { Descriptor } from '@nv2/oci';
import { checkGeneratedEnvelope } from './check-generated.ts';
import { NotaryError } from './errors.ts';
import { envelopeRefused, type PluginKeyName } from './plugin/answer-refused.ts';
import { RESERVED_METADATA_PREFIX, toEnvelopeMediaType } from './signatures/media-types.ts';
import type { Timestamper } from './timestamp/timestamper.ts';

/** Whoever signs: a key, whose envelopes are made here, or someone who makes whole envelopes. */
export type EnvelopeSource = KeySigner | EnvelopeGenerator;

/** A key, by whatever it is held. */
export interface KeySigner extends Signer {
  readonly agent?: string;
  /** Of a key that a plugin holds. */
  readonly pluginKey?: PluginKeyName;
}

/** Someone who makes whole envelopes, of which every one is checked before it is used. */
export interface EnvelopeGenerator {
  readonly pluginKey: PluginKeyName;
  /** What the key signs with. Known where blobs are signed: their digest algorithm follows it. */
  readonly algorithm?: SignatureAlgorithm;
  /** An envelope of that format, and annotations for the manifest that refers to it. */
  generate(request: {
    readonly payload: Uint8Array;
    readonly format: EnvelopeMediaType;
    /** 0: the signature need not expire. */
    readonly expirySeconds: number;
  }): Promise<{
    readonly bytes: Uint8Array;
    readonly annotations: ReadonlyMap<string, string>;
  }>;
}

/** How a signature is made, whatever it is about. */
export interface SignEnvelopeOptions {
  readonly signer: EnvelopeSource;
  readonly format: EnvelopeMediaType;
  /** Whole seconds after the signing time; 0 or absent: the signature does not expire. */
  readonly expirySeconds?: number;
  /** Becomes annotations of the signed payload. Keys do not begin with `io.cncf.notary`. */
  readonly userMetadata?: ReadonlyMap<string, string>;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  /** Goes into the envelope unsigned, for people, and before the agent of the signer. */
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
  /** For the manifest, under those that nv2 gives it. */
  readonly annotations: ReadonlyMap<string, string>;
}

const SCHEME: SigningScheme = 'notary.x509';

/**
 * Checks the options, and gives the function that signs by them: so mistakes are found before
 * anything is resolved or read. The time of signing is when that function is called.
 *
 * @throws NotaryError `NOTARY_METADATA_RESERVED`, `NOTARY_EXPIRY_INVALID`,
 *   `NOTARY_MEDIA_TYPE_UNSUPPORTED`, `NOTARY_PLUGIN_TIMESTAMP_UNSUPPORTED`
 */
export function envelopeSigner(
  options: SignEnvelopeOptions,
): (subject: Descriptor) => Promise<SignedEnvelope> {
  const { signer } = options;
  const format = toEnvelopeMediaType(options.format);
  const expirySeconds = checkExpiry(options.expirySeconds ?? 0);
  const annotations = checkMetadata(options.userMetadata ?? new Map());
  if ('generate' in signer && options.timestamp !== undefined) throw noTimestamp(signer);
  return (subject) => {
    const { mediaType, digest, size } = subject;
    const asked = { target: { mediaType, digest, size, annotations }, format, expirySeconds };
    return 'generate' in signer
      ? generateEnvelope(asked, signer, options)
      : makeEnvelope(asked, signer, options);
  };
}

interface Asked {
  readonly target: TargetArtifact;
  readonly format: EnvelopeMediaType;
  readonly expirySeconds: number;
}

async function makeEnvelope(
  { target, format, expirySeconds }: Asked,
  signer: KeySigner,
  options: SignEnvelopeOptions,
): Promise<SignedEnvelope> {
  const signingTime = wholeSeconds((options.now ?? systemClock)());
  const { crypto, timestamp, signal } = options;
  const expiry = new Date(signingTime.getTime() + expirySeconds * 1000);
  const agents = [options.signingAgent, signer.agent].filter((agent) => agent !== undefined);
  const bytes = await signEnvelope(
    format,
    {
      payload: encodePayload(target, format),
      payloadType: PAYLOAD_MEDIA_TYPE,
      scheme: SCHEME,
      signingTime,
      expiry: expirySeconds === 0 ? undefined : expiry,
      signingAgent: agents.length === 0 ? undefined : agents.join(' '),
      utcOffsetMinutes: options.utcOffsetMinutes,
    },
    {
      signer,
      crypto,
      timestamp: timestamp && ((signature, { hash }) => timestamp(signature, { hash, signal })),
    },
  ).catch((cause: unknown) => {
    throw refusedAnswer(signer, cause) ?? cause;
  });
  return { format, bytes, signingTime, annotations: new Map() };
}

/** What can be wrong with a signature and its certificates, rather than with what was asked for. */
const OF_SIGNER: ReadonlySet<string> = new Set<EnvelopeErrorCode>([
  'ENVELOPE_SIGNATURE_INVALID',
  'ENVELOPE_CHAIN_INVALID',
  'ENVELOPE_ALGORITHM_MISMATCH',
  'ENVELOPE_KEY_UNSUPPORTED',
]);

function refusedAnswer({ pluginKey }: KeySigner, cause: unknown): NotaryError | undefined {
  if (pluginKey === undefined || !(cause instanceof EnvelopeError)) return undefined;
  return OF_SIGNER.has(cause.code) ? envelopeRefused(pluginKey, cause) : undefined;
}

async function generateEnvelope(
  asked: Asked,
  signer: EnvelopeGenerator,
  { crypto }: SignEnvelopeOptions,
): Promise<SignedEnvelope> {
  const { target, format, expirySeconds } = asked;
  const payload = encodePayload(target, format);
  const { bytes, annotations } = await signer.generate({ payload, format, expirySeconds });
  const { pluginKey, algorithm } = signer;
  const content = await checkGeneratedEnvelope(bytes, { ...asked, pluginKey, algorithm, crypto });
  return { format, bytes, signingTime: new Date(content.signingTime), annotations };
}

function noTimestamp({ pluginKey: { plugin } }: EnvelopeGenerator): NotaryError {
  return new NotaryError(
    'NOTARY_PLUGIN_TIMESTAMP_UNSUPPORTED',
    `the plugin ${plugin} makes whole envelopes, and their timestamps with them: none can be added`,
    {
      data: { plugin },
      hint: 'let the plugin get the timestamp, or sign with a plugin that signs bytes',
    },
  );
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
  for (const [key, value] of userMetadata) {
    // anything else could be signed, and no signature with it verified
    if (typeof value !== 'string') throw new TypeError(`the user metadata ${key} is no text`);
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
