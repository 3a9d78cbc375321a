import {
  type Artifact,
  type ArtifactSource,
  type CallOptions,
  type DeletingTarget,
  type Descriptor,
  OciError,
  type OciWarningCode,
  plainDescriptor,
} from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { callOptions } from './call-options.ts';
import { signatureReferrers } from './list.ts';
import { readSignatureManifest } from './manifest.ts';
import { resolveArtifact } from './resolve.ts';

declare const found: unique symbol;

/** A signature of a subject, which {@link findSignature} alone gives: what may be deleted. */
export interface FoundSignature {
  readonly subject: Descriptor;
  /** Of the signature manifest. */
  readonly signature: Descriptor;
  /** The manifest is gone already, and only its entry in the list of referrers is left. */
  readonly isListedOnly: boolean;
  readonly [found]: true;
}

/** Bound on the list in which an entry without its manifest is looked for. */
const MAX_LISTED = 10_000;

/**
 * Finds a signature by its digest, and makes sure that it is one of the artifact.
 *
 * @throws NotaryError `NOTARY_SIGNATURE_NOT_FOUND`, `NOTARY_SIGNATURE_MANIFEST_INVALID`,
 *   `NOTARY_SUBJECT_MISMATCH`, `NOTARY_MEDIA_TYPE_UNSUPPORTED` if it is something else;
 *   `NOTARY_ARTIFACT_NOT_FOUND` and what else keeps it from being looked at
 */
export async function findSignature(
  { source, version }: Artifact,
  { digest, ...options }: CallOptions & { readonly digest: string },
): Promise<FoundSignature> {
  const call = callOptions(options);
  const subject = await resolveArtifact(source, version, call);
  const signature = await readSignature(source, digest, { ...call, subject });
  if (signature !== undefined) return foundSignature({ subject, signature, isListedOnly: false });
  let listed = 0;
  const everyEntry = { ...call, includeMissing: true };
  for await (const entry of signatureReferrers(source, subject, everyEntry)) {
    if (entry.digest === digest) {
      return foundSignature({ subject, signature: plainDescriptor(entry), isListedOnly: true });
    }
    listed += 1;
    if (listed >= MAX_LISTED) break;
  }
  throw new NotaryError(
    'NOTARY_SIGNATURE_NOT_FOUND',
    `${subject.digest} has no signature ${digest}`,
    {
      data: { digest: subject.digest, signature: digest },
      hint: 'see the signatures with "nv2 list"',
    },
  );
}

/**
 * Deletes a signature and its entry in the list of referrers. The envelope stays until garbage is
 * collected: nothing names it then.
 * @throws the errors of the target
 */
export async function deleteSignature(
  target: DeletingTarget,
  { signature, subject }: FoundSignature,
  options: CallOptions = {},
): Promise<readonly OciWarningCode[]> {
  return await target.deleteReferrer(signature, subject, callOptions(options));
}

async function readSignature(
  source: ArtifactSource,
  digest: string,
  { subject, ...call }: CallOptions & { readonly subject: Descriptor },
): Promise<Descriptor | undefined> {
  try {
    const signature = plainDescriptor(await source.resolve(digest, call));
    const bytes = await source.fetchManifest(signature, call);
    readSignatureManifest(bytes, signature.mediaType, subject);
    return signature;
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return undefined;
    throw error;
  }
}

function foundSignature(facts: Omit<FoundSignature, typeof found>): FoundSignature {
  return facts as FoundSignature;
}
