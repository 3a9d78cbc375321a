import { HttpError } from '../errors.ts';
import { connectionError } from './connection-error.ts';
import { HttpHeaders } from './headers.ts';
import { DEFAULT_MAX_HEADER_BYTES, MAX_DRAIN_BYTES } from './limits.ts';
import { maskUrl } from './secrets.ts';
import { assertSendable } from './sendable.ts';
import type { HttpRequest, Transport } from './types.ts';

/** The answer of a `fetch`, as far as it is needed here. */
type Answer = Awaited<ReturnType<typeof fetch>>;

/** Options of {@link fetchTransport}. */
export interface FetchTransportOptions {
  /**
   * Given to every call, for what one `fetch` knows beyond the standard, such as bun's
   * `decompress: false`.
   */
  readonly init?: RequestInit;
  /** Whether that `fetch` leaves the encoding of answers alone. Default false, as the standard has it. */
  readonly keepsEncoding?: boolean;
  /** All header fields of an answer together. Default 32 KiB. */
  readonly maxHeaderBytes?: number;
}

/**
 * The transport over a `fetch`: the global one of Node, bun, Deno and edge runtimes, or one of the
 * caller's. Connections, proxies and trusted certificates are what that `fetch` makes of them, and so
 * is the time that connecting may take. It gives no way to look at the address before it connects, so
 * where untrusted parties name the hosts, as they do in certificates, take `nodeTransport` with a rule.
 *
 * A `fetch` that hides redirects, as that of browsers does, fails with `HTTP_RESPONSE_INVALID` on one;
 * so does an answer that it has decompressed, since its bytes are not those that were sent.
 */
export function fetchTransport(
  send: typeof fetch = globalThis.fetch,
  options: FetchTransportOptions = {},
): Transport {
  return async (request, { signal }) => {
    assertSendable(request);
    const context = { signal, answered: false };
    let answer: Answer;
    try {
      answer = await send(request.url, { ...requestInit(request, signal), ...options.init });
    } catch (cause) {
      throw connectionError(reasonOf(cause), request, context);
    }
    try {
      assertSound(answer, request, options);
    } catch (error) {
      await cancel(answer);
      throw error;
    }
    return {
      status: answer.status,
      url: request.url,
      headers: new HttpHeaders(answer.headers),
      body: readAnswer(answer, request, signal),
      discard: () => discard(answer),
    };
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

/** @throws HttpError `HTTP_RESPONSE_INVALID` */
function assertSound(
  answer: Answer,
  { method, url }: HttpRequest,
  options: FetchTransportOptions,
): void {
  const problem = problemOf(answer, options);
  if (problem === undefined) return;
  const shown = maskUrl(url);
  throw new HttpError('HTTP_RESPONSE_INVALID', `${method} ${shown}: ${problem.what}`, {
    hint: problem.hint,
    data: { method, url: shown },
  });
}

interface Problem {
  readonly what: string;
  readonly hint: string;
}

const OTHER_TRANSPORT = 'take another transport, such as nodeTransport';
const NOT_HTTP =
  'check the address and the port: another service may answer there, or a proxy before the host';

function problemOf(
  { headers, type, status }: Answer,
  { keepsEncoding = false, maxHeaderBytes = DEFAULT_MAX_HEADER_BYTES }: FetchTransportOptions,
): Problem | undefined {
  if (type === 'opaqueredirect' || status === 0)
    return { what: 'fetch hides where the answer redirects to', hint: OTHER_TRANSPORT };
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (!keepsEncoding && encoding !== 'identity')
    return {
      what: `fetch has undone the ${encoding} encoding of the answer`,
      hint: OTHER_TRANSPORT,
    };
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length;
  if (bytes > maxHeaderBytes)
    return { what: `header fields of more than ${maxHeaderBytes} bytes`, hint: NOT_HTTP };
  // RFC 9112 6.3: two lengths, or a length beside chunks, are how answers are smuggled
  const length = headers.get('content-length');
  if (length?.includes(',')) return { what: 'the answer has two lengths', hint: NOT_HTTP };
  if (length !== null && headers.has('transfer-encoding'))
    return { what: 'the answer has both a length and a transfer encoding', hint: NOT_HTTP };
  return undefined;
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

/** Reads what is left of a short answer, whose connection can then be used again. */
async function discard(answer: Answer): Promise<void> {
  const { body, headers } = answer;
  if (body === null) return;
  const announced = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY);
  if (body.locked || announced > MAX_DRAIN_BYTES) return await cancel(answer);
  // if it breaks off, there is nothing to keep
  await answer.arrayBuffer().catch(() => undefined);
}

async function cancel({ body }: Answer): Promise<void> {
  await body?.cancel().catch(() => undefined);
}

/** A `fetch` says "fetch failed", and why only in the cause. */
function reasonOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause !== undefined ? error.cause : error;
}
