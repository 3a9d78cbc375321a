import { Nv2Error } from '@nv2/core';
import type {
  Artifact,
  ArtifactSource,
  CallOptions,
  Descriptor,
  ReferrersOptions,
  Subject,
} from '@nv2/oci';
import { type Cause, causeOf, isUndecided } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import { callOptions } from './call-options.ts';
import { readSignatureManifest } from './manifest.ts';
import {
  assertMaxSignatures,
  DEFAULT_MAX_SIGNATURES,
  SIGNATURE_ARTIFACT_TYPE,
} from './media-types.ts';
import { causeCode, resolveArtifact } from './resolve.ts';

/** How {@link listSignatures} lists. */
export interface ListOptions extends CallOptions {
  /** Default {@link DEFAULT_MAX_SIGNATURES}. */
  readonly maxSignatures?: number;
  /**
   * Read each manifest, and leave out what is not a signature of the artifact. Costs one read for
   * each; meant for layouts on disk. Default false.
   */
  readonly checkManifests?: boolean;
  /** As for {@link ReferrersOptions}. Default false. */
  readonly includeMissing?: boolean;
}

/** The signatures of an artifact, as the registry or layout lists them. None of them is verified. */
export interface SignatureList {
  readonly subject: Descriptor;
  /** Of the signature manifests. */
  readonly signatures: readonly Descriptor[];
  /** Whether there are more than `maxSignatures`. */
  readonly truncated: boolean;
  /** Listed manifests that turned out not to be signatures of the artifact. */
  readonly leftOut: readonly { readonly descriptor: Descriptor; readonly cause: Cause }[];
}

/**
 * Lists the signatures of an artifact.
 *
 * @throws NotaryError `NOTARY_ARTIFACT_NOT_FOUND`, `NOTARY_RESOLVE_FAILED`, `NOTARY_DIGEST_CHANGED`,
 *   `NOTARY_REFERRERS_FAILED`, `NOTARY_LIMIT_INVALID`
 */
export async function listSignatures(
  { source, version }: Artifact,
  options: ListOptions = {},
): Promise<SignatureList> {
  const { maxSignatures = DEFAULT_MAX_SIGNATURES } = options;
  assertMaxSignatures(maxSignatures);
  const call = callOptions(options);
  const subject = await resolveArtifact(source, version, call);
  const signatures: Descriptor[] = [];
  const leftOut: { readonly descriptor: Descriptor; readonly cause: Cause }[] = [];
  const { includeMissing } = options;
  for await (const descriptor of signatureReferrers(source, subject, { ...call, includeMissing })) {
    if (signatures.length + leftOut.length >= maxSignatures) {
      return { subject, signatures, truncated: true, leftOut };
    }
    const cause = options.checkManifests
      ? await whyNotSignature(source, descriptor, { subject, ...call })
      : undefined;
    if (cause === undefined) signatures.push(descriptor);
    else leftOut.push({ descriptor, cause });
  }
  return { subject, signatures, truncated: false, leftOut };
}

/**
 * The referrers of an artifact that are listed as signatures. The caller bounds how many it takes.
 *
 * @throws NotaryError `NOTARY_REFERRERS_FAILED` if the list could not be read to its end
 */
export async function* signatureReferrers(
  source: ArtifactSource,
  subject: Subject,
  options: ReferrersOptions,
): AsyncGenerator<Descriptor> {
  try {
    const artifactType = SIGNATURE_ARTIFACT_TYPE;
    for await (const entry of source.referrers(subject, { ...options, artifactType })) {
      // A source that filters may leave the type out. The manifest has to say it anyway.
      if (entry.artifactType === undefined || entry.artifactType === artifactType) yield entry;
    }
  } catch (cause) {
    throw referrersFailed(subject, cause);
  }
}

function referrersFailed({ digest }: Subject, cause: unknown): NotaryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NotaryError(
    'NOTARY_REFERRERS_FAILED',
    `failed to list the signatures of ${digest}: ${reason}`,
    { cause, data: { digest, ...causeCode(cause) }, hint: hintOf(cause) },
  );
}

function hintOf(cause: unknown): string | undefined {
  return cause instanceof Nv2Error ? cause.hint : undefined;
}

async function whyNotSignature(
  source: ArtifactSource,
  descriptor: Descriptor,
  options: CallOptions & { readonly subject: Descriptor },
): Promise<Cause | undefined> {
  try {
    const bytes = await source.fetchManifest(descriptor, callOptions(options));
    readSignatureManifest(bytes, descriptor.mediaType, options.subject);
    return undefined;
  } catch (cause) {
    if (isUndecided(cause)) throw cause;
    return causeOf(cause);
  }
}
