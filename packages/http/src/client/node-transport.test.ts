import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type FakeHandler,
  fakeClock,
  serveFake,
  serveTls,
  type TlsServer,
  withTempDir,
} from '@nv2/testkit';
import { HttpError, type HttpErrorCode } from '../errors.ts';
import { readBody } from './body.ts';
import { createHttpClient } from './http-client.ts';
import { type NodeTransportOptions, nodeTransport } from './node-transport.ts';
import type { HttpRequest, HttpResponse } from './types.ts';

const code =
  (expected: HttpErrorCode) =>
  (error: unknown): boolean =>
    error instanceof HttpError && error.code === expected;

async function readText(response: HttpResponse): Promise<string> {
  return new TextDecoder().decode(await readBody(response, { maxBytes: 1e6 }));
}

async function withServer(handler: FakeHandler, use: (url: URL) => Promise<void>): Promise<void> {
  const server = await serveFake(handler);
  try {
    await use(server.url);
  } finally {
    await server.close();
  }
}

async function get(url: URL, options: NodeTransportOptions = {}): Promise<string> {
  const transport = nodeTransport(options);
  try {
    return await readText(await transport({ method: 'GET', url }, {}));
  } finally {
    transport.close();
  }
}

/** A server that answers every connection with these bytes. */
async function withRawServer(bytes: string, use: (url: URL) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(bytes));
  });
  await listening(server, use);
}

async function listening(server: Server, use: (url: URL) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test('method, headers and body arrive, and the answer comes back', async () => {
  const echo: FakeHandler = ({ method, headers, body }) => ({
    status: 201,
    body: `${method} ${headers['x-a']} ${headers['content-length']} ${Buffer.from(body)}`,
  });
  await withServer(echo, async (url) => {
    const transport = nodeTransport();
    const request: HttpRequest = {
      method: 'PUT',
      url,
      headers: { 'x-a': 'b' },
      body: Buffer.from('cde'),
    };
    const response = await transport(request, {});
    assert.equal(response.status, 201);
    assert.equal(await readText(response), 'PUT b 3 cde');
    transport.close();
  });
});

test('a streamed body arrives, with its length if it is known', async () => {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('ab'));
    yield Buffer.from('cd');
  }
  const echo: FakeHandler = (request) => ({
    status: 200,
    body: `${request.headers['content-length'] ?? 'chunked'} ${Buffer.from(request.body)}`,
  });
  await withServer(echo, async (url) => {
    const transport = nodeTransport();
    const sized = { method: 'PUT', url, body: body(), bodyLength: 4 };
    assert.equal(await readText(await transport(sized, {})), '4 abcd');
    const chunked = { method: 'PUT', url, body: body() };
    assert.equal(await readText(await transport(chunked, {})), 'chunked abcd');
    transport.close();
  });
});

test('a streamed body that breaks off ends the request with its own error', async () => {
  const broken = new HttpError('HTTP_BODY_TRUNCATED', 'the source broke off');
  async function* body(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('ab'));
    throw broken;
  }
  let arrived = 0;
  const count: FakeHandler = () => {
    arrived++;
    return { status: 201 };
  };
  await withServer(count, async (url) => {
    const transport = nodeTransport();
    const sent = transport({ method: 'PUT', url, body: body(), bodyLength: 4 }, {});
    await assert.rejects(sent, (error) => error === broken);
    transport.close();
  });
  assert.equal(arrived, 0);
});

test('a connection is used again after an answer was read or discarded', async () => {
  const ports = new Set<string>();
  const server = createHttpServer((request, response) => {
    ports.add(String(request.socket.remotePort));
    response.setHeader('content-length', 6);
    response.end('answer');
  });
  await listening(server, async (url) => {
    const transport = nodeTransport();
    await readText(await transport({ method: 'GET', url }, {}));
    await (await transport({ method: 'GET', url }, {})).discard();
    await (await transport({ method: 'HEAD', url }, {})).discard();
    await readText(await transport({ method: 'GET', url }, {}));
    transport.close();
  });
  assert.equal(ports.size, 1);
});

test('discarding a long answer does not read it', async () => {
  await withServer(
    () => ({ status: 200, headers: { 'content-length': '100000000' }, stall: 'body' }),
    async (url) => {
      const transport = nodeTransport();
      await (await transport({ method: 'GET', url }, {})).discard();
      transport.close();
    },
  );
});

test('gzip is never decoded', async () => {
  const packed = Buffer.from([0x1f, 0x8b, 8, 0]);
  await withServer(
    () => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: packed }),
    async (url) => {
      const transport = nodeTransport();
      const bytes = await readBody(await transport({ method: 'GET', url }, {}), { maxBytes: 99 });
      assert.deepEqual(Buffer.from(bytes), packed);
      transport.close();
    },
  );
});

test('security row 3: an answer shorter than it announced is an error, not a short answer', async () => {
  await withServer(
    () => ({ status: 200, headers: { 'content-length': '100' }, body: 'short', breakOff: true }),
    (url) => assert.rejects(get(url), code('HTTP_BODY_TRUNCATED')),
  );
  await withServer(
    () => ({ status: 200, body: 'chunked without its end', breakOff: true }),
    (url) => assert.rejects(get(url), code('HTTP_BODY_TRUNCATED')),
  );
});

test('security row 3: bytes beyond the announced length are not part of the answer', async () => {
  await withRawServer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokEVIL', async (url) => {
    assert.equal(await get(url), 'ok');
  });
});

test('a connection without TLS that is reset may have been meant to be one with it', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.resetAndDestroy());
  });
  await listening(server, (url) =>
    assert.rejects(get(url), { code: 'HTTP_CONNECTION_FAILED', hint: /speaks TLS at this port/ }),
  );
});

test('what is not HTTP, and headers without end, are refused', async () => {
  await withRawServer('SSH-2.0-OpenSSH\r\n', (url) =>
    assert.rejects(get(url), {
      code: 'HTTP_RESPONSE_INVALID',
      hint: /^check the address and the port: /,
    }),
  );
  await withRawServer(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, (url) =>
    assert.rejects(get(url), code('HTTP_RESPONSE_INVALID')),
  );
  const ambiguous = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok';
  await withRawServer(ambiguous, (url) => assert.rejects(get(url), code('HTTP_RESPONSE_INVALID')));
});

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const HOSTILE: readonly (readonly [string, string, HttpErrorCode])[] = [
  [
    'a flood of headers',
    `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(40_000)}`,
    'HTTP_RESPONSE_INVALID',
  ],
  ['a flood of trailers', `${CHUNKED}0\r\n${'a: b\r\n'.repeat(40_000)}`, 'HTTP_BODY_TRUNCATED'],
  ['an endless chunk extension', `${CHUNKED}1;${'a'.repeat(1e5)}`, 'HTTP_BODY_TRUNCATED'],
  ['a chunk without length', `${CHUNKED}x\r\n`, 'HTTP_BODY_TRUNCATED'],
  [
    'a length beyond 64 bits',
    'HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\na',
    'HTTP_RESPONSE_INVALID',
  ],
  [
    'two lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'HTTP_RESPONSE_INVALID',
  ],
  [
    'a length and chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP_RESPONSE_INVALID',
  ],
];

for (const [what, bytes, expected] of HOSTILE) {
  test(`security row 3: ${what} is refused`, async () => {
    await withRawServer(bytes, (url) => assert.rejects(get(url), code(expected)));
  });
}

for (const [what, line] of [
  ['interim answers', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
  ['empty lines', '\r\n'],
] as const) {
  test(`security row 3: a flood of ${what} ends at the limit of time`, async () => {
    const clock = fakeClock();
    const flood = Buffer.from(line.repeat(2000));
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      const more = (): void => {
        // the time goes by while the client reads
        clock.advance(500);
        if (!socket.destroyed) socket.write(flood, () => setImmediate(more));
      };
      socket.once('data', more);
    });
    await listening(server, async (url) => {
      const transport = nodeTransport({ clock });
      const client = createHttpClient({ transport, userAgent: 'test', clock });
      const timeouts = { totalMs: 5000, idleMs: 5000 };
      await assert.rejects(client.send({ method: 'GET', url }, { timeouts }), code('HTTP_TIMEOUT'));
      transport.close();
    });
  });
}

test('a closed port and an unknown host say what to check', async () => {
  const server = await serveFake(() => ({ status: 200 }));
  await server.close();
  await assert.rejects(get(server.url), (error: unknown) => {
    assert.ok(error instanceof HttpError);
    assert.equal(error.code, 'HTTP_CONNECTION_FAILED');
    assert.equal(error.kind, 'unavailable');
    assert.equal(error.data['reason'], 'ECONNREFUSED');
    assert.ok(error.hint);
    return true;
  });
});

test('aborting ends the wait for an answer and the reading of a body', async () => {
  for (const stall of ['headers', 'body'] as const) {
    await withServer(
      () => ({ status: 200, body: 'part', stall }),
      async (url) => {
        const controller = new AbortController();
        const transport = nodeTransport();
        const read = transport({ method: 'GET', url }, { signal: controller.signal }).then(
          readText,
        );
        setImmediate(() => controller.abort());
        await assert.rejects(read, code('HTTP_ABORTED'));
        transport.close();
      },
    );
  }
});

test('a URL with a user name, or of another scheme, is not sent', async () => {
  for (const url of ['http://user:secret@127.0.0.1/', 'ftp://127.0.0.1/']) {
    await assert.rejects(get(new URL(url)), (error: unknown) => {
      return code('HTTP_REQUEST_INVALID')(error) && !String(error).includes('secret');
    });
  }
});

test('an http URL goes through the proxy whole, with the proxy credentials and no others', async () => {
  const seen: string[] = [];
  const proxy = createHttpServer((request, response) => {
    seen.push(`${request.url} ${request.headers.host} ${request.headers['proxy-authorization']}`);
    response.end('by proxy');
  });
  await listening(proxy, async (proxyUrl) => {
    const http = `http://user:p%40ss@${proxyUrl.host}`;
    const url = new URL('http://registry.example/v2/?a=b');
    assert.equal(await get(url, { proxy: { http } }), 'by proxy');
  });
  const basic = Buffer.from('user:p@ss').toString('base64');
  assert.deepEqual(seen, [`http://registry.example/v2/?a=b registry.example Basic ${basic}`]);
});

test('a proxy that refuses a tunnel is named, without its password', async () => {
  const proxy = createHttpServer();
  proxy.on('connect', (_request, socket) => {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  await listening(proxy, async (proxyUrl) => {
    const https = `http://user:secret@${proxyUrl.host}`;
    const read = get(new URL('https://registry.example/'), { proxy: { https } });
    await assert.rejects(read, (error: unknown) => {
      return code('HTTP_PROXY_FAILED')(error) && !String(error).includes('secret');
    });
  });
});

async function withTlsServer(use: (fixture: TlsServer) => Promise<void>): Promise<void> {
  const server = await serveTls((_request, response) => response.end('by tls'));
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

test('a server of an unknown authority is refused, of a named one accepted', async () => {
  await withTlsServer(async ({ url, root }) => {
    await assert.rejects(get(url), {
      code: 'HTTP_TLS_FAILED',
      // without what Node advises those who run it
      message: /^GET https:\S+: [a-z -]*certificate[a-z ]*$/,
      hint: /SSL_CERT_FILE/,
    });
    assert.equal(await get(url, { certificates: { pem: root } }), 'by tls');
    await withTempDir(async (dir) => {
      const file = join(dir, 'root.pem');
      await writeFile(file, root);
      assert.equal(await get(url, { certificates: { file } }), 'by tls');
      assert.equal(await get(url, { certificates: { directories: [dir] } }), 'by tls');
    });
  });
});

test('a certificate for another host is refused', async () => {
  await withTlsServer(async ({ url, root }) => {
    const other = new URL(`https://localhost:${url.port}/`);
    await assert.rejects(get(other, { certificates: { pem: root } }), code('HTTP_TLS_FAILED'));
  });
});

test('a file that names no certificate is an error, not an empty trust', async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, 'empty.pem');
    await writeFile(file, 'nothing');
    const url = new URL('https://127.0.0.1:1/');
    for (const certificates of [{ file }, { file: join(dir, 'absent') }, { directories: [dir] }]) {
      await assert.rejects(get(url, { certificates }), code('HTTP_CA_BUNDLE_INVALID'));
    }
  });
});

test('an https URL goes through a tunnel, and TLS is with the host, not the proxy', async () => {
  await withTlsServer(async ({ url, root }) => {
    const tunnels: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const upstream = connect(Number(url.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await listening(proxy, async (proxyUrl) => {
      const options = { proxy: { https: proxyUrl.href }, certificates: { pem: root } };
      const named = new URL('https://registry.example/');
      assert.equal(await get(named, options), 'by tls');
      const other = new URL('https://other.example/');
      await assert.rejects(get(other, options), code('HTTP_TLS_FAILED'));
    });
    assert.deepEqual(tunnels, ['registry.example:443', 'other.example:443']);
  });
});
