import { Nv2Error } from '@nv2/core';
import { type HttpClient, type HttpRequest, readBody } from '@nv2/http';
import { NotaryError } from './errors.ts';

/** A kind of service, and the error of one that is of no use. */
const SERVICES = {
  // RFC 5280 4.2.1.13 and RFC 6960 A.1: what is fetched is signed, and TLS would need revocation
  revocation: ['http:'],
  timestamping: ['http:', 'https:'],
} as const;

/** Which service. */
interface ServiceName {
  readonly service: keyof typeof SERVICES;
  readonly url: string;
}

/** What is fetched, and within which limits. */
export interface ServiceRequest extends ServiceName {
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array;
  readonly contentType?: string;
  /** The answer must be of this type; without it, of any. */
  readonly accept?: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a service that speaks over plain HTTP or, if it is one for timestamps, HTTPS: without
 * credentials, without following it elsewhere. Anyone can name a revocation service in a
 * certificate.
 * @throws NotaryError `NOTARY_REVOCATION_SERVICE`, `NOTARY_TIMESTAMP_SERVICE`; HttpError
 */
export async function askService(client: HttpClient, asked: ServiceRequest): Promise<Uint8Array> {
  const { method, body, contentType, accept, maxBytes, timeoutMs, signal } = asked;
  const url = serviceUrl(asked);
  const request: HttpRequest = {
    method,
    url,
    headers: {
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(accept !== undefined && { accept }),
    },
    ...(body && { body }),
  };
  const response = await client.send(request, {
    maxBytes,
    maxRedirects: 0,
    timeouts: { totalMs: timeoutMs, idleMs: timeoutMs },
    idempotent: true,
    ...(signal && { signal }),
  });
  const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (response.status !== 200 || (accept !== undefined && type !== accept)) {
    await response.discard();
    const { status } = response;
    if (status === 200) throw refused(asked, `answered with ${type ?? 'no Content-Type'}`);
    throw refused(asked, `answered ${status}`, { status });
  }
  return await readBody(response, { maxBytes });
}

/**
 * The URL of a service, if it is one that {@link askService} would ask.
 * @throws NotaryError `NOTARY_REVOCATION_SERVICE`, `NOTARY_TIMESTAMP_SERVICE`
 */
export function serviceUrl(service: ServiceName): URL {
  const url = URL.parse(service.url);
  const protocols: readonly string[] = SERVICES[service.service];
  if (url === null || !protocols.includes(url.protocol)) {
    throw refused(service, `is not a plain ${protocols.join(' or ').replaceAll(':', '')} URL`);
  }
  if (url.username !== '' || url.password !== '') throw refused(service, 'has a password in it');
  return url;
}

/** Whether an error is about what a service did, rather than a defect. */
export function isServiceError(error: unknown): error is Nv2Error {
  return error instanceof Nv2Error && error.kind !== 'internal';
}

function refused(
  { service, url }: ServiceName,
  problem: string,
  more: { readonly status?: number } = {},
): NotaryError {
  const data = { url, problem, ...more };
  if (service === 'timestamping') {
    return new NotaryError(
      'NOTARY_TIMESTAMP_SERVICE',
      `the timestamp authority ${url} ${problem}`,
      {
        data,
        hint: 'check the URL of the timestamp authority, or take another authority',
      },
    );
  }
  return new NotaryError('NOTARY_REVOCATION_SERVICE', `the revocation service ${url} ${problem}`, {
    data,
  });
}
