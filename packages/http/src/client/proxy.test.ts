import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { HttpError } from '../errors.ts';
import { isLoopbackHost } from './loopback.ts';
import { nodeTransport } from './node-transport.ts';
import { effectivePort, proxyFor } from './proxy.ts';
import { maskHeaders } from './secrets.ts';

const PROXY = 'http://proxy.example:3128';

function goesDirectly(url: string, noProxy: string): boolean {
  return proxyFor(new URL(url), { http: PROXY, https: PROXY, noProxy }) === undefined;
}

test('the proxy is chosen by the scheme of the URL', () => {
  const settings = { http: 'http://a.example:1', https: 'http://b.example:2' };
  assert.equal(proxyFor(new URL('http://r.example/'), settings)?.host, 'a.example:1');
  assert.equal(proxyFor(new URL('https://r.example/'), settings)?.host, 'b.example:2');
  assert.equal(proxyFor(new URL('https://r.example/'), { http: PROXY }), undefined);
  assert.equal(proxyFor(new URL('https://r.example/'), { https: '' }), undefined);
});

test('a proxy without a scheme is an http proxy', () => {
  assert.equal(
    proxyFor(new URL('https://r.example/'), { https: 'p.example:8' })?.protocol,
    'http:',
  );
});

test('loopback never goes through a proxy', () => {
  for (const url of [
    'http://localhost:5000/',
    'http://127.0.0.1/',
    'http://127.9.9.9/',
    'http://[::1]:5000/',
  ]) {
    assert.equal(goesDirectly(url, ''), true, url);
  }
  assert.equal(goesDirectly('http://localhost.example/', ''), false);
});

const RULES: readonly (readonly [string, string, boolean])[] = [
  ['example.com', 'https://example.com/', true],
  ['example.com', 'https://EXAMPLE.com/', true],
  ['example.com', 'https://a.example.com/', true],
  ['example.com', 'https://badexample.com/', false],
  ['example.com', 'https://example.com.evil.net/', false],
  ['.example.com', 'https://a.example.com/', true],
  ['.example.com', 'https://example.com/', false],
  ['*.example.com', 'https://a.example.com/', true],
  ['*.example.com', 'https://example.com/', false],
  ['example.com:8443', 'https://example.com:8443/', true],
  ['example.com:8443', 'https://example.com/', false],
  ['example.com:443', 'https://example.com/', true],
  ['*', 'https://anything.example/', true],
  ['10.0.0.0/8', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.0.0.0/8', 'https://ten.example/', false],
  ['192.168.1.1', 'https://192.168.1.1:5000/', true],
  ['192.168.1.1:5000', 'https://192.168.1.1:5000/', true],
  ['192.168.1.1:5000', 'https://192.168.1.1/', false],
  ['fd00::/8', 'https://[fd00::1]/', true],
  ['[fd00::1]:443', 'https://[fd00::1]/', true],
  ['fd00::1', 'https://[fd00:0::1]/', true],
  [' a.example , b.example ', 'https://b.example/', true],
  ['', 'https://b.example/', false],
  [',,', 'https://b.example/', false],
];

for (const [rule, url, expected] of RULES) {
  test(`NO_PROXY ${JSON.stringify(rule)} and ${url}: ${expected ? 'direct' : 'proxy'}`, () => {
    assert.equal(goesDirectly(url, rule), expected);
  });
}

test('an unusable proxy address is refused without showing it', () => {
  for (const text of ['socks5://user:secret@p.example:1', 'http://']) {
    assert.throws(
      () => proxyFor(new URL('https://r.example/'), { https: text }),
      (error: unknown) =>
        error instanceof HttpError &&
        error.code === 'HTTP_PROXY_FAILED' &&
        !error.message.includes('secret'),
    );
  }
});

test('ports default to those of the scheme', () => {
  assert.equal(effectivePort(new URL('https://a.example/')), '443');
  assert.equal(effectivePort(new URL('http://a.example/')), '80');
  assert.equal(effectivePort(new URL('http://a.example:5000/')), '5000');
});

test('loopback is localhost and the loopback addresses only', () => {
  for (const host of ['localhost', '127.0.0.1', '127.255.0.1', '::1']) {
    assert.equal(isLoopbackHost(host), true, host);
  }
  for (const host of ['127.evil.example', 'localhost.evil.example', '128.0.0.1', '::2', '']) {
    assert.equal(isLoopbackHost(host), false, host);
  }
});

test('a proxy that accepts and says nothing is given up, named, and let go', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = { https: `http://127.0.0.1:${port}` };
  const transport = nodeTransport({ proxy, connectTimeoutMs: 50 });
  const url = new URL('https://r.example/');
  await assert.rejects(transport({ method: 'GET', url }, {}), (error: unknown) => {
    assert.ok(error instanceof HttpError);
    assert.equal(error.code, 'HTTP_TIMEOUT');
    assert.match(error.message, new RegExp(`127.0.0.1:${port}`));
    return true;
  });
  await Promise.all(sockets.map(async (socket) => socket.closed || (await once(socket, 'close'))));
  transport.close();
  server.close();
});

test('headers that hold URLs are shown without what grants access', () => {
  const shown = maskHeaders([
    ['Location', 'https://user:secret@cdn.example/x?X-Amz-Signature=SECRET&a=b&_state=SECRET'],
    ['Link', '</v2/x?token=SECRET&n=2>; rel="next"'],
    ['Authorization', 'Bearer SECRET'],
    ['Content-Type', 'text/plain'],
  ]);
  assert.ok(!/secret/i.test(JSON.stringify(shown)), JSON.stringify(shown));
  assert.match(shown['Location'] ?? '', /^https:\/\/.*@cdn\.example\/x\?.*&a=b&/);
  assert.match(shown['Link'] ?? '', /n=2>; rel="next"$/);
});
