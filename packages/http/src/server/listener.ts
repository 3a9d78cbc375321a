import type { IncomingMessage, ServerResponse } from 'node:http';
import { withDefaults } from '@nv2/core';
import type { Handler } from './handler.ts';
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { PaceKeeper } from './pace.ts';
import { drainRequest, hasBody, requestChunks, webBody } from './request-body.ts';
import { responseChunks } from './stream.ts';

/** Options of {@link nodeListener}. */
export interface ListenerOptions {
  readonly limits?: Partial<ServerLimits>;
  /** Told of what a handler threw, and of answers that broke off. Must not throw. */
  readonly onError?: (error: unknown) => void;
}

interface Connection {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: AsyncGenerator<Uint8Array>;
  readonly keeper: PaceKeeper;
  readonly limits: ServerLimits;
}

const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);
const NO_BODY_STATUS: ReadonlySet<number> = new Set([204, 205, 304]);

// Over node:http without fastify: for handlers that stream raw bodies it would add nothing.
/**
 * Runs a handler under `node:http`: bodies stream both ways with back-pressure, `HEAD` answers
 * carry no body, `request.signal` ends when the client leaves, slow clients are cut off, and an
 * answer that breaks off is never taken for a complete one.
 */
export function nodeListener(
  handler: Handler,
  options: ListenerOptions = {},
): (message: IncomingMessage, response: ServerResponse) => void {
  const limits = withDefaults(DEFAULT_SERVER_LIMITS, options.limits);
  const keeper = new PaceKeeper(limits);
  const report = options.onError ?? (() => undefined);
  return (message, response) => {
    const body = requestChunks(message, response, keeper);
    const connection: Connection = { message, response, body, keeper, limits };
    // a failed write is reported to whoever awaits it
    response.on('error', () => undefined);
    answer(handler, connection, report)
      .then((result) => send(result, connection))
      .catch((error: unknown) => {
        if (!message.socket.destroyed) report(error);
        response.destroy();
      });
  };
}

async function answer(
  handler: Handler,
  connection: Connection,
  report: (error: unknown) => void,
): Promise<Response> {
  const { message, response, body, limits } = connection;
  const url = requestUrl(message, limits);
  if (url instanceof Response) return url;
  if (FORBIDDEN_METHODS.has(message.method ?? '')) return plainText(501, 'method not supported');
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const remoteAddress = message.socket.remoteAddress;
  try {
    const request = new Request(url, {
      method: message.method ?? 'GET',
      headers: requestHeaders(message),
      signal: gone.signal,
      ...(mayCarryBody(message) && { body: webBody(body), duplex: 'half' as const }),
    });
    return await handler(request, { body, ...(remoteAddress !== undefined && { remoteAddress }) });
  } catch (error) {
    if (!gone.signal.aborted) report(error);
    return plainText(500, 'internal error');
  }
}

function mayCarryBody(message: IncomingMessage): boolean {
  return message.method !== 'GET' && message.method !== 'HEAD' && hasBody(message);
}

/**
 * The absolute URL of a request. Targets that a URL parser would change (dot segments in any
 * spelling, backslashes, a fragment) are refused: whoever stands in front must see the same path.
 */
function requestUrl(message: IncomingMessage, limits: ServerLimits): URL | Response {
  const target = message.url ?? '';
  if (target.length > limits.maxTargetLength) return plainText(414, 'request target too long');
  const scheme = 'encrypted' in message.socket ? 'https' : 'http';
  const host = message.headers.host ?? 'localhost';
  const url = target.startsWith('/') ? URL.parse(`${scheme}://${host}${target}`) : null;
  const path = target.split('?', 1)[0];
  if (url === null || url.pathname !== path || url.hash !== '' || url.username !== '') {
    return plainText(400, 'malformed request target or host');
  }
  return url;
}

function requestHeaders(message: IncomingMessage): Headers {
  const headers = new Headers();
  const raw = message.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] ?? '', raw[i + 1] ?? '');
  return headers;
}

function plainText(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}

async function send(result: Response, connection: Connection): Promise<void> {
  const { message, response, body, keeper, limits } = connection;
  const bodyless = message.method === 'HEAD' || NO_BODY_STATUS.has(result.status);
  const unread = hasBody(message) && !message.complete;
  if (unread && !(Number(message.headers['content-length']) <= limits.maxDrainBytes)) {
    response.shouldKeepAlive = false;
  }
  response.writeHead(result.status, [...result.headers].flat());
  if (bodyless) await result.body?.cancel();
  else await writeBody(result, connection);
  await body.return(undefined);
  if (unread) await drainRequest(message, { keeper, maxBytes: limits.maxDrainBytes });
  response.end();
}

async function writeBody(result: Response, connection: Connection): Promise<void> {
  const { response, keeper } = connection;
  const chunks = responseChunks(result);
  if (chunks === undefined) return;
  const announced = result.headers.get('content-length');
  const pace = keeper.watch(() => response.destroy());
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue;
      pace.begin();
      await write(response, chunk);
      pace.end(chunk.length);
      bytes += chunk.length;
    }
  } finally {
    pace.stop();
  }
  // without this a client would wait for the rest, or take the next answer for it
  if (announced !== null && Number(announced) !== bytes) {
    throw new Error(`answer has ${bytes} bytes, announced ${announced}`);
  }
}

/** Resolves when the chunk was handed to the operating system, and may be overwritten. */
function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
