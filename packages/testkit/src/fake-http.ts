import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpError, HttpHeaders, type HttpRequest, type Transport } from '@nv2/http';

/** A request as a fake server sees it; header names in lower case. */
export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a fake server answers, well-behaved or not. */
export interface FakeResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Never end the answer: after the headers and body, or before anything. */
  readonly stall?: 'headers' | 'body';
  /** Close the connection after the body, whatever length was announced. */
  readonly breakOff?: boolean;
}

/** Answers a request. */
export type FakeHandler = (request: FakeRequest) => FakeResponse | Promise<FakeResponse>;

/** A server on a port of loopback. */
export interface FakeServer {
  readonly url: URL;
  /** `127.0.0.1:port`. */
  readonly host: string;
  close(): Promise<void>;
}

/** A transport that calls the handler, whatever the host: no socket, for tests of logic. */
export function fakeTransport(handler: FakeHandler): Transport {
  return async (request, { signal }) => {
    const response = await handler(await toFakeRequest(request));
    if (response.stall === 'headers') return await untilAborted(signal);
    return {
      status: response.status,
      url: request.url,
      headers: new HttpHeaders(Object.entries(response.headers ?? {})),
      body: bodyOf(response, signal),
      discard: () => Promise.resolve(),
    };
  };
}

/** Serves the handler over real sockets. */
export async function serveFake(handler: FakeHandler): Promise<FakeServer> {
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, handler).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    url: new URL(`http://${host}/`),
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: FakeHandler,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const body = new Uint8Array(Buffer.concat(chunks));
  const response = await handler({ method: incoming.method ?? '', url, headers, body });
  if (response.stall === 'headers') return;
  outgoing.writeHead(response.status, { ...response.headers });
  outgoing.flushHeaders();
  if (response.body !== undefined) outgoing.write(response.body);
  if (response.stall === 'body') return;
  if (response.breakOff === true) {
    // let what was written reach the other side first
    setImmediate(() => outgoing.destroy());
    return;
  }
  outgoing.end();
}

async function toFakeRequest(request: HttpRequest): Promise<FakeRequest> {
  const chunks: Uint8Array[] = [];
  const { body = new Uint8Array() } = request;
  if (body instanceof Uint8Array) chunks.push(body);
  else for await (const chunk of body) chunks.push(chunk);
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const bytes = new Uint8Array(Buffer.concat(chunks));
  return { method: request.method, url: request.url, headers, body: bytes };
}

async function* bodyOf(
  { body = '', stall }: FakeResponse,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  if (bytes.length > 0) yield bytes;
  if (stall === 'body') await untilAborted(signal);
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => {
      const { reason } = signal ?? {};
      reject(reason instanceof Error ? reason : new HttpError('HTTP_ABORTED', 'aborted'));
    };
    if (signal?.aborted) fail();
    signal?.addEventListener('abort', fail, { once: true });
  });
}
