import type { HashName } from '@nv2/core';
import type { EnvelopeMediaType } from '@nv2/envelope';
import type { CallOptions, Descriptor } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { type EnvelopeSource, envelopeSigner, type SignEnvelopeOptions } from '../sign-envelope.ts';
import {
  assertBlobMediaType,
  type BlobContent,
  DEFAULT_BLOB_MEDIA_TYPE,
  describeBlob,
} from './describe.ts';

/** How {@link signBlob} signs. */
export interface SignBlobOptions extends CallOptions, SignEnvelopeOptions {
  /** Of the blob; it is signed with it. Default {@link DEFAULT_BLOB_MEDIA_TYPE}. */
  readonly mediaType?: string;
}

/** A detached signature of a blob. */
export interface SignedBlob {
  /** What was signed; the digest algorithm is that of the signing key. */
  readonly subject: Descriptor;
  readonly envelope: Uint8Array;
  readonly format: EnvelopeMediaType;
  readonly signingTime: Date;
}

/**
 * Signs a blob of any size in memory that does not grow with it. The content is read once; the
 * envelope is verified before it is returned.
 *
 * @throws NotaryError `NOTARY_METADATA_RESERVED`, `NOTARY_EXPIRY_INVALID`,
 *   `NOTARY_MEDIA_TYPE_UNSUPPORTED`, `NOTARY_BLOB_MEDIA_TYPE_INVALID`, `NOTARY_BLOB_UNREADABLE`,
 *   `NOTARY_PLUGIN_CAPABILITY_MISSING`; EnvelopeError; the errors of the signer
 * @see specifications signature-specification.md "Signing Scheme", blob signatures
 */
export async function signBlob(
  content: BlobContent,
  options: SignBlobOptions,
): Promise<SignedBlob> {
  const { signer, mediaType = DEFAULT_BLOB_MEDIA_TYPE, signal } = options;
  assertBlobMediaType(mediaType);
  const signSubject = envelopeSigner(options);
  const subject = await describeBlob(content, { hash: hashOf(signer), mediaType, signal });
  const { bytes, format, signingTime } = await signSubject(subject);
  return { subject, envelope: bytes, format, signingTime };
}

function hashOf(signer: EnvelopeSource): HashName {
  if (signer.algorithm !== undefined) return signer.algorithm.hash;
  throw new NotaryError(
    'NOTARY_PLUGIN_CAPABILITY_MISSING',
    'whoever signs does not say what the key signs with, which the digest of a blob follows',
    { data: { purpose: 'blob' } },
  );
}
