import { HttpError } from '../errors.ts';
import { connectionError } from './connection-error.ts';
import { HttpHeaders } from './headers.ts';
import { maskUrl } from './secrets.ts';
import { assertSendable } from './sendable.ts';
import type { HttpRequest, HttpResponse, Transport } from './types.ts';

/** The answer of a `fetch`, as far as it is needed here. */
type Answer = Awaited<ReturnType<typeof fetch>>;

/**
 * The transport over a `fetch`: the global one of Node, bun, Deno and edge runtimes, or one of the
 * caller's. Connections, proxies and trusted certificates are what that `fetch` makes of them, and so
 * is the time that connecting may take. It gives no way to look at the address before it connects, so
 * where untrusted parties name the hosts, as they do in certificates, take `nodeTransport` with a rule.
 *
 * A `fetch` that hides redirects, as that of browsers does, fails with `HTTP_RESPONSE_INVALID` on one;
 * so does an answer that it has decompressed, since its bytes are not those that were sent.
 */
export function fetchTransport(send: typeof fetch = globalThis.fetch): Transport {
  return async (request, { signal }) => {
    assertSendable(request);
    const context = { signal, answered: false };
    let answer: Answer;
    try {
      answer = await send(request.url, requestInit(request, signal));
    } catch (cause) {
      throw connectionError(reasonOf(cause), request, context);
    }
    try {
      return toResponse(answer, request, signal);
    } catch (error) {
      await answer.body?.cancel().catch(() => undefined);
      throw error;
    }
  };
}

function requestInit(
  { method, headers, body }: HttpRequest,
  signal: AbortSignal | undefined,
): RequestInit {
  return {
    method,
    headers: { 'accept-encoding': 'identity', ...headers },
    redirect: 'manual',
    credentials: 'omit',
    ...(signal && { signal }),
    ...(body instanceof Uint8Array && { body }),
    ...(body !== undefined &&
      !(body instanceof Uint8Array) && { body: ReadableStream.from(body), duplex: 'half' }),
  };
}

function toResponse(
  answer: Answer,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): HttpResponse {
  const encoding = answer.headers.get('content-encoding') ?? 'identity';
  const problem =
    answer.type === 'opaqueredirect' || answer.status === 0
      ? 'fetch hides where the answer redirects to'
      : encoding !== 'identity'
        ? `fetch has undone the ${encoding} encoding of the answer`
        : undefined;
  if (problem !== undefined) {
    const url = maskUrl(request.url);
    throw new HttpError('HTTP_RESPONSE_INVALID', `${request.method} ${url}: ${problem}`, {
      hint: 'take another transport, such as nodeTransport',
      data: { method: request.method, url },
    });
  }
  return {
    status: answer.status,
    url: request.url,
    headers: new HttpHeaders(answer.headers),
    body: readAnswer(answer, request, signal),
    discard: async () => {
      await answer.body?.cancel().catch(() => undefined);
    },
  };
}

async function* readAnswer(
  { body }: Answer,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    if (body !== null) for await (const chunk of body) yield chunk;
  } catch (cause) {
    throw connectionError(reasonOf(cause), request, { signal, answered: true });
  }
}

/** A `fetch` says "fetch failed", and why only in the cause. */
function reasonOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause !== undefined ? error.cause : error;
}
