import { type ErrorDetails, type ErrorEntry, Nv2Error } from '@nv2/core';

/** A row of {@link REGISTRY_ERRORS}. */
export interface RegistryErrorEntry extends ErrorEntry {
  /** The code in the body of an answer (distribution-spec 1.1.1, error codes). */
  readonly oci: string;
  /** The HTTP status, where the specification or HTTP demand another than the kind's. */
  readonly status?: number;
}

/** The error codes of `@nv2/registry`. */
export const REGISTRY_ERRORS = {
  REGISTRY_NAME_INVALID: {
    kind: 'input',
    meaning: 'text is not the name of a repository',
    oci: 'NAME_INVALID',
  },
  REGISTRY_NAME_UNKNOWN: {
    kind: 'missing',
    meaning: 'the registry has no such repository',
    oci: 'NAME_UNKNOWN',
  },
  REGISTRY_TAG_INVALID: {
    kind: 'input',
    meaning: 'text is neither a tag nor a digest',
    oci: 'MANIFEST_INVALID',
  },
  REGISTRY_DIGEST_INVALID: {
    kind: 'input',
    meaning: 'a request has a malformed digest, or none where one is needed',
    oci: 'DIGEST_INVALID',
  },
  REGISTRY_DIGEST_MISMATCH: {
    kind: 'untrusted',
    meaning: 'pushed content does not have the digest that it was pushed with',
    oci: 'DIGEST_INVALID',
    status: 400,
  },
  REGISTRY_SIZE_INVALID: {
    kind: 'input',
    meaning: 'a body does not have the length that the request announced',
    oci: 'SIZE_INVALID',
  },
  REGISTRY_BLOB_UNKNOWN: {
    kind: 'missing',
    meaning: 'the repository has no such blob',
    oci: 'BLOB_UNKNOWN',
  },
  REGISTRY_BLOB_TOO_LARGE: {
    kind: 'input',
    meaning: 'a pushed blob is larger than the registry accepts',
    oci: 'SIZE_INVALID',
    status: 413,
  },
  REGISTRY_MANIFEST_UNKNOWN: {
    kind: 'missing',
    meaning: 'the repository has no such manifest or tag',
    oci: 'MANIFEST_UNKNOWN',
  },
  REGISTRY_MANIFEST_INVALID: {
    kind: 'input',
    meaning: 'a pushed manifest is malformed, ambiguous or of an unsupported type',
    oci: 'MANIFEST_INVALID',
  },
  REGISTRY_MANIFEST_TOO_LARGE: {
    kind: 'input',
    meaning: 'a pushed manifest is larger than the registry accepts',
    oci: 'SIZE_INVALID',
    status: 413,
  },
  REGISTRY_PRECONDITION_FAILED: {
    kind: 'conflict',
    meaning: 'a tag or manifest is not what a request says that it must be to be changed',
    oci: 'DENIED',
    status: 412,
  },
  REGISTRY_UPLOAD_UNKNOWN: {
    kind: 'missing',
    meaning: 'the upload does not exist, has ended or has expired',
    oci: 'BLOB_UPLOAD_UNKNOWN',
  },
  REGISTRY_UPLOAD_RANGE: {
    kind: 'conflict',
    meaning: 'a chunk does not begin where the upload stands',
    oci: 'BLOB_UPLOAD_INVALID',
    status: 416,
  },
  REGISTRY_UPLOAD_BUSY: {
    kind: 'conflict',
    meaning: 'another request is writing to the same upload',
    oci: 'BLOB_UPLOAD_INVALID',
  },
  REGISTRY_RANGE_INVALID: {
    kind: 'input',
    meaning: 'the blob has no bytes in the range that was asked for',
    oci: 'SIZE_INVALID',
    status: 416,
  },
  REGISTRY_QUERY_INVALID: {
    kind: 'input',
    meaning: 'a query parameter is malformed',
    oci: 'UNSUPPORTED',
  },
  REGISTRY_ENDPOINT_UNKNOWN: {
    kind: 'missing',
    meaning: 'the path is none of the distribution specification',
    oci: 'UNSUPPORTED',
  },
  REGISTRY_METHOD_UNSUPPORTED: {
    kind: 'input',
    meaning: 'the endpoint does not know the method',
    oci: 'UNSUPPORTED',
    status: 405,
  },
  REGISTRY_UNAUTHORIZED: {
    kind: 'denied',
    meaning: 'the request has no credentials, or wrong ones',
    oci: 'UNAUTHORIZED',
    status: 401,
  },
  REGISTRY_ORIGIN_REFUSED: {
    kind: 'denied',
    meaning: 'a web page tried to change the registry through its visitor',
    oci: 'DENIED',
  },
  REGISTRY_UPLOADS_TOO_MANY: {
    kind: 'unavailable',
    meaning: 'too many uploads are not finished',
    oci: 'TOOMANYREQUESTS',
    status: 429,
  },
  REGISTRY_TOO_MANY_LOGINS: {
    kind: 'unavailable',
    meaning: 'too many credentials wait to be checked',
    oci: 'TOOMANYREQUESTS',
    status: 429,
  },
  REGISTRY_STORAGE_FULL: {
    kind: 'unavailable',
    meaning: 'the disk of the registry is full',
    oci: 'UNAVAILABLE',
    status: 507,
  },
  REGISTRY_STORAGE_FAILED: {
    kind: 'unavailable',
    meaning: 'the disk of the registry cannot be read or written',
    oci: 'UNAVAILABLE',
  },
  REGISTRY_STORAGE_CORRUPT: {
    kind: 'internal',
    meaning: 'stored content no longer has its digest',
    oci: 'UNAVAILABLE',
  },
  REGISTRY_DIRECTORY_INVALID: {
    kind: 'input',
    meaning: 'the directory holds something else than a registry, or one of a newer version',
    oci: 'UNAVAILABLE',
  },
  REGISTRY_DIRECTORY_LOCKED: {
    kind: 'conflict',
    meaning: 'another process uses the directory',
    oci: 'UNAVAILABLE',
  },
  REGISTRY_HTPASSWD_INVALID: {
    kind: 'input',
    meaning: 'a htpasswd file cannot be read, is malformed or has other hashes than bcrypt',
    oci: 'UNAVAILABLE',
  },
  REGISTRY_ADDRESS_REFUSED: {
    kind: 'denied',
    meaning: 'a registry without passwords would be open to the network',
    oci: 'DENIED',
  },
} as const;

/** A key of {@link REGISTRY_ERRORS}. */
export type RegistryErrorCode = keyof typeof REGISTRY_ERRORS;

/** An error of `@nv2/registry`. */
export class RegistryError extends Nv2Error {
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, details?: ErrorDetails) {
    super(REGISTRY_ERRORS[code].kind, message, details);
    this.code = code;
  }
}
