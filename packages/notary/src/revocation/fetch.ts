import { Nv2Error } from '@nv2/core';
import { type HttpClient, type HttpRequest, readBody } from '@nv2/http';
import { NotaryError } from '../errors.ts';

/** What is fetched, and within which limits. */
export interface ServiceRequest {
  readonly url: string;
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
 * Asks a revocation service, which anyone can name in a certificate: over plain HTTP, as RFC 5280
 * 4.2.1.13 and RFC 6960 A.1 have it, without credentials, without following it elsewhere.
 * @throws NotaryError `NOTARY_REVOCATION_SERVICE`; HttpError
 */
export async function askService(client: HttpClient, asked: ServiceRequest): Promise<Uint8Array> {
  const { url: text, method, body, contentType, accept, maxBytes, timeoutMs, signal } = asked;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || url.username !== '' || url.password !== '') {
    throw refused(text, 'is not a plain http URL');
  }
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
    throw refused(
      text,
      response.status === 200 ? `answered with ${type}` : `answered ${response.status}`,
    );
  }
  return await readBody(response, { maxBytes });
}

/** Whether an error is about what a service did, rather than a defect. */
export function isServiceError(error: unknown): error is Nv2Error {
  return error instanceof Nv2Error && error.kind !== 'internal';
}

function refused(url: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_REVOCATION_SERVICE', `the revocation service ${url} ${problem}`, {
    data: { url, problem },
  });
}
