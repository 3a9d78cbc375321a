import { type CryptoPort, isDigest } from '@nv2/core';
import {
  type EnvelopeMediaType,
  encodePayload,
  PAYLOAD_MEDIA_TYPE,
  parseEnvelope,
  type Signer,
  type SigningScheme,
  signEnvelope,
} from '@nv2/envelope';
import {
  type ArtifactTarget,
  type CallOptions,
  type Descriptor,
  describeContent,
  MEDIA_TYPE,
  type OciWarningCode,
} from '@nv2/oci';
import { NotaryError } from './errors.ts';
import { callOptions } from './signatures/list.ts';
import {
  EMPTY_CONFIG_BYTES,
  EMPTY_CONFIG_DESCRIPTOR,
  encodeSignatureManifest,
  signatureAnnotations,
} from './signatures/manifest.ts';
import {
  RESERVED_METADATA_PREFIX,
  SIGNATURE_ARTIFACT_TYPE,
  toEnvelopeMediaType,
} from './signatures/media-types.ts';
import { resolveArtifact } from './signatures/resolve.ts';

/** How {@link sign} signs. */
export interface SignArtifactOptions extends CallOptions {
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
  /** Maintain the referrers tag even where the registry has the referrers API. */
  readonly forceReferrersTag?: boolean;
  /** The zone in which JWS times are written, in minutes east of UTC. Default 0. */
  readonly utcOffsetMinutes?: number;
  readonly crypto?: CryptoPort;
}

/** What did not keep {@link sign} from signing and a person should know. */
export type SignWarningCode = 'NOTARY_TAG_SIGNED' | OciWarningCode;

/** A signature that was made and stored. */
export interface SignedArtifact {
  /** What was signed. */
  readonly subject: Descriptor;
  /** The signature manifest. */
  readonly signature: Descriptor;
  readonly envelope: Descriptor;
  /** How the signature became known as a referrer. */
  readonly referrers: 'none' | 'api' | 'tag';
  readonly signingTime: Date;
  readonly warnings: readonly SignWarningCode[];
}

const SCHEME: SigningScheme = 'notary.x509';

/**
 * Signs an artifact and stores the signature beside it. The artifact is resolved once and signed by
 * digest; the envelope is verified before anything is pushed.
 *
 * @param version tag or digest
 * @throws NotaryError `NOTARY_METADATA_RESERVED`, `NOTARY_EXPIRY_INVALID`,
 *   `NOTARY_MEDIA_TYPE_UNSUPPORTED`, `NOTARY_ARTIFACT_NOT_FOUND`, `NOTARY_RESOLVE_FAILED`,
 *   `NOTARY_DIGEST_CHANGED`; EnvelopeError; the errors of the signer and of the target
 * @see specifications signing-and-verification-workflow.md "OCI artifact signing workflow"
 */
export async function sign(
  target: ArtifactTarget,
  version: string,
  options: SignArtifactOptions,
): Promise<SignedArtifact> {
  const format = toEnvelopeMediaType(options.format);
  const expirySeconds = checkExpiry(options.expirySeconds ?? 0);
  const annotations = checkMetadata(options.userMetadata ?? new Map());
  const subject = await resolveArtifact(target, version, callOptions(options));
  const signingTime = wholeSeconds((options.now ?? systemClock)());
  // 1. Generate signature
  const payload = encodePayload({ ...subject, annotations }, format);
  const { signer, crypto } = options;
  const expiry = new Date(signingTime.getTime() + expirySeconds * 1000);
  const envelope = await signEnvelope(
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
    { signer, crypto },
  );
  const pushed = await pushSignature(target, { subject, format, envelope }, options);
  const warnings = [
    ...(isDigest(version) ? [] : (['NOTARY_TAG_SIGNED'] as const)),
    ...pushed.warnings,
  ];
  return { subject, signingTime, ...pushed, warnings };
}

async function pushSignature(
  target: ArtifactTarget,
  made: {
    readonly subject: Descriptor;
    readonly format: EnvelopeMediaType;
    readonly envelope: Uint8Array;
  },
  options: SignArtifactOptions,
): Promise<
  Pick<SignedArtifact, 'signature' | 'envelope' | 'referrers'> & {
    readonly warnings: readonly OciWarningCode[];
  }
> {
  const call = callOptions(options);
  const { subject } = made;
  // 2. Push the signature envelope
  const envelope = describeContent(made.envelope, made.format);
  await Promise.all([
    target.pushBlob(made.envelope, envelope, call),
    target.pushBlob(EMPTY_CONFIG_BYTES, EMPTY_CONFIG_DESCRIPTOR, call),
  ]);
  // 3. Generate signature artifact manifest
  const { content } = parseEnvelope(made.envelope, made.format);
  const annotations = await signatureAnnotations(content);
  const manifest = encodeSignatureManifest({ envelope, subject, annotations });
  const signature: Descriptor = {
    ...describeContent(manifest, MEDIA_TYPE.imageManifest),
    artifactType: SIGNATURE_ARTIFACT_TYPE,
    annotations,
  };
  // 4. Push the signature artifact manifest
  const { referrers, warnings } = await target.pushManifest(manifest, signature, {
    ...call,
    subject,
    forceReferrersTag: options.forceReferrersTag ?? false,
  });
  return { signature, envelope, referrers, warnings };
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
