import { CoreError, type ErrorDetails, Nv2Error } from '@nv2/core';

/** The error codes of `@nv2/envelope`. */
export const ENVELOPE_ERRORS = {
  ENVELOPE_MALFORMED: {
    kind: 'input',
    meaning: 'bytes are not a signature envelope of the stated media type',
  },
  ENVELOPE_MEDIA_TYPE_UNSUPPORTED: {
    kind: 'input',
    meaning: 'the media type is not that of a supported signature envelope',
  },
  ENVELOPE_LIMIT_EXCEEDED: {
    kind: 'input',
    meaning: 'an envelope or a part of it is larger, longer or deeper than its limit',
  },
  ENVELOPE_HEADER_INVALID: {
    kind: 'input',
    meaning: 'a header of the envelope is missing, malformed or not allowed where it is',
  },
  ENVELOPE_CRITICAL_INVALID: {
    kind: 'input',
    meaning: 'the list of critical headers is missing, incomplete or names what it must not',
  },
  ENVELOPE_SCHEME_UNSUPPORTED: {
    kind: 'input',
    meaning: 'the signing scheme is not one that the signature specification defines',
  },
  ENVELOPE_TIME_INVALID: {
    kind: 'input',
    meaning: 'a signing or expiry time is malformed, out of range or out of order',
  },
  ENVELOPE_ALGORITHM_UNSUPPORTED: {
    kind: 'input',
    meaning: 'the signature algorithm is not one that the signature specification allows',
  },
  ENVELOPE_ALGORITHM_MISMATCH: {
    kind: 'untrusted',
    meaning: 'the signature algorithm is not the one that the key of the leaf certificate fixes',
  },
  ENVELOPE_KEY_UNSUPPORTED: {
    kind: 'input',
    meaning: 'the key is not one that the signature specification allows for signing',
  },
  ENVELOPE_KEY_MISMATCH: {
    kind: 'input',
    meaning: 'the private key is not the one of the leaf certificate',
  },
  ENVELOPE_CHAIN_INVALID: {
    kind: 'untrusted',
    meaning: 'the certificate chain is malformed or breaks a rule for code signing chains',
  },
  ENVELOPE_SIGNATURE_INVALID: {
    kind: 'untrusted',
    meaning: 'the signature does not hold over the payload and the protected headers',
  },
  ENVELOPE_PAYLOAD_INVALID: {
    kind: 'input',
    meaning: 'the payload is not a Notary Project payload',
  },
  ENVELOPE_REQUEST_INVALID: {
    kind: 'input',
    meaning: 'what was asked to be signed cannot be put into an envelope',
  },
} as const;

const RENEW = 'get it again, or have the artifact signed again';

const REDO = 'have the artifact signed again, by a tool that follows the signature specification';

/** The next step, where it is the same for every error of a code. */
const HINTS: Readonly<Partial<Record<keyof typeof ENVELOPE_ERRORS, string>>> = {
  ENVELOPE_MALFORMED: `the signature is damaged, or in another format than its media type or file name says: ${RENEW}`,
  ENVELOPE_MEDIA_TYPE_UNSUPPORTED: 'sign in one of the formats JWS and COSE',
  ENVELOPE_LIMIT_EXCEEDED: 'sign less: a shorter chain, less metadata, fewer attributes',
  ENVELOPE_HEADER_INVALID: REDO,
  ENVELOPE_CRITICAL_INVALID: REDO,
  ENVELOPE_SCHEME_UNSUPPORTED: REDO,
  ENVELOPE_TIME_INVALID: REDO,
  ENVELOPE_ALGORITHM_UNSUPPORTED: REDO,
  ENVELOPE_ALGORITHM_MISMATCH: REDO,
  ENVELOPE_PAYLOAD_INVALID: REDO,
  ENVELOPE_KEY_UNSUPPORTED:
    'sign with an RSA key of 2048, 3072 or 4096 bits, or an EC key on P-256, P-384 or P-521',
  ENVELOPE_CHAIN_INVALID:
    'have the artifact signed again, with the whole chain of a certificate for code signing',
  ENVELOPE_SIGNATURE_INVALID: `the signature was changed after it was made: ${RENEW}`,
};

/** A key of {@link ENVELOPE_ERRORS}. */
export type EnvelopeErrorCode = keyof typeof ENVELOPE_ERRORS;

/** An error of `@nv2/envelope`. `data.header` names the header concerned, where there is one. */
export class EnvelopeError extends Nv2Error {
  readonly code: EnvelopeErrorCode;

  constructor(code: EnvelopeErrorCode, message: string, details: ErrorDetails = {}) {
    super(ENVELOPE_ERRORS[code].kind, message, { ...details, hint: details.hint ?? HINTS[code] });
    this.code = code;
  }
}

/**
 * The value of `read`; an error of a codec below becomes an {@link EnvelopeError} with `code` that
 * names the `part` of the envelope, or `ENVELOPE_LIMIT_EXCEEDED` where a limit was the reason.
 */
export function readingPart<T>(part: string, code: EnvelopeErrorCode, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof CoreError ? partError(part, code, cause) : cause;
  }
}

function partError(part: string, code: EnvelopeErrorCode, cause: CoreError): EnvelopeError {
  return new EnvelopeError(
    cause.code === 'LIMIT_EXCEEDED' ? 'ENVELOPE_LIMIT_EXCEEDED' : code,
    `${part}: ${cause.message}`,
    { cause, data: { part, ...cause.data } },
  );
}
