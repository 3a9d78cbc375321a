import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeUtf8, encodeUtf8 } from '@nv2/core';
import {
  createHttpClient,
  fetchTransport,
  HttpError,
  type HttpErrorCode,
  type HttpRequest,
  readBody,
} from '@nv2/http';
import { type FakeHandler, type FakeServer, serveFake } from '@nv2/testkit';

async function withServer(
  handler: FakeHandler,
  use: (server: FakeServer) => Promise<void>,
): Promise<void> {
  const server = await serveFake(handler);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

function get(url: URL | string): HttpRequest {
  return { method: 'GET', url: new URL(url) };
}

function hasCode(code: HttpErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof HttpError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

const send = fetchTransport();

describe('the transport over fetch', () => {
  test('gives status, headers and body, and sends what it is given', async () => {
    const handler: FakeHandler = ({ method, headers, body }) => ({
      status: 201,
      headers: { 'X-Said': `${method} ${headers['x-asked']} ${headers['accept-encoding']}` },
      body,
    });
    await withServer(handler, async ({ url }) => {
      async function* chunks(): AsyncGenerator<Uint8Array> {
        yield encodeUtf8('in ');
        yield encodeUtf8('parts');
      }
      for (const [body, expected] of [
        [encodeUtf8('whole'), 'whole'],
        [chunks(), 'in parts'],
      ] as const) {
        const headers = { 'x-asked': 'yes' };
        const response = await send({ method: 'PUT', url, headers, body }, {});
        assert.equal(response.status, 201);
        assert.equal(response.headers.get('x-said'), 'PUT yes identity');
        assert.equal(decodeUtf8(await readBody(response, { maxBytes: 100 })), expected);
      }
    });
  });

  test('leaves redirects to the client, which follows them', async () => {
    const handler: FakeHandler = ({ url }) =>
      url.pathname === '/to'
        ? { status: 200, body: 'there' }
        : { status: 307, headers: { location: '/to' } };
    await withServer(handler, async ({ url }) => {
      const hop = await send(get(url), {});
      assert.equal(hop.status, 307);
      await hop.discard();
      const client = createHttpClient({ transport: send, userAgent: 'test' });
      const response = await client.send(get(url));
      assert.equal(decodeUtf8(await readBody(response, { maxBytes: 100 })), 'there');
    });
  });

  test('refuses an answer that fetch has changed or hides', async () => {
    const headers = { 'content-encoding': 'gzip' };
    await withServer(
      () => ({ status: 200, headers, body: new Uint8Array(gzipSync('text')) }),
      async ({ url }) => assert.rejects(send(get(url), {}), hasCode('HTTP_RESPONSE_INVALID')),
    );
    const hiding = fetchTransport(async () => Response.error());
    await assert.rejects(hiding(get('http://localhost/'), {}), hasCode('HTTP_RESPONSE_INVALID'));
  });

  test('says what failed as the other transport does', async () => {
    const server = await serveFake(() => ({ status: 200 }));
    await server.close();
    await assert.rejects(send(get(server.url), {}), hasCode('HTTP_CONNECTION_FAILED'));
    await assert.rejects(send(get('ftp://localhost/'), {}), hasCode('HTTP_REQUEST_INVALID'));
    await assert.rejects(send(get('http://u:p@localhost/'), {}), hasCode('HTTP_REQUEST_INVALID'));
    const headers = { 'content-length': '100' };
    await withServer(
      () => ({ status: 200, headers, body: 'cut', breakOff: true }),
      async ({ url }) => {
        const response = await send(get(url), {});
        const read = readBody(response, { maxBytes: 1000 });
        await assert.rejects(read, hasCode('HTTP_BODY_TRUNCATED'));
      },
    );
  });

  test('stops when its caller does, before the answer and within it', async () => {
    const before = new AbortController();
    const handler: FakeHandler = ({ url }) => {
      if (url.pathname === '/body') return { status: 200, body: 'begun', stall: 'body' };
      before.abort();
      return { status: 200, stall: 'headers' };
    };
    await withServer(handler, async ({ url }) => {
      const { signal } = before;
      await assert.rejects(send(get(url), { signal }), hasCode('HTTP_ABORTED'));
      const within = new AbortController();
      const response = await send(get(new URL('/body', url)), { signal: within.signal });
      await assert.rejects(async () => {
        for await (const chunk of response.body) if (chunk.length > 0) within.abort();
      }, hasCode('HTTP_ABORTED'));
    });
  });
});
