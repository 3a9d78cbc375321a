import { type ErrorDetails, Nv2Error } from '@nv2/core';

/** The error codes of `@nv2/http`. */
export const HTTP_ERRORS = {
  HTTP_REQUEST_INVALID: { kind: 'input', meaning: 'a request cannot be sent as it is' },
  HTTP_CONNECTION_FAILED: {
    kind: 'unavailable',
    meaning: 'no connection to the host, or it broke before the answer was complete',
  },
  HTTP_TLS_FAILED: {
    kind: 'unavailable',
    meaning: "the host's certificate is not trusted, or TLS could not be agreed on",
  },
  HTTP_PROXY_FAILED: { kind: 'unavailable', meaning: 'the proxy refused or could not be reached' },
  HTTP_TIMEOUT: { kind: 'unavailable', meaning: 'the host did not answer in time' },
  HTTP_ABORTED: { kind: 'unavailable', meaning: 'the caller ended the request' },
  HTTP_RESPONSE_INVALID: {
    kind: 'unavailable',
    meaning: 'an answer is not HTTP, or its headers are too large',
  },
  HTTP_BODY_TRUNCATED: {
    kind: 'unavailable',
    meaning: 'an answer ended before the length that it announced',
  },
  HTTP_BODY_TOO_LARGE: { kind: 'input', meaning: 'an answer is larger than its limit' },
  HTTP_TOO_MANY_REDIRECTS: { kind: 'unavailable', meaning: 'the host redirects without end' },
  HTTP_REDIRECT_REFUSED: {
    kind: 'unavailable',
    meaning: 'the host redirects to where the request must not go',
  },
  HTTP_ADDRESS_REFUSED: {
    kind: 'denied',
    meaning: 'a host is at an address that is not public, and was not allowed by name',
  },
  HTTP_ALLOWED_HOST_INVALID: {
    kind: 'input',
    meaning: 'what is to be allowed by name is not a host',
  },
  HTTP_CA_BUNDLE_INVALID: {
    kind: 'input',
    meaning: 'a file of trusted certificates cannot be read or holds none',
  },
  HTTP_LISTEN_FAILED: { kind: 'unavailable', meaning: 'a server cannot listen on its address' },
  HTTP_CLIENT_GONE: {
    kind: 'unavailable',
    meaning: 'the client closed the connection before its request was complete',
  },
  HTTP_CLIENT_TOO_SLOW: {
    kind: 'unavailable',
    meaning: 'the client sent its request more slowly than the server waits for',
  },
} as const;

/** A key of {@link HTTP_ERRORS}. */
export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** An error of `@nv2/http`. */
export class HttpError extends Nv2Error {
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string, details?: ErrorDetails) {
    super(HTTP_ERRORS[code].kind, message, details);
    this.code = code;
  }
}
