import { encodeBase64, encodeUtf8, Nv2Error, parseJson } from '@nv2/core';
import { type HttpClient, type HttpRequest, maskUrl, readBody } from '@nv2/http';
import type { Credential } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import { acceptRealm } from './realm.ts';
import { registryError } from './response-error.ts';

/** What a Bearer challenge asks for, and who asks. */
export interface TokenRequest {
  readonly realm: string;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  /** The registry that sent the challenge. */
  readonly registry: URL;
  readonly credential: Credential | undefined;
}

const MAX_TOKEN_BYTES = 128 * 1024;
// RFC 6750 2.1
const BEARER_TOKEN = /^[0-9A-Za-z._~+/-]+=*$/;

/**
 * An access token from a token service: by GET as distribution's token specification says, with a
 * refresh token by its OAuth 2.0 form.
 * @throws OciError `OCI_AUTH_REALM_REFUSED`, `OCI_AUTH_TOKEN_INVALID`, and what the service's
 *   status means
 */
export async function fetchToken(
  request: TokenRequest,
  options: {
    readonly client: HttpClient;
    readonly clientId: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<string> {
  const { client, clientId, signal } = options;
  const realm = acceptRealm(request.realm, request.registry);
  const outgoing =
    request.credential?.kind === 'refreshToken'
      ? oauth2Request(realm, { ...request, clientId, token: request.credential.token })
      : distributionRequest(realm, request);
  const response = await client.send(outgoing, {
    idempotent: true,
    maxBytes: MAX_TOKEN_BYTES,
    onRedirect: (url) => {
      acceptRealm(url.href, request.registry);
    },
    ...(signal && { signal }),
  });
  if (response.status !== 200) throw await registryError(response, outgoing.method);
  return readToken(await readBody(response, { maxBytes: MAX_TOKEN_BYTES }), response.url);
}

function distributionRequest(realm: URL, request: TokenRequest): HttpRequest {
  const url = new URL(realm);
  if (request.service !== undefined) url.searchParams.set('service', request.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  const { credential } = request;
  const headers = credential?.kind === 'basic' ? { authorization: basicAuth(credential) } : {};
  return { method: 'GET', url, headers };
}

function oauth2Request(
  realm: URL,
  request: TokenRequest & { readonly clientId: string; readonly token: string },
): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: request.token,
    service: request.service ?? '',
    client_id: request.clientId,
  });
  if (request.scopes.length > 0) form.set('scope', request.scopes.join(' '));
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: encodeUtf8(form.toString()),
  };
}

/** The value of an Authorization header (RFC 7617). */
export function basicAuth(credential: Credential & { readonly kind: 'basic' }): string {
  return `Basic ${encodeBase64(encodeUtf8(`${credential.username}:${credential.password}`))}`;
}

function readToken(body: Uint8Array, url: URL): string {
  const document = parseTokenDocument(body, url);
  // both may be there and are then the same
  const token = document.get('access_token') || document.get('token');
  if (typeof token === 'string' && BEARER_TOKEN.test(token)) return token;
  throw invalidToken(url, 'no token, or one that cannot be sent');
}

function parseTokenDocument(body: Uint8Array, url: URL): ReadonlyMap<string, unknown> {
  try {
    const document = parseJson(body, { maxBytes: MAX_TOKEN_BYTES });
    if (document instanceof Map) return document;
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalidToken(url, cause.message, cause);
  }
  throw invalidToken(url, 'not a JSON object');
}

function invalidToken(url: URL, problem: string, cause?: unknown): OciError {
  const shown = maskUrl(url);
  return new OciError('OCI_AUTH_TOKEN_INVALID', `${shown} gave no usable token: ${problem}`, {
    hint: 'the token service is broken, or a proxy answers in its place',
    cause,
    data: { url: shown, problem },
  });
}
