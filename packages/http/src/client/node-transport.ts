import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { HttpError } from '../errors.ts';
import { abortError, systemClock } from './clock.ts';
import { connectionError } from './connection-error.ts';
import { type ConnectionOptions, Connections, DEFAULT_CONNECT_TIMEOUT_MS } from './connections.ts';
import { HttpHeaders } from './headers.ts';
import { DEFAULT_MAX_HEADER_BYTES, MAX_DRAIN_BYTES } from './limits.ts';
import { MessageChunks } from './message-chunks.ts';
import { maskUrl } from './secrets.ts';
import { assertSendable } from './sendable.ts';
import type { Clock, HttpRequest, HttpResponse, Transport } from './types.ts';

/** Options of {@link nodeTransport}. */
export interface NodeTransportOptions extends ConnectionOptions {
  /** All header fields of an answer together. Default 32 KiB. */
  readonly maxHeaderBytes?: number;
}

/** A transport that holds connections; closing it ends them. */
export type NodeTransport = Transport & { close(): void };

/**
 * The transport over `node:http` and `node:https`, with kept-alive connections, the system's
 * trusted certificates and proxies. Reads no environment variable: whoever calls does.
 */
export function nodeTransport(options: NodeTransportOptions = {}): NodeTransport {
  const connections = new Connections(options);
  const settings = {
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    maxHeaderBytes: options.maxHeaderBytes ?? DEFAULT_MAX_HEADER_BYTES,
    clock: options.clock ?? systemClock,
  };
  const send: Transport = async (request, { signal }) => {
    assertSendable(request);
    const hop: Hop = { request, signal, ...settings };
    try {
      const outgoing = await connections.request(request.url, requestOptions(hop));
      return await exchange(outgoing, hop);
    } catch (cause) {
      throw connectionError(cause, request, { signal, answered: false });
    }
  };
  return Object.assign(send, { close: () => connections.close() });
}

interface Hop {
  readonly request: HttpRequest;
  readonly signal: AbortSignal | undefined;
  readonly connectTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly clock: Clock;
}

function requestOptions({ request, maxHeaderBytes }: Hop): RequestOptions {
  const { body, bodyLength } = request;
  const length = body instanceof Uint8Array ? body.length : bodyLength;
  return {
    method: request.method,
    maxHeaderSize: maxHeaderBytes,
    headers: {
      ...request.headers,
      ...(body !== undefined && length !== undefined && { 'content-length': String(length) }),
    },
  };
}

function exchange(outgoing: ClientRequest, hop: Hop): Promise<HttpResponse> {
  const { request, signal } = hop;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      const reusedConnection = outgoing.reusedSocket;
      reject(connectionError(cause, request, { signal, answered: false, reusedConnection }));
    };
    const onAbort = (): void => {
      outgoing.destroy(signal ? abortError(signal) : undefined);
    };
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    outgoing.once('close', () => signal?.removeEventListener('abort', onAbort));
    outgoing.on('error', fail);
    outgoing.once('response', (message) => resolve(toResponse(message, hop)));
    limitConnecting(outgoing, hop);
    const { body } = request;
    if (body === undefined || body instanceof Uint8Array) {
      outgoing.end(body);
      return;
    }
    writeStream(outgoing, body).catch((cause: unknown) => {
      outgoing.destroy(cause instanceof Error ? cause : undefined);
      fail(cause);
    });
  });
}

async function writeStream(
  outgoing: ClientRequest,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { Readable, promises } = await import('node:stream');
  await promises.pipeline(Readable.from(body, { objectMode: false }), outgoing);
}

function limitConnecting(outgoing: ClientRequest, hop: Hop): void {
  if (outgoing.reusedSocket) return;
  const { request, connectTimeoutMs } = hop;
  const expire = (): void => {
    outgoing.destroy(
      new HttpError(
        'HTTP_TIMEOUT',
        `${request.method} ${maskUrl(request.url)}: no connection within ${connectTimeoutMs} ms`,
        {
          hint: 'check the network, a firewall, and the proxy settings',
          data: { url: maskUrl(request.url), phase: 'connect', limitMs: connectTimeoutMs },
        },
      ),
    );
  };
  const stop = hop.clock.setTimer(expire, connectTimeoutMs, true);
  const secure = request.url.protocol === 'https:';
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return stop();
    socket.once(secure ? 'secureConnect' : 'connect', stop);
  });
  outgoing.once('close', stop);
}

function toResponse(message: IncomingMessage, hop: Hop): HttpResponse {
  const raw = message.rawHeaders;
  const fields: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push([raw[index] ?? '', raw[index + 1] ?? '']);
  }
  // an answer that nobody reads any more may still break off
  message.on('error', () => undefined);
  return {
    status: message.statusCode ?? 0,
    url: hop.request.url,
    headers: new HttpHeaders(fields),
    body: readMessage(message, hop),
    discard: () => discard(message, hop),
  };
}

function readMessage(message: IncomingMessage, hop: Hop): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () =>
      new MessageChunks(message, (cause) =>
        connectionError(cause, hop.request, { signal: hop.signal, answered: true }),
      ),
  };
}

function discard(message: IncomingMessage, { request }: Hop): Promise<void> {
  return new Promise((resolve) => {
    if (message.destroyed) return resolve();
    const announced = Number(message.headers['content-length'] ?? '0');
    const tooLong = request.method !== 'HEAD' && announced > MAX_DRAIN_BYTES;
    let drained = 0;
    message.once('close', resolve);
    message.on('data', (chunk: Uint8Array) => {
      drained += chunk.length;
      if (drained > MAX_DRAIN_BYTES) message.destroy();
    });
    if (tooLong) message.destroy();
    else message.resume();
  });
}
