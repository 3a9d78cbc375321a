import { HttpError } from '../errors.ts';
import { isReplayable } from './retry.ts';
import { maskUrl } from './secrets.ts';
import type { HttpRequest, HttpResponse } from './types.ts';

const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
]);

/**
 * The request that follows a redirect (RFC 9110 15.4), or undefined if the answer is none that is
 * followed. Credentials are dropped for good once the chain leaves the first request's scheme,
 * host or port; a body goes nowhere else at all.
 * @throws HttpError `HTTP_REDIRECT_REFUSED`
 */
export function redirectedRequest(
  request: HttpRequest,
  response: HttpResponse,
): HttpRequest | undefined {
  if (!isFollowed(request, response.status)) return undefined;
  const location = response.headers.get('location');
  if (location === null) return undefined;
  const url = URL.parse(location, request.url.href);
  if (url === null) throw refused(request, undefined, 'its Location is not a URL');
  const problem = whyRefused(request, url);
  if (problem !== undefined) throw refused(request, url, problem);
  if (sameOrigin(request.url, url)) return { ...request, url };
  return { ...request, url, headers: withoutCredentials(request.headers ?? {}) };
}

/** Whether scheme, host and port are the same. */
export function sameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host;
}

function isFollowed(request: HttpRequest, status: number): boolean {
  // a redirect that would change the method of a write is left to the caller
  if (request.method === 'GET' || request.method === 'HEAD') {
    return [301, 302, 303, 307, 308].includes(status);
  }
  return (status === 307 || status === 308) && isReplayable(request);
}

function whyRefused(request: HttpRequest, url: URL): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'neither http nor https';
  if (url.username !== '' || url.password !== '') return 'a URL with a user name';
  if (request.url.protocol === 'https:' && url.protocol === 'http:') return 'from https to http';
  if (request.body !== undefined && !sameOrigin(request.url, url)) {
    return 'to another host with a request body';
  }
  return undefined;
}

function withoutCredentials(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !CREDENTIAL_HEADERS.has(name.toLowerCase())),
  );
}

function refused(request: HttpRequest, url: URL | undefined, problem: string): HttpError {
  const from = maskUrl(request.url);
  const to = url && maskUrl(url);
  return new HttpError(
    'HTTP_REDIRECT_REFUSED',
    `${request.method} ${from}: refused redirect${to ? ` to ${to}` : ''}: ${problem}`,
    {
      hint: 'the host is misconfigured or not the one you meant',
      data: { url: from, to, problem },
    },
  );
}
