import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeHandler, type FakeRequest, fakeClock, fakeTransport } from '@nv2/testkit';
import { HttpError, type HttpErrorCode } from '../errors.ts';
import { readBody } from './body.ts';
import { systemClock } from './clock.ts';
import type { Timeouts } from './deadline.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './http-client.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry.ts';
import type { HttpLogEvent, HttpRequest, Transport } from './types.ts';

const URL_A = new URL('https://a.example/x');
const GET: HttpRequest = { method: 'GET', url: URL_A };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const code =
  (expected: HttpErrorCode) =>
  (error: unknown): boolean =>
    error instanceof HttpError && error.code === expected;

function client(handler: FakeHandler, options: Partial<HttpClientOptions> = {}): HttpClient {
  return createHttpClient({
    transport: fakeTransport(handler),
    userAgent: 'test/1',
    clock: fakeClock({ automatic: true }),
    random: () => 0.5,
    ...options,
  });
}

/** Answers with the given statuses one after the other, then 200. */
function statuses(...list: readonly number[]): { handler: FakeHandler; requests: FakeRequest[] } {
  const requests: FakeRequest[] = [];
  const handler: FakeHandler = (request) => {
    requests.push(request);
    return { status: list[requests.length - 1] ?? 200, body: 'done' };
  };
  return { handler, requests };
}

test('an answer comes back with status, headers and body, and the request says who asks', async () => {
  let agent: string | undefined;
  const http = client(({ headers }) => {
    agent = headers['user-agent'];
    return { status: 418, headers: { 'X-Y': 'z' }, body: 'tea' };
  });
  const response = await http.send(GET);
  assert.equal(response.status, 418);
  assert.equal(response.headers.get('x-y'), 'z');
  assert.equal(text(await readBody(response, { maxBytes: 10 })), 'tea');
  assert.equal(agent, 'test/1');
});

for (const status of [429, 500, 502, 503, 504]) {
  test(`a GET answered by ${status} is sent again`, async () => {
    const { handler, requests } = statuses(status, status);
    assert.equal((await client(handler).send(GET)).status, 200);
    assert.equal(requests.length, 3);
  });
}

for (const status of [400, 401, 403, 404, 501, 505]) {
  test(`a GET answered by ${status} is not sent again`, async () => {
    const { handler, requests } = statuses(status);
    assert.equal((await client(handler).send(GET)).status, status);
    assert.equal(requests.length, 1);
  });
}

test('after the last attempt the answer is given as it is', async () => {
  const { handler, requests } = statuses(503, 503, 503, 503, 503);
  assert.equal((await client(handler).send(GET)).status, 503);
  assert.equal(requests.length, 4);
});

test('a POST is sent again only where the caller says that it may be', async () => {
  const request: HttpRequest = { method: 'POST', url: URL_A, body: new Uint8Array([1, 2]) };
  const once = statuses(503);
  assert.equal((await client(once.handler).send(request)).status, 503);
  const twice = statuses(503);
  assert.equal((await client(twice.handler).send(request, { idempotent: true })).status, 200);
  assert.deepEqual([...(twice.requests[1]?.body ?? [])], [1, 2]);
});

test('a streamed body is not sent twice', async () => {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(new Uint8Array([1]));
  }
  const { handler } = statuses(503);
  const response = await client(handler).send({ method: 'PUT', url: URL_A, body: body() });
  assert.equal(response.status, 503);
});

test('a host that takes in a streamed body is not silent, however long that takes', async () => {
  const clock = fakeClock();
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let chunk = 0; chunk < 10; chunk++) {
      clock.advance(20_000);
      yield await Promise.resolve(new Uint8Array([1]));
    }
  }
  const http = client(() => ({ status: 201 }), { clock });
  const sent = { method: 'PUT', url: URL_A, body: body() };
  const timeouts = { idleMs: 30_000, totalMs: 300_000 };
  assert.equal((await http.send(sent, { timeouts })).status, 201);
});

test('pauses grow, have jitter, and honour Retry-After up to a limit', async () => {
  const clock = fakeClock({ automatic: true });
  const pauses = ['', '7', 'Thu, 01 Jan 2026 00:00:20 GMT'];
  let count = 0;
  const handler: FakeHandler = () => {
    const after = pauses[count++];
    if (after === undefined) return { status: 200 };
    return { status: 429, headers: after === '' ? {} : { 'retry-after': after } };
  };
  await client(handler, { clock }).send(GET);
  const [first = 0, second, third = 0] = clock.delays;
  assert.equal(first, 188);
  assert.equal(second, 7000);
  assert.ok(third > 12_000 && third < 13_000, String(third));
});

test('a host that asks for a longer pause than the limit is not asked again', async () => {
  let count = 0;
  const http = client(() => {
    count++;
    return { status: 429, headers: { 'retry-after': '3600' } };
  });
  assert.equal((await http.send(GET)).status, 429);
  assert.equal(count, 1);
});

test('a broken connection is tried again, a refused one is not', async () => {
  for (const [reason, attempts] of [
    ['ECONNRESET', 4],
    ['ECONNREFUSED', 1],
  ] as const) {
    let count = 0;
    const http = client(() => {
      count++;
      throw new HttpError('HTTP_CONNECTION_FAILED', 'broken', { data: { reason } });
    });
    await assert.rejects(http.send(GET), code('HTTP_CONNECTION_FAILED'));
    assert.equal(count, attempts, reason);
  }
});

test('a host that never answers is a time-out', async () => {
  const clock = fakeClock();
  const sent = client(() => ({ status: 200, stall: 'headers' }), { clock }).send(GET);
  setImmediate(() => clock.advance(30_000));
  await assert.rejects(sent, (error: unknown) => {
    return code('HTTP_TIMEOUT')(error) && (error as HttpError).data['phase'] === 'idle';
  });
});

test('a body that stalls is a time-out', async () => {
  const clock = fakeClock();
  const http = client(() => ({ status: 200, body: 'ab', stall: 'body' }), { clock });
  const read = readBody(await http.send(GET), { maxBytes: 100 });
  setImmediate(() => clock.advance(30_000));
  await assert.rejects(read, code('HTTP_TIMEOUT'));
});

test('a body that drips for ever ends at the total limit', async () => {
  const clock = fakeClock();
  async function* drip(): AsyncGenerator<Uint8Array> {
    for (;;) {
      clock.advance(20_000);
      yield await Promise.resolve(new Uint8Array([0]));
    }
  }
  const http = client(() => ({ status: 200 }), {
    clock,
    transport: async (request, options) => ({
      ...(await fakeTransport(() => ({ status: 200 }))(request, options)),
      body: drip(),
    }),
  });
  const response = await http.send(GET);
  await assert.rejects(readBody(response, { maxBytes: 10_000 }), (error: unknown) => {
    return code('HTTP_TIMEOUT')(error) && (error as HttpError).data['phase'] === 'total';
  });
});

test('setting the time of day neither ends nor extends the wait for a silent host', async () => {
  const hour = 3_600_000;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const bodyWith = async (silentMs: number, setBy: number): Promise<Uint8Array> => {
    const clock = fakeClock();
    async function* body(): AsyncGenerator<Uint8Array> {
      await turn();
      clock.advance(20_000);
      yield new Uint8Array([0]);
      await turn();
      clock.set(clock.now() + setBy);
      clock.advance(silentMs);
      yield new Uint8Array([1]);
    }
    const transport: Transport = async (request, options) => ({
      ...(await fakeTransport(() => ({ status: 200 }))(request, options)),
      body: body(),
    });
    const response = await client(() => ({ status: 200 }), { clock, transport }).send(GET);
    return await readBody(response, { maxBytes: 10 });
  };
  for (const setBy of [hour, 0, -hour]) {
    assert.equal((await bodyWith(29_999, setBy)).length, 2, `${setBy}`);
    await assert.rejects(bodyWith(30_000, setBy), code('HTTP_TIMEOUT'), `${setBy}`);
  }
});

test('the caller can end a request that waits for an answer, a body or a next attempt', async () => {
  const waits: FakeHandler[] = [
    () => ({ status: 200, stall: 'headers' }),
    () => ({ status: 200, stall: 'body' }),
    () => ({ status: 503 }),
  ];
  for (const handler of waits) {
    const controller = new AbortController();
    const http = client(handler, { clock: fakeClock() });
    const done = http
      .send(GET, { signal: controller.signal })
      .then((response) => readBody(response, { maxBytes: 10 }));
    setImmediate(() => controller.abort(new Error('enough')));
    await assert.rejects(done, code('HTTP_ABORTED'));
  }
});

test('a request whose signal is aborted already is not sent', async () => {
  const { handler, requests } = statuses();
  const sent = client(handler).send(GET, { signal: AbortSignal.abort() });
  await assert.rejects(sent, code('HTTP_ABORTED'));
  assert.equal(requests.length, 0);
});

test('security row 3: a body larger than its limit fails while it is read', async () => {
  const http = client(() => ({ status: 200, body: new Uint8Array(2000) }));
  const read = readBody(await http.send(GET, { maxBytes: 1999 }), { maxBytes: 1e6 });
  await assert.rejects(read, code('HTTP_BODY_TOO_LARGE'));
});

test('security row 3: an announced size above the limit fails before anything is read', async () => {
  const headers = { 'content-length': '10000000000' };
  const http = client(() => ({ status: 200, headers, stall: 'body' }));
  const read = readBody(await http.send(GET), { maxBytes: 1e6 });
  await assert.rejects(read, code('HTTP_BODY_TOO_LARGE'));
});

function redirects(
  location: (request: FakeRequest) => string | undefined,
  status = 302,
): { handler: FakeHandler; requests: FakeRequest[] } {
  const requests: FakeRequest[] = [];
  const handler: FakeHandler = (request) => {
    requests.push(request);
    const target = location(request);
    return target === undefined ? { status: 200 } : { status, headers: { location: target } };
  };
  return { handler, requests };
}

test('redirects are followed, and the answer says where it came from', async () => {
  const { handler, requests } = redirects(({ url }) =>
    url.pathname === '/x' ? 'y?z=1' : undefined,
  );
  const response = await client(handler).send(GET);
  assert.equal(response.url.href, 'https://a.example/y?z=1');
  assert.equal(requests.length, 2);
});

test('a redirect loop ends', async () => {
  const { handler, requests } = redirects(() => '/x');
  await assert.rejects(client(handler).send(GET), code('HTTP_TOO_MANY_REDIRECTS'));
  assert.equal(requests.length, 11);
});

test('a client that must not follow redirects does not', async () => {
  const { handler, requests } = redirects(() => '/y');
  const sent = client(handler, { maxRedirects: 0 }).send(GET);
  await assert.rejects(sent, code('HTTP_TOO_MANY_REDIRECTS'));
  assert.equal(requests.length, 1);
});

for (const [what, target] of [
  ['http', 'http://a.example/x'],
  ['a file', 'file:///etc/passwd'],
  ['a URL with a password', 'https://u:p@a.example/'],
  ['what is not a URL', 'https://[/'],
] as const) {
  test(`a redirect from https to ${what} is refused`, async () => {
    const { handler, requests } = redirects(() => target);
    await assert.rejects(client(handler).send(GET), code('HTTP_REDIRECT_REFUSED'));
    assert.equal(requests.length, 1);
  });
}

for (const elsewhere of [
  'https://b.example/x',
  'https://a.example:8443/x',
  'https://a.example.evil.net/x',
  'https://sub.a.example/x',
]) {
  test(`security row 21: credentials do not follow a redirect to ${elsewhere}`, async () => {
    const { handler, requests } = redirects(({ url }) =>
      url.href === elsewhere || url.pathname === '/back' ? undefined : elsewhere,
    );
    const headers = { Authorization: 'Basic c2VjcmV0', cookie: 'a=b', accept: 'x/y' };
    await client(handler).send({ ...GET, headers });
    assert.equal(requests[0]?.headers['authorization'], 'Basic c2VjcmV0');
    assert.equal(requests[1]?.headers['authorization'], undefined);
    assert.equal(requests[1]?.headers['cookie'], undefined);
    assert.equal(requests[1]?.headers['accept'], 'x/y');
  });
}

test('security row 21: credentials stay away once the chain has left the host, even back on it', async () => {
  const { handler, requests } = redirects(({ url }) => {
    if (url.pathname === '/x') return 'https://b.example/y';
    return url.host === 'b.example' ? 'https://a.example/back' : undefined;
  });
  await client(handler).send({ ...GET, headers: { authorization: 'Basic c2VjcmV0' } });
  assert.equal(requests[2]?.url.href, 'https://a.example/back');
  assert.equal(requests[2]?.headers['authorization'], undefined);
});

test('security row 21: credentials follow a redirect on the same host', async () => {
  const { handler, requests } = redirects(({ url }) => (url.pathname === '/x' ? '/y' : undefined));
  await client(handler).send({ ...GET, headers: { authorization: 'Basic c2VjcmV0' } });
  assert.equal(requests[1]?.headers['authorization'], 'Basic c2VjcmV0');
});

test('security row 21: a request body goes to no other host', async () => {
  const { handler, requests } = redirects(() => 'https://b.example/', 307);
  const request: HttpRequest = { method: 'POST', url: URL_A, body: new Uint8Array([1]) };
  await assert.rejects(client(handler).send(request), code('HTTP_REDIRECT_REFUSED'));
  assert.equal(requests.length, 1);
});

test('a redirect that would turn a write into a read is left to the caller', async () => {
  const { handler } = redirects(() => '/y', 302);
  const request: HttpRequest = { method: 'PUT', url: URL_A, body: new Uint8Array([1]) };
  assert.equal((await client(handler).send(request)).status, 302);
});

test('the caller can refuse a redirect', async () => {
  const { handler } = redirects(() => '/y');
  const onRedirect = (): void => {
    throw new HttpError('HTTP_REDIRECT_REFUSED', 'not there');
  };
  await assert.rejects(client(handler).send(GET, { onRedirect }), code('HTTP_REDIRECT_REFUSED'));
});

test('the log names every hop and no secret', async () => {
  const events: HttpLogEvent[] = [];
  let count = 0;
  const http = client(
    () => {
      count++;
      if (count === 1) return { status: 503 };
      return { status: 200, headers: { 'set-cookie': 'hidden', 'x-y': 'shown' } };
    },
    { log: (event) => events.push(event) },
  );
  const url = new URL('https://a.example/x?n=1&X-Amz-Signature=hidden&access_token=hidden#hidden');
  await http.send({ method: 'GET', url, headers: { Authorization: 'Bearer hidden' } });
  assert.deepEqual(
    events.map(({ type }) => type),
    ['request', 'response', 'retry', 'request', 'response'],
  );
  const written = JSON.stringify(events);
  assert.ok(!written.includes('hidden'), written);
  assert.ok(written.includes('n=1') && written.includes('shown'));
});

test('options without a value are as those that are not given', async () => {
  const nothing = { totalMs: undefined, idleMs: undefined } as unknown as Partial<Timeouts>;
  const never = { maxAttempts: undefined } as unknown as Partial<RetryPolicy>;
  const { handler, requests } = statuses(503, 503, 503, 503, 503);
  const http = client(handler, { timeouts: nothing, retry: never });
  assert.equal((await http.send(GET, { timeouts: nothing })).status, 503);
  assert.equal(requests.length, DEFAULT_RETRY_POLICY.maxAttempts);
});

test('a time without end, or beyond what timers can wait, is not over at once', (t) => {
  const timers = t.mock.method(globalThis, 'setTimeout');
  for (const ms of [Number.POSITIVE_INFINITY, 2 ** 31]) {
    systemClock.setTimer(() => undefined, ms)();
    // longer ones end after a millisecond
    assert.equal(timers.mock.calls.at(-1)?.arguments[1], 2 ** 31 - 1);
  }
});

test('what is no number of redirects allows none', async () => {
  const http = client(() => ({ status: 302, headers: { location: '/x' } }), {
    maxRedirects: Number.NaN,
  });
  await assert.rejects(http.send(GET), code('HTTP_TOO_MANY_REDIRECTS'));
});

test('what is no number of bytes allows none', async () => {
  const http = client(() => ({ status: 200, body: 'tea' }));
  const none = Number.NaN;
  const bounded = await http.send(GET, { maxBytes: none });
  await assert.rejects(readBody(bounded, { maxBytes: 10 }), code('HTTP_BODY_TOO_LARGE'));
  const answer = await http.send(GET);
  await assert.rejects(readBody(answer, { maxBytes: none }), code('HTTP_BODY_TOO_LARGE'));
});
