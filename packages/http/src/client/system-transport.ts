import { HttpError } from '../errors.ts';
import { fetchTransport } from './fetch-transport.ts';
import { type LazyNodeTransportOptions, lazyNodeTransport } from './lazy-node-transport.ts';
import { DEFAULT_MAX_CONNECTIONS_PER_HOST } from './limits.ts';
import { bareHost, isLoopbackHost } from './loopback.ts';
import type { NodeTransport } from './node-transport.ts';
import { Turns } from './turns.ts';
import type { HttpRequest, HttpResponse, Transport, TransportOptions } from './types.ts';

/** Options of {@link systemTransport}: nothing about addresses, which only `nodeTransport` can keep. */
export type SystemTransportOptions = Omit<LazyNodeTransportOptions, 'lookup'>;

/**
 * `nodeTransport`, loaded when a request needs it, and under bun its own `fetch` for what that does
 * as faithfully: it has answered three requests in less than half of the time that `node:http` takes
 * to be loaded there.
 *
 * The `fetch` of bun sends what HTTP_PROXY and ALL_PROXY of the process name through a proxy, hosts on
 * loopback too, and cannot be told otherwise: whoever calls takes them out of the process first.
 */
export function systemTransport(options: SystemTransportOptions = {}): NodeTransport {
  const viaNode = lazyNodeTransport(options);
  const viaFetch = 'bun' in process.versions ? new FetchOfBun(options) : undefined;
  const send: Transport = async (request, hop) =>
    (await viaFetch?.send(request, hop)) ?? viaNode(request, hop);
  const close = (): void => {
    viaFetch?.close();
    viaNode.close();
  };
  return Object.assign(send, { close });
}

/**
 * What the `fetch` of bun does as `node:http` does: asking a host on loopback over plain HTTP. It has
 * no limit for the time that connecting takes, which such a host does not need; over TLS, it would
 * read the bundle of certificates anew for each request; it sends a stream in chunks even where its
 * length is known; and it passes over what comes after the last chunk of an answer, however long.
 * Answers in chunks, and those that it takes for no HTTP, are therefore asked for again.
 */
class FetchOfBun {
  readonly #transport: Transport;
  readonly #turns: Turns;
  readonly #closing: AbortController = new AbortController();
  /** Hosts that answer in a way that is left to `node:http`. */
  readonly #others: Set<string> = new Set();

  constructor({ maxConnectionsPerHost, maxHeaderBytes }: SystemTransportOptions) {
    // BUN_CONFIG_VERBOSE_FETCH would have every header written out, credentials too
    const init: BunRequestInit = { decompress: false, verbose: false };
    this.#turns = new Turns(maxConnectionsPerHost ?? DEFAULT_MAX_CONNECTIONS_PER_HOST);
    this.#transport = fetchTransport(fetchAsNode, {
      init,
      keepsEncoding: true,
      ...(maxHeaderBytes !== undefined && { maxHeaderBytes }),
    });
  }

  /** The answer, or undefined where the request has to go, or go again, another way. */
  async send(
    request: HttpRequest,
    { signal }: TransportOptions,
  ): Promise<HttpResponse | undefined> {
    const { host } = request.url;
    if (!isForFetch(request) || this.#others.has(host)) return undefined;
    const done = await this.#turns.take(host);
    try {
      const ends = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
      const response = await this.#transport(request, { signal: AbortSignal.any(ends) });
      if (!response.headers.has('transfer-encoding')) return holding(response, done);
      await response.discard();
    } catch (error) {
      done();
      // whether it is HTTP, and what is wrong with it, is for one parser to say
      if (!(error instanceof HttpError && error.code === 'HTTP_RESPONSE_INVALID')) throw error;
    }
    done();
    this.#others.add(host);
    return undefined;
  }

  close(): void {
    this.#closing.abort(
      new HttpError('HTTP_CONNECTION_FAILED', 'the connections were closed by their owner'),
    );
  }
}

function isForFetch({ method, url, body }: HttpRequest): boolean {
  // both can be asked again
  if ((method !== 'GET' && method !== 'HEAD') || body !== undefined) return false;
  return url.protocol === 'http:' && isLoopbackHost(bareHost(url));
}

/** `fetch` of bun takes this beyond the standard. */
type BunRequestInit = RequestInit & {
  readonly decompress: boolean;
  readonly verbose: boolean;
};

/** Fails in the words of node:http, where those of bun are for who calls its `fetch`. */
const fetchAsNode: typeof fetch = async (input, init) => {
  try {
    return await fetch(input, init);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const host = input instanceof URL ? input.host : '';
    if (code === 'ECONNREFUSED') throw systemError(`connect ${code} ${host}`, code, cause);
    if (code === 'ECONNRESET') throw systemError('socket hang up', code, cause);
    throw cause;
  }
};

function systemError(message: string, code: string, cause: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** The same answer, which ends a turn when its body is read or discarded. */
function holding(response: HttpResponse, done: () => void): HttpResponse {
  return {
    ...response,
    body: heldBody(response.body, done),
    discard: () => response.discard().finally(done),
  };
}

async function* heldBody(
  body: AsyncIterable<Uint8Array>,
  done: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    done();
  }
}
