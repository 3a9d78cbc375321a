import { withDefaults } from '@nv2/core';
import { HttpError } from '../errors.ts';
import { bodyTooLarge } from './body.ts';
import { abortError, sleep, systemClock } from './clock.ts';
import { DEFAULT_TIMEOUTS, Deadline, type Timeouts } from './deadline.ts';
import { lazyNodeTransport } from './lazy-node-transport.ts';
import { redirectedRequest } from './redirect.ts';
import {
  type AttemptResult,
  DEFAULT_RETRY_POLICY,
  isRepeatable,
  type RetryPolicy,
  retryDelay,
} from './retry.ts';
import { maskHeaders, maskUrl } from './secrets.ts';
import type { Clock, HttpLogEvent, HttpRequest, HttpResponse, Transport } from './types.ts';

/** Options of {@link createHttpClient}. */
export interface HttpClientOptions {
  /** Default: `nodeTransport`, whose idle connections do not keep a program from ending. */
  readonly transport?: Transport;
  /** Default `nv2`. */
  readonly userAgent?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: Partial<RetryPolicy>;
  /** Redirects that are followed for one request. Default 10. */
  readonly maxRedirects?: number;
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter of retries. */
  readonly random?: () => number;
  /** Told of every hop; secrets are masked. */
  readonly log?: (event: HttpLogEvent) => void;
}

/** Options of one {@link HttpClient.send}. */
export interface SendOptions {
  readonly signal?: AbortSignal;
  /** The body fails with `HTTP_BODY_TOO_LARGE` beyond this. Default 1 GiB. */
  readonly maxBytes?: number;
  readonly timeouts?: Partial<Timeouts>;
  readonly maxRedirects?: number;
  /** A POST that may be sent twice without harm: then it is retried as a GET is. */
  readonly idempotent?: boolean;
  /** Called before each redirect is followed; may throw to refuse it. */
  readonly onRedirect?: (url: URL) => void;
}

/** Sends requests within limits of time, size, redirects and attempts. */
export interface HttpClient {
  /**
   * The answer, of whatever status. Its body is bounded in size and time while it is read.
   * @throws HttpError
   */
  send(request: HttpRequest, options?: SendOptions): Promise<HttpResponse>;
}

const DEFAULT_USER_AGENT = 'nv2';
const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;
const DEFAULT_MAX_REDIRECTS = 10;

/** A client over a transport. Holds no connection itself; safe to use at the same time. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const settings: Settings = {
    transport: options.transport ?? lazyNodeTransport(),
    userAgent: options.userAgent ?? DEFAULT_USER_AGENT,
    timeouts: withDefaults(DEFAULT_TIMEOUTS, options.timeouts),
    retry: withDefaults(DEFAULT_RETRY_POLICY, options.retry),
    maxRedirects: options.maxRedirects ?? DEFAULT_MAX_REDIRECTS,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log: options.log,
  };
  return { send: (request, sendOptions = {}) => send(request, { settings, options: sendOptions }) };
}

type Settings = Required<Omit<HttpClientOptions, 'timeouts' | 'retry' | 'log'>> & {
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
  readonly log: HttpClientOptions['log'];
};

interface Call {
  readonly settings: Settings;
  readonly options: SendOptions;
}

interface Exchange extends Call {
  readonly deadline: Deadline;
}

async function send(request: HttpRequest, call: Call): Promise<HttpResponse> {
  const { settings, options } = call;
  const deadline = new Deadline(request, {
    clock: settings.clock,
    timeouts: withDefaults(settings.timeouts, options.timeouts),
    signal: options.signal,
  });
  try {
    const headers = { 'user-agent': settings.userAgent, ...request.headers };
    const response = await followRedirects({ ...request, headers }, { ...call, deadline });
    return boundedResponse(response, { deadline, maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES });
  } catch (error) {
    deadline.end();
    throw error;
  }
}

async function followRedirects(first: HttpRequest, exchange: Exchange): Promise<HttpResponse> {
  const maxRedirects = exchange.options.maxRedirects ?? exchange.settings.maxRedirects;
  let request = first;
  for (let count = 0; ; count++) {
    const response = await attempts(request, exchange);
    const next = redirectedRequest(request, response);
    if (next === undefined) return response;
    await exchange.deadline.waitFor(response.discard());
    // no number of redirects is none, not any
    if (!(count < maxRedirects)) throw tooManyRedirects(first, maxRedirects);
    exchange.options.onRedirect?.(next.url);
    request = next;
  }
}

async function attempts(request: HttpRequest, exchange: Exchange): Promise<HttpResponse> {
  const { settings, options, deadline } = exchange;
  const repeatable = isRepeatable(request, options.idempotent ?? false);
  for (let attempt = 1; ; attempt++) {
    if (deadline.signal.aborted) throw abortError(deadline.signal);
    const result = await attemptOnce(request, attempt, exchange);
    const delayMs = repeatable
      ? retryDelay(result, {
          policy: settings.retry,
          attempt,
          nowMs: settings.clock.now(),
          random: settings.random,
        })
      : undefined;
    if (delayMs === undefined) {
      if (result.response === undefined) throw result.error;
      return result.response;
    }
    settings.log?.({
      type: 'retry',
      method: request.method,
      url: maskUrl(request.url),
      reason: reasonOf(result),
      delayMs,
    });
    if (result.response) await deadline.waitFor(result.response.discard());
    await sleep(delayMs, settings.clock, deadline.signal);
  }
}

async function attemptOnce(
  request: HttpRequest,
  attempt: number,
  { settings, deadline }: Exchange,
): Promise<AttemptResult> {
  const { log } = settings;
  log?.({ type: 'request', ...shown(request, request.headers ?? {}), attempt });
  try {
    const { signal } = deadline;
    const sent = { ...request, ...watchedBody(request, deadline) };
    const response = await deadline.waitFor(settings.transport(sent, { signal }));
    const { status } = response;
    log?.({ type: 'response', ...shown(request, Object.fromEntries(response.headers)), status });
    return { response };
  } catch (error) {
    return { error };
  }
}

/** A streamed body that tells the deadline of each chunk that was asked for. */
function watchedBody({ body }: HttpRequest, deadline: Deadline): Pick<HttpRequest, 'body'> {
  if (body === undefined || body instanceof Uint8Array) return {};
  return { body: watched(body, deadline) };
}

async function* watched(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    deadline.progress();
    yield chunk;
  }
}

function shown(
  { method, url }: HttpRequest,
  headers: Readonly<Record<string, string>>,
): {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  return { method, url: maskUrl(url), headers: maskHeaders(Object.entries(headers)) };
}

function boundedResponse(
  response: HttpResponse,
  bounds: { readonly deadline: Deadline; readonly maxBytes: number },
): HttpResponse {
  const { deadline } = bounds;
  return {
    ...response,
    body: boundedBody(response, bounds),
    async discard() {
      await deadline.waitFor(response.discard()).catch(() => undefined);
      deadline.end();
    },
  };
}

function boundedBody(
  response: HttpResponse,
  { deadline, maxBytes }: { readonly deadline: Deadline; readonly maxBytes: number },
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = response.body[Symbol.asyncIterator]();
      let size = 0;
      const end = (): void => {
        deadline.end();
        // not awaited: a silent host must not hold up the caller
        Promise.resolve(iterator.return?.()).catch(() => undefined);
      };
      return {
        async next() {
          try {
            const next = await deadline.waitFor(iterator.next());
            if (next.done === true) {
              deadline.end();
              return next;
            }
            size += next.value.length;
            // what is no limit lets nothing pass
            if (!(size <= maxBytes)) throw bodyTooLarge(response.url, size, maxBytes);
            return next;
          } catch (error) {
            end();
            throw error;
          }
        },
        return() {
          end();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}

function reasonOf(result: AttemptResult): string {
  if (result.response) return `status ${result.response.status}`;
  return result.error instanceof Error ? result.error.message : String(result.error);
}

function tooManyRedirects({ method, url }: HttpRequest, maxRedirects: number): HttpError {
  return new HttpError(
    'HTTP_TOO_MANY_REDIRECTS',
    maxRedirects === 0
      ? `${method} ${maskUrl(url)}: answered with a redirect, which is not followed`
      : `${method} ${maskUrl(url)}: more than ${maxRedirects} redirects`,
    {
      hint: 'the host is misconfigured or not the one you meant',
      data: { url: maskUrl(url), maxRedirects },
    },
  );
}
