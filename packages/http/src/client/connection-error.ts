import { Nv2Error } from '@nv2/core';
import { HttpError } from '../errors.ts';
import { abortError } from './clock.ts';
import { maskUrl } from './secrets.ts';
import type { HttpRequest } from './types.ts';

const HINTS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'check the spelling of the host, and that names can be resolved'],
  ['EAI_AGAIN', 'the name could not be resolved now: check the network and try again'],
  ['ECONNREFUSED', 'check that the host is running and that the port is right'],
  ['ECONNRESET', 'the host closed the connection: try again'],
  ['ETIMEDOUT', 'check the network, a firewall, and the proxy settings'],
  ['EHOSTUNREACH', 'check the network, a firewall, and the proxy settings'],
  ['CERT_HAS_EXPIRED', "the host's certificate has expired: its operator must renew it"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate belongs to another host: check the address'],
]);

const UNTRUSTED_HINT =
  "add the certificate of the host's authority to the system's trusted certificates, or name it with SSL_CERT_FILE";

const NOT_TLS_HINT =
  'the host does not speak TLS at this port: check the port, and whether the host is meant to be reached without TLS';

const MAYBE_TLS_HINT =
  'the host closed the connection: try again, or if it speaks TLS at this port, reach it so (a registry: --insecure-registry=false)';

const NOT_HTTP_HINT =
  'check the address and the port: another service may answer there, or a proxy before the host';

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_)/;
// what OpenSSL and BoringSSL say of an answer that does not begin with a TLS record
const NOT_TLS = /:(?:wrong.version.number|packet.length.too.long)(?::|$)/i;
const PARSER_CODE = /^HPE_/;
// nobody who runs nv2 runs Node with flags of their own
const ADVICE_OF_NODE = /; if the root CA is installed locally, .*$/;

/**
 * Turns what the runtime throws while a request is under way into an {@link HttpError}. An error of
 * nv2 stays as it is: a body that could not be read to its end has one of its own.
 */
export function connectionError(
  cause: unknown,
  request: HttpRequest,
  context: {
    readonly signal?: AbortSignal | undefined;
    readonly answered: boolean;
    readonly reusedConnection?: boolean;
  },
): Nv2Error {
  if (cause instanceof Nv2Error) return cause;
  if (context.signal?.aborted) return abortError(context.signal);
  const reason = errorCode(cause);
  const url = maskUrl(request.url);
  const details = {
    cause,
    hint: hintFor(cause, reason, url),
    data: {
      method: request.method,
      url,
      reason,
      ...(context.reusedConnection && { reusedConnection: true }),
    },
  };
  const what = `${request.method} ${url}`;
  if (PARSER_CODE.test(reason)) {
    return new HttpError(
      'HTTP_RESPONSE_INVALID',
      `${what}: answer is not HTTP (${reason})`,
      details,
    );
  }
  if (TLS_CODE.test(reason)) {
    const problem = NOT_TLS.test(messageOf(cause))
      ? 'answer is not TLS'
      : messageOf(cause).trimEnd().replace(ADVICE_OF_NODE, '');
    return new HttpError('HTTP_TLS_FAILED', `${what}: ${problem}`, details);
  }
  if (context.answered) {
    return new HttpError('HTTP_BODY_TRUNCATED', `${what}: answer broke off (${reason})`, details);
  }
  return new HttpError('HTTP_CONNECTION_FAILED', `${what}: ${messageOf(cause)}`, details);
}

function hintFor(cause: unknown, reason: string, url: string): string | undefined {
  // what many servers do where they expect TLS
  if (reason === 'ECONNRESET' && url.startsWith('http:')) return MAYBE_TLS_HINT;
  return HINTS.get(reason) ?? protocolHint(cause, reason);
}

function protocolHint(cause: unknown, reason: string): string | undefined {
  if (PARSER_CODE.test(reason)) return NOT_HTTP_HINT;
  if (NOT_TLS.test(messageOf(cause))) return NOT_TLS_HINT;
  return TLS_CODE.test(reason) ? UNTRUSTED_HINT : undefined;
}

function errorCode(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // of several addresses tried, each failure is in `errors` and the message is empty
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return cause.message;
}
