/**
 * What sort of failure an error is. The kind alone decides HTTP status and exit code.
 *
 * - `input`: the caller's data, file or argument is malformed
 * - `untrusted`: a signature, certificate or digest was checked and does not hold
 * - `denied`: the peer or the operating system refused access
 * - `missing`: something that was named does not exist
 * - `conflict`: the state changed underneath, or already is what was to be made
 * - `unavailable`: it could not be decided now (network, time-out, limit of the peer)
 * - `internal`: a defect of nv2
 */
export type ErrorKind =
  | 'input'
  | 'untrusted'
  | 'denied'
  | 'missing'
  | 'conflict'
  | 'unavailable'
  | 'internal';

/** One row of a package's table of error codes. */
export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** What the code means, for `docs/errors.md`: one sentence without a full stop. */
  readonly meaning: string;
}

/** A package's table of error codes: the one place where codes and kinds are written. */
export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

/** What may accompany an error besides its code and message. */
export interface ErrorDetails {
  /** The next step for the reader. Never says to loosen a policy. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Facts for those who make their own text from the code (the CLI, a service's log). */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The base of every error that nv2 throws on purpose. Each package has one subclass, whose `code`
 * is a key of that package's table. Codes are public API; messages are not.
 */
export abstract class Nv2Error extends Error {
  abstract readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.kind = kind;
    this.hint = details.hint;
    this.data = details.data ?? {};
  }
}

/** The error codes of `@nv2/core`. */
export const CORE_ERRORS = {
  ENCODING_INVALID: { kind: 'input', meaning: 'text is not valid base64, base64url, hex or UTF-8' },
  PEM_INVALID: { kind: 'input', meaning: 'a PEM block is malformed' },
  DER_INVALID: { kind: 'input', meaning: 'bytes are not DER, or not the expected structure' },
  CBOR_INVALID: { kind: 'input', meaning: 'bytes are not deterministic CBOR' },
  JSON_INVALID: { kind: 'input', meaning: 'text is not strict JSON' },
  JSON_DUPLICATE_KEY: { kind: 'input', meaning: 'a JSON object has the same key twice' },
  LIMIT_EXCEEDED: { kind: 'input', meaning: 'data is larger, longer or deeper than its limit' },
  DIGEST_INVALID: { kind: 'input', meaning: 'text is not a supported digest' },
  KEY_INVALID: { kind: 'input', meaning: 'key material is malformed or of an unsupported kind' },
  CRYPTO_UNSUPPORTED: {
    kind: 'internal',
    meaning: 'the cryptographic provider lacks an algorithm that was asked for',
  },
} as const;

/** A key of {@link CORE_ERRORS}. */
export type CoreErrorCode = keyof typeof CORE_ERRORS;

/** An error of `@nv2/core`. */
export class CoreError extends Nv2Error {
  readonly code: CoreErrorCode;

  constructor(code: CoreErrorCode, message: string, details?: ErrorDetails) {
    // The annotation holds every row of the table to the shape of one.
    const entry: ErrorEntry = CORE_ERRORS[code];
    super(entry.kind, message, details);
    this.code = code;
  }
}
