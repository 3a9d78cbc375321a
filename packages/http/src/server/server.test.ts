import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpError } from '../errors.ts';
import { bodyOf, type Handler } from './handler.ts';
import { type RunningServer, type ServeOptions, serve } from './serve.ts';
import { STATUS_BY_KIND } from './status.ts';
import { streamResponse } from './stream.ts';

async function withServer(
  handler: Handler,
  use: (server: RunningServer, raw: (text: string) => Promise<Socket>) => Promise<void>,
  options: Partial<ServeOptions> = {},
): Promise<void> {
  const server = await serve(handler, { host: '127.0.0.1', port: 0, ...options });
  const sockets: Socket[] = [];
  try {
    await use(server, async (text) => {
      const socket = connect(Number(server.url.port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text);
      return socket;
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.close();
  }
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // a reset is as good an end as any
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

async function readUntil(socket: Socket, text: string): Promise<string> {
  let seen = '';
  while (!seen.includes(text)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    seen += chunk.toString('latin1');
  }
  return seen;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const echo: Handler = (request, context) =>
  streamResponse(bodyOf(request, context), {
    headers: { 'x-method': request.method, 'x-path': new URL(request.url).pathname },
  });

describe('a handler behind a socket', () => {
  test('gets the body as a stream and answers with a stream', async () => {
    await withServer(echo, async ({ url }) => {
      const body = new Uint8Array(3_000_000).map((_, i) => i);
      const response = await fetch(new URL('/a/b', url), { method: 'POST', body });
      assert.equal(response.headers.get('x-path'), '/a/b');
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
    });
  });

  test('reads the same body from the Request', async () => {
    const handler: Handler = async (request) => new Response(await request.text());
    await withServer(handler, async ({ url }) => {
      const response = await fetch(url, { method: 'PUT', body: 'hello' });
      assert.equal(await response.text(), 'hello');
    });
  });

  test('answers HEAD without a body and with its length', async () => {
    const handler: Handler = () => new Response(null, { headers: { 'content-length': '12' } });
    await withServer(handler, async ({ url }) => {
      const response = await fetch(url, { method: 'HEAD' });
      assert.equal(response.headers.get('content-length'), '12');
      assert.equal(await response.text(), '');
    });
  });

  test('closes a streamed source that HEAD does not read', async () => {
    let closed = false;
    const source = {
      next: () => Promise.resolve({ done: true as const, value: undefined }),
      return: () => {
        closed = true;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    };
    const handler: Handler = () => streamResponse({ [Symbol.asyncIterator]: () => source }, {});
    await withServer(handler, async ({ url }) => {
      await fetch(url, { method: 'HEAD' });
      assert.equal(closed, true);
    });
  });

  test('that throws is answered with 500 and a constant text, and its error is reported', async () => {
    const errors: unknown[] = [];
    const secret = new Error('secret');
    await withServer(
      () => {
        throw secret;
      },
      async ({ url }) => {
        const response = await fetch(url);
        assert.equal(response.status, 500);
        assert.equal((await response.text()).includes('secret'), false);
        assert.deepEqual(errors, [secret]);
      },
      { onError: (error) => errors.push(error) },
    );
  });

  test('that breaks off its answer makes the client see a broken answer', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw new Error('disk');
    }
    const handler: Handler = () => streamResponse(broken(), {});
    await withServer(handler, async ({ url }) => {
      await assert.rejects(async () => (await fetch(url)).arrayBuffer());
    });
  });

  test('that writes less than it announced makes the client see a broken answer', async () => {
    async function* short(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
    }
    const handler: Handler = () => streamResponse(short(), { headers: { 'content-length': '11' } });
    await withServer(handler, async ({ url }) => {
      await assert.rejects(async () => (await fetch(url)).arrayBuffer());
    });
  });

  test('sees the signal end when the client leaves', async () => {
    const gone = deferred<void>();
    const here = deferred<void>();
    const handler: Handler = async (request) => {
      request.signal.addEventListener('abort', () => gone.resolve());
      here.resolve();
      await gone.promise;
      return new Response();
    };
    await withServer(handler, async (_server, raw) => {
      const socket = await raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await here.promise;
      socket.destroy();
      await gone.promise;
    });
  });

  test('gets HTTP_CLIENT_GONE when the client leaves within its body', async () => {
    const outcome = deferred<unknown>();
    const handler: Handler = async (request, context) => {
      try {
        for await (const chunk of bodyOf(request, context)) assert.equal(chunk.length, 3);
        outcome.resolve(undefined);
      } catch (error) {
        outcome.resolve(error);
      }
      return new Response();
    };
    await withServer(handler, async (_server, raw) => {
      const socket = await raw('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
      await nextTurn();
      socket.end();
      const error = await outcome.promise;
      assert.ok(error instanceof HttpError && error.code === 'HTTP_CLIENT_GONE');
    });
  });
});

describe('limits of the server', () => {
  test('a client that stalls within its body is cut off', async () => {
    const outcome = deferred<unknown>();
    const handler: Handler = async (request, context) => {
      await bodyOf(request, context)
        [Symbol.asyncIterator]()
        .next()
        .catch((error: unknown) => outcome.resolve(error));
      return new Response();
    };
    const limits = { idleTimeoutMs: 5 };
    await withServer(
      handler,
      async (_server, raw) => {
        await raw('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');
        const error = await outcome.promise;
        assert.ok(error instanceof HttpError && error.code === 'HTTP_CLIENT_TOO_SLOW');
      },
      { limits },
    );
  });

  test('a client that trickles below the slowest rate is cut off', async () => {
    const outcome = deferred<unknown>();
    const handler: Handler = async (request, context) => {
      try {
        for await (const chunk of bodyOf(request, context)) assert.ok(chunk.length > 0);
      } catch (error) {
        outcome.resolve(error);
      }
      return new Response();
    };
    await withServer(
      handler,
      async (_server, raw) => {
        await raw('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
        const error = await outcome.promise;
        assert.ok(error instanceof HttpError && error.code === 'HTTP_CLIENT_TOO_SLOW');
      },
      { limits: { idleTimeoutMs: 500, slowGraceMs: 1, minBytesPerSecond: 1e12 } },
    );
  });

  test('a client that does not read the answer is cut off', async () => {
    const stopped = deferred<void>();
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(1_000_000);
      } finally {
        stopped.resolve();
      }
    }
    const handler: Handler = () => streamResponse(endless(), {});
    await withServer(
      handler,
      async (_server, raw) => {
        const socket = await raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        socket.pause();
        await stopped.promise;
      },
      { limits: { idleTimeoutMs: 20 } },
    );
  });

  test('headers above the limit are answered with 431, targets above it with 414', async () => {
    await withServer(
      echo,
      async (_server, raw) => {
        const long = 'x'.repeat(2000);
        const headers = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${long}${long}\r\n\r\n`);
        assert.match(await readAll(headers), /^HTTP\/1\.1 431 /);
        const target = await raw(`GET /${long} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        assert.match(await readAll(target), /^HTTP\/1\.1 414 /);
      },
      { limits: { maxHeaderBytes: 3000, maxTargetLength: 1000 } },
    );
  });

  test('security row 19: targets that a URL parser would change are refused', async () => {
    await withServer(echo, async (_server, raw) => {
      const targets = [
        '/v2/../x',
        '/v2/%2e%2e/x',
        '/v2/.%2E/x',
        '/a\\b',
        '//x#y',
        '*',
        'http://b/a',
      ];
      for (const target of targets) {
        const socket = await raw(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        assert.match(await readAll(socket), /^HTTP\/1\.1 400 /, target);
      }
      const plain = await raw('GET //b/c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      assert.match(await readAll(plain), /x-path: \/\/b\/c/i);
    });
  });

  test('TRACE is refused', async () => {
    await withServer(echo, async (_server, raw) => {
      const socket = await raw('TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      assert.match(await readAll(socket), /^HTTP\/1\.1 501 /);
    });
  });
});

describe('a body that the handler does not want', () => {
  const refuse: Handler = () => new Response('no', { status: 413 });

  test('is not asked for where the client waits for 100 Continue', async () => {
    await withServer(refuse, async (_server, raw) => {
      const socket = await raw(
        'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\nExpect: 100-continue\r\n\r\n',
      );
      const seen = await readUntil(socket, 'no');
      assert.match(seen, /^HTTP\/1\.1 413 /);
    });
  });

  test('is asked for with 100 Continue when the handler reads it', async () => {
    const handler: Handler = async (request) => new Response(await request.text());
    await withServer(handler, async (_server, raw) => {
      const socket = await raw(
        'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
      );
      assert.match(await readUntil(socket, '\r\n\r\n'), /^HTTP\/1\.1 100 /);
      socket.write('hi');
      assert.match(await readUntil(socket, 'hi'), /HTTP\/1\.1 200 /);
    });
  });

  test('is read away if it is small, so that the connection can be used again', async () => {
    await withServer(refuse, async (_server, raw) => {
      const socket = await raw('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
      await readUntil(socket, 'no');
      socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
      await readUntil(socket, 'no');
    });
  });

  test('cuts the connection if it is large, after the answer was sent', async () => {
    await withServer(
      refuse,
      async (_server, raw) => {
        const socket = await raw('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n');
        const seen = await readUntil(socket, 'no');
        assert.match(seen, /connection: close/i);
        socket.write(Buffer.alloc(200_000));
        await readAll(socket);
      },
      { limits: { maxDrainBytes: 1000 } },
    );
  });
});

describe('a running server', () => {
  test('lets a running request end when it is closed', async () => {
    const begun = deferred<void>();
    const go = deferred<void>();
    const server = await serve(
      async () => {
        begun.resolve();
        await go.promise;
        return new Response('done');
      },
      { host: '127.0.0.1', port: 0 },
    );
    const response = fetch(server.url);
    await begun.promise;
    const closed = server.close();
    go.resolve();
    assert.equal(await (await response).text(), 'done');
    await closed;
  });

  test('cuts off what does not end in time when it is closed', async () => {
    const begun = deferred<void>();
    const server = await serve(
      () => {
        begun.resolve();
        return new Promise<Response>(() => undefined);
      },
      { host: '127.0.0.1', port: 0, limits: { closeGraceMs: 1 } },
    );
    const response = assert.rejects(fetch(server.url));
    await begun.promise;
    await server.close();
    await response;
  });

  test('says HTTP_LISTEN_FAILED where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    assert.ok(address !== null && typeof address === 'object');
    await assert.rejects(
      serve(echo, { host: '127.0.0.1', port: address.port }),
      (error) => error instanceof HttpError && error.code === 'HTTP_LISTEN_FAILED',
    );
    other.close();
  });

  test('has a status for each kind of error', () => {
    assert.equal(STATUS_BY_KIND.missing, 404);
    assert.equal(STATUS_BY_KIND.internal, 500);
  });
});

test('a response that is streamed can be read as an ordinary one', async () => {
  async function* reused(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(1);
    for (const value of [1, 2, 3]) {
      buffer[0] = value;
      yield buffer;
    }
  }
  const response = streamResponse(reused(), { status: 206 });
  assert.equal(response.status, 206);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), Uint8Array.of(1, 2, 3));
});

test('a server whose program names no host can be reached, and closed', async () => {
  const options = { port: 0 } as unknown as ServeOptions;
  const server = await serve(() => new Response('here'), options);
  await server.close();
  assert.notEqual(server.url.port, '');
});
