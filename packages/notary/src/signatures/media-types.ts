import { quoted } from '@nv2/core';
import { COSE_MEDIA_TYPE, type EnvelopeMediaType, JWS_MEDIA_TYPE } from '@nv2/envelope';
import { NotaryError } from '../errors.ts';

/** Artifact type of a Notary Project signature. */
export const SIGNATURE_ARTIFACT_TYPE = 'application/vnd.cncf.notary.signature';

/** Annotation with the SHA-256 thumbprints of the signing chain: a JSON array of lower-case hex. */
export const THUMBPRINT_ANNOTATION = 'io.cncf.notary.x509chain.thumbprint#S256';

/** Annotation with the signing time, RFC 3339 in UTC (OCI image-spec 1.1.1, annotations.md). */
export const CREATED_ANNOTATION = 'org.opencontainers.image.created';

/** User metadata keys that begin so are reserved. */
export const RESERVED_METADATA_PREFIX = 'io.cncf.notary';

/** A signature envelope larger than this is refused. */
export const MAX_SIGNATURE_BYTES: number = 32 * 1024 * 1024;

/** How many signatures of an artifact are looked at where the caller names no other number. */
export const DEFAULT_MAX_SIGNATURES = 100;

/**
 * The envelope format of a media type.
 *
 * @throws NotaryError `NOTARY_MEDIA_TYPE_UNSUPPORTED`
 */
export function toEnvelopeMediaType(mediaType: string): EnvelopeMediaType {
  if (mediaType === JWS_MEDIA_TYPE || mediaType === COSE_MEDIA_TYPE) return mediaType;
  throw new NotaryError(
    'NOTARY_MEDIA_TYPE_UNSUPPORTED',
    `expected a signature envelope of media type ${JWS_MEDIA_TYPE} or ${COSE_MEDIA_TYPE}, got ${quoted(mediaType)}`,
    { data: { mediaType }, hint: 'have it signed in one of these formats' },
  );
}

/** @throws NotaryError `NOTARY_LIMIT_INVALID` unless it is a positive whole number */
export function assertMaxSignatures(maxSignatures: number): void {
  if (Number.isSafeInteger(maxSignatures) && maxSignatures > 0) return;
  throw new NotaryError(
    'NOTARY_LIMIT_INVALID',
    `expected a positive number of signatures, got ${maxSignatures}`,
    { data: { maxSignatures } },
  );
}
