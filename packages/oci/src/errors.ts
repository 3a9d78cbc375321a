import { type ErrorDetails, Nv2Error } from '@nv2/core';

/** The error codes of `@nv2/oci`. */
export const OCI_ERRORS = {
  OCI_REFERENCE_INVALID: { kind: 'input', meaning: 'text is not a reference to an artifact' },
  OCI_DESCRIPTOR_INVALID: { kind: 'input', meaning: 'a descriptor is malformed' },
  OCI_MANIFEST_INVALID: { kind: 'input', meaning: 'a manifest is malformed' },
  OCI_MANIFEST_AMBIGUOUS: {
    kind: 'input',
    meaning: 'a manifest could be read as two different things',
  },
  OCI_MEDIA_TYPE_UNSUPPORTED: {
    kind: 'input',
    meaning: 'content is of a media type that is not a supported manifest',
  },
  OCI_CONTENT_TOO_LARGE: {
    kind: 'input',
    meaning: 'content is, or says it is, larger than its limit',
  },
  OCI_SIZE_MISMATCH: {
    kind: 'untrusted',
    meaning: 'content does not have the size that its descriptor says',
  },
  OCI_DIGEST_MISMATCH: {
    kind: 'untrusted',
    meaning: 'content does not have the digest that was asked for',
  },
  OCI_MEDIA_TYPE_MISMATCH: {
    kind: 'untrusted',
    meaning: 'content is of another media type than its descriptor says',
  },
  OCI_NOT_FOUND: { kind: 'missing', meaning: 'the artifact, blob or repository does not exist' },
  OCI_UNAUTHORIZED: { kind: 'denied', meaning: 'the registry wants other credentials (401)' },
  OCI_FORBIDDEN: { kind: 'denied', meaning: 'the registry refuses access (403)' },
  OCI_RATE_LIMITED: { kind: 'unavailable', meaning: 'the registry refuses further requests (429)' },
  OCI_REGISTRY_UNAVAILABLE: { kind: 'unavailable', meaning: 'the registry failed (5xx)' },
  OCI_REQUEST_REJECTED: { kind: 'input', meaning: 'the registry rejected a request (other 4xx)' },
  OCI_DELETION_UNSUPPORTED: {
    kind: 'denied',
    meaning: 'the registry does not let manifests be deleted',
  },
  OCI_RESPONSE_INVALID: {
    kind: 'unavailable',
    meaning: 'the answer of a registry does not follow the distribution specification',
  },
  OCI_CREDENTIAL_MISSING: {
    kind: 'denied',
    meaning: 'the registry asks for credentials and none are configured',
  },
  OCI_AUTH_CHALLENGE_INVALID: {
    kind: 'unavailable',
    meaning: 'the registry asks for authentication in a way that is malformed or unsupported',
  },
  OCI_AUTH_REALM_REFUSED: {
    kind: 'denied',
    meaning: 'the registry names a token service that must not be sent credentials',
  },
  OCI_AUTH_TOKEN_INVALID: {
    kind: 'unavailable',
    meaning: 'the token service answered without a usable token',
  },
  OCI_REFERRERS_INVALID: {
    kind: 'unavailable',
    meaning: 'a list of referrers or tags is malformed, loops or leads to another host',
  },
  OCI_REFERRERS_LIMIT: {
    kind: 'unavailable',
    meaning: 'a list of referrers or tags is longer than its limits',
  },
  OCI_REFERRERS_CONFLICT: {
    kind: 'conflict',
    meaning: 'other writers kept changing the referrers index; the signature is pushed, not listed',
  },
  OCI_PLATFORM_NOT_FOUND: {
    kind: 'missing',
    meaning: 'an index has not exactly one manifest for a platform, or an artifact is no index',
  },
  OCI_GRAPH_LIMIT: {
    kind: 'unavailable',
    meaning: 'an artifact has more manifests or referrers, or deeper ones, than are followed',
  },
  OCI_LAYOUT_INVALID: { kind: 'input', meaning: 'a directory or archive is not an OCI layout' },
  OCI_LAYOUT_ACCESS: {
    kind: 'denied',
    meaning: 'the operating system refuses access to an OCI layout',
  },
  OCI_LAYOUT_IO: {
    kind: 'unavailable',
    meaning: 'an OCI layout could not be read or written now, as when the disk is full',
  },
  OCI_LAYOUT_LOCKED: {
    kind: 'conflict',
    meaning: 'another process holds the lock of an OCI layout',
  },
  OCI_COMPRESSION_UNSUPPORTED: {
    kind: 'input',
    meaning: 'an archive is compressed by what is not read, or what the runtime cannot decompress',
  },
  OCI_DOCKER_ARCHIVE: {
    kind: 'input',
    meaning:
      'an archive is of the older form of docker save, without the manifests that are signed',
  },
  OCI_TAR_INVALID: { kind: 'input', meaning: 'an archive is malformed or has unsafe entries' },
  OCI_CREDENTIAL_CONFIG_INVALID: {
    kind: 'input',
    meaning: 'a file with credentials is malformed, or cannot be read or written',
  },
  OCI_CREDENTIAL_HELPER_FAILED: {
    kind: 'unavailable',
    meaning: 'a credential helper is missing, failed or gave an unusable answer',
  },
  OCI_CREDENTIAL_STORE_REQUIRED: {
    kind: 'denied',
    meaning: 'no credential helper is configured, and credentials are never stored as plain text',
  },
} as const;

/** A key of {@link OCI_ERRORS}. */
export type OciErrorCode = keyof typeof OCI_ERRORS;

/** An error of `@nv2/oci`. */
export class OciError extends Nv2Error {
  readonly code: OciErrorCode;

  constructor(code: OciErrorCode, message: string, details?: ErrorDetails) {
    super(OCI_ERRORS[code].kind, message, details);
    this.code = code;
  }
}

/** What went wrong without failing the operation: codes in {@link PushResult} and logs. */
export const OCI_WARNINGS = {
  /** The referrers index that was replaced could not be deleted and stays behind. */
  OCI_REFERRERS_INDEX_NOT_DELETED: 'the outdated referrers index could not be deleted',
} as const;

/** A key of {@link OCI_WARNINGS}. */
export type OciWarningCode = keyof typeof OCI_WARNINGS;
