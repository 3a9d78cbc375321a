import { Nv2Error } from '@nv2/core';
import type { ArtifactSource, CallOptions } from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { type Manifest, parseManifest } from '../manifest.ts';

/** A manifest that was listed as a referrer and is none, and why. */
export interface LeftOut {
  readonly descriptor: Descriptor;
  readonly code: string;
  readonly reason: string;
}

/** A referrer that was read. */
export interface ReferrerManifest {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/**
 * Reads what is listed as a referrer of a subject. A list may hold what is gone, what is malformed
 * and what is about something else: everybody who may push can have added it.
 * @throws OciError `OCI_DIGEST_MISMATCH`, `OCI_SIZE_MISMATCH` and whatever keeps it from being read
 */
export async function readReferrer(
  source: ArtifactSource,
  descriptor: Descriptor,
  { subject, ...call }: CallOptions & { readonly subject: Descriptor },
): Promise<ReferrerManifest | LeftOut> {
  try {
    const bytes = await source.fetchManifest(descriptor, call);
    const manifest = parseManifest(bytes, descriptor.mediaType);
    if (manifest.subject?.digest === subject.digest) return { bytes, manifest };
    const about = manifest.subject?.digest ?? 'nothing';
    throw new OciError('OCI_MANIFEST_INVALID', `it is about ${about}, not ${subject.digest}`);
  } catch (error) {
    if (!(error instanceof Nv2Error) || !isNoReferrer(error)) throw error;
    return { descriptor, code: error.code, reason: error.message };
  }
}

function isNoReferrer({ kind }: Nv2Error): boolean {
  return kind === 'missing' || kind === 'input';
}
