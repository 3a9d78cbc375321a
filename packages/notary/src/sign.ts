import { isDigest } from '@nv2/core';
import { parseEnvelope } from '@nv2/envelope';
import {
  type Artifact,
  type ArtifactTarget,
  type CallOptions,
  type Descriptor,
  describeContent,
  MEDIA_TYPE,
  type OciWarningCode,
} from '@nv2/oci';
import { envelopeSigner, type SignEnvelopeOptions, type SignedEnvelope } from './sign-envelope.ts';
import { callOptions } from './signatures/call-options.ts';
import {
  EMPTY_CONFIG_BYTES,
  EMPTY_CONFIG_DESCRIPTOR,
  encodeSignatureManifest,
  signatureAnnotations,
} from './signatures/manifest.ts';
import { SIGNATURE_ARTIFACT_TYPE } from './signatures/media-types.ts';
import { resolveArtifact } from './signatures/resolve.ts';

/** How {@link sign} signs. */
export interface SignArtifactOptions extends CallOptions, SignEnvelopeOptions {
  /** Maintain the referrers tag even where the registry has the referrers API. */
  readonly forceReferrersTag?: boolean;
  /**
   * Whether the signature manifest also holds the envelope, if that has at most
   * {@link MAX_EMBEDDED_BYTES}: nv2 then verifies with one request less, and others fetch it as ever.
   * Default: true.
   */
  readonly embed?: boolean;
}

/** An envelope larger than this is not put into the manifest, which registries limit. */
export const MAX_EMBEDDED_BYTES = 65_536;

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

/**
 * Signs an artifact and stores the signature beside it. The artifact is resolved once and signed by
 * digest; the envelope is verified before anything is pushed.
 *
 * @throws NotaryError `NOTARY_METADATA_RESERVED`, `NOTARY_EXPIRY_INVALID`,
 *   `NOTARY_MEDIA_TYPE_UNSUPPORTED`, `NOTARY_ARTIFACT_NOT_FOUND`, `NOTARY_RESOLVE_FAILED`,
 *   `NOTARY_DIGEST_CHANGED`; EnvelopeError; the errors of the signer and of the target
 * @see specifications signing-and-verification-workflow.md "OCI artifact signing workflow"
 */
export async function sign(
  { source: target, version }: Artifact<ArtifactTarget>,
  options: SignArtifactOptions,
): Promise<SignedArtifact> {
  const signSubject = envelopeSigner(options);
  const subject = await resolveArtifact(target, version, callOptions(options));
  // 1. Generate signature
  const signed = await signSubject(subject);
  const pushed = await pushSignature(target, { subject, signed }, options);
  const warnings = [
    ...(isDigest(version) ? [] : (['NOTARY_TAG_SIGNED'] as const)),
    ...pushed.warnings,
  ];
  return { subject, signingTime: signed.signingTime, ...pushed, warnings };
}

async function pushSignature(
  target: ArtifactTarget,
  made: {
    readonly subject: Descriptor;
    readonly signed: SignedEnvelope;
  },
  options: SignArtifactOptions,
): Promise<
  Pick<SignedArtifact, 'signature' | 'envelope' | 'referrers'> & {
    readonly warnings: readonly OciWarningCode[];
  }
> {
  const call = callOptions(options);
  const { subject, signed } = made;
  // 2. Push the signature envelope
  const envelope = describeContent(signed.bytes, signed.format);
  await Promise.all([
    target.pushBlob(signed.bytes, envelope, call),
    target.pushBlob(EMPTY_CONFIG_BYTES, EMPTY_CONFIG_DESCRIPTOR, call),
  ]);
  // 3. Generate signature artifact manifest
  const { content } = parseEnvelope(signed.bytes, signed.format);
  const annotations = {
    ...Object.fromEntries(signed.annotations),
    ...(await signatureAnnotations(content)),
  };
  const embedded = (options.embed ?? true) && envelope.size <= MAX_EMBEDDED_BYTES;
  const manifest = encodeSignatureManifest({
    envelope: embedded ? { ...envelope, data: signed.bytes } : envelope,
    subject,
    annotations,
  });
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
