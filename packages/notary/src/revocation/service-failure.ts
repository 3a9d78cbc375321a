import type { Nv2Error } from '@nv2/core';

/**
 * How a service can fail to answer at all: no connection, or one that broke; no answer in time; an
 * answer of HTTP other than 200, or of OCSP other than `successful`, which nobody signs.
 */
export const SERVICE_FAILURES = ['unreachable', 'timeout', 'refused'] as const;

/** One of {@link SERVICE_FAILURES}. */
export type ServiceFailure = (typeof SERVICE_FAILURES)[number];

/**
 * Which failure an error is. An answer that is there and must not be believed is none of them, and
 * neither is one that says that the certificate is unknown.
 */
export function serviceFailure({
  code,
  data,
}: Pick<Nv2Error, 'code' | 'data'>): ServiceFailure | undefined {
  switch (code) {
    case 'HTTP_CONNECTION_FAILED':
    case 'HTTP_PROXY_FAILED':
    case 'HTTP_BODY_TRUNCATED':
      return 'unreachable';
    case 'HTTP_TIMEOUT':
      return 'timeout';
    // of HTTP: none is followed
    case 'HTTP_TOO_MANY_REDIRECTS':
    case 'X509_OCSP_REFUSED':
      return 'refused';
    case 'NOTARY_REVOCATION_SERVICE':
      if (data['problem'] === 'budget') return 'timeout';
      return typeof data['status'] === 'number' ? 'refused' : undefined;
    default:
      return undefined;
  }
}
