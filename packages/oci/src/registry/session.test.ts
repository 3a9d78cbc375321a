import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpClient } from '@nv2/http';
import { type FakeHandler, fakeTransport } from '@nv2/testkit';
import { BASIC, BASIC_HEADER, challenge, code, get, SCOPE, world } from '../../test/world.ts';
import { type Credential, staticCredentials } from '../credentials/credential.ts';
import type { OciError } from '../errors.ts';
import { isPlainHttpByDefault, serverAddressOf } from './origin.ts';
import { pingRegistry } from './ping.ts';
import type { RegistryWarning } from './session.ts';

function bearer(realm: string, token = 'TOKEN'): FakeHandler {
  return ({ url, headers }) => {
    if (url.pathname === '/token') return { status: 200, body: JSON.stringify({ token }) };
    if (headers['authorization'] === `Bearer ${token}`) return { status: 200 };
    return challenge(`Bearer realm="${realm}",service="r.example",scope="${SCOPE}"`);
  };
}

test('no credential is sent before the registry asks for one', async () => {
  const it = world(() => ({ status: 200 }), { credential: BASIC });
  assert.equal(await get(it), 200);
  assert.equal(it.requests[0]?.headers['authorization'], undefined);
});

test('a Basic challenge is answered, and from then on at once', async () => {
  const it = world(
    ({ headers }) =>
      headers['authorization'] === BASIC_HEADER ? { status: 200 } : challenge('Basic realm="r"'),
    { credential: BASIC },
  );
  assert.equal(await get(it), 200);
  assert.equal(await get(it), 200);
  assert.equal(it.requests.length, 3);
});

test('a Bearer challenge is answered with a token for the scope, fetched once', async () => {
  const it = world(bearer('https://auth.example/token'), { credential: BASIC });
  assert.equal(await get(it), 200);
  assert.equal(await get(it), 200);
  const tokens = it.requests.filter(({ url }) => url.host === 'auth.example');
  assert.equal(tokens.length, 1);
  assert.equal(tokens[0]?.url.search, `?service=r.example&scope=${encodeURIComponent(SCOPE)}`);
  assert.equal(tokens[0]?.headers['authorization'], BASIC_HEADER);
});

test('requests at the same time share one token', async () => {
  const it = world(bearer('https://auth.example/token'));
  await Promise.all([get(it), get(it), get(it)]);
  assert.ok(it.requests.filter(({ url }) => url.host === 'auth.example').length <= 3);
});

test('an anonymous token is fetched without credentials', async () => {
  const it = world(bearer('https://auth.example/token'));
  assert.equal(await get(it), 200);
  assert.equal(it.requests[1]?.headers['authorization'], undefined);
});

test('a refresh token is exchanged by the OAuth 2.0 form', async () => {
  const credential: Credential = { kind: 'refreshToken', token: 'REFRESH' };
  const it = world(bearer('https://auth.example/token'), { credential, clientId: 'me' });
  assert.equal(await get(it), 200);
  const request = it.requests[1];
  assert.equal(request?.method, 'POST');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(Buffer.from(request.body).toString())), {
    grant_type: 'refresh_token',
    refresh_token: 'REFRESH',
    service: 'r.example',
    client_id: 'me',
    scope: SCOPE,
  });
});

test('an access token is sent as it is', async () => {
  const credential: Credential = { kind: 'accessToken', token: 'TOKEN' };
  const it = world(bearer('https://auth.example/token'), { credential });
  assert.equal(await get(it), 200);
  assert.equal(it.requests.length, 2);
});

test('a token that has expired is replaced once', async () => {
  let issued = 0;
  const it = world(({ url, headers }) => {
    if (url.pathname === '/token') {
      issued++;
      return { status: 200, body: JSON.stringify({ access_token: `T${issued}` }) };
    }
    // every token is good for the first request only
    const last = it.requests.filter(({ headers: h }) => h['authorization'] === `Bearer T${issued}`);
    if (headers['authorization'] === `Bearer T${issued}` && last.length === 1)
      return { status: 200 };
    return challenge('Bearer realm="https://auth.example/token"');
  });
  assert.equal(await get(it), 200);
  assert.equal(await get(it), 200);
  assert.equal(issued, 2);
});

test('a registry that refuses its own token gets no third request', async () => {
  const it = world(({ url }) =>
    url.pathname === '/token'
      ? { status: 200, body: '{"token":"T"}' }
      : challenge('Bearer realm="https://auth.example/token"'),
  );
  const sent = it.session.expect({ method: 'GET', url: '/v2/', scopes: [] }, [200]);
  await assert.rejects(sent, code('OCI_UNAUTHORIZED'));
  assert.equal(it.requests.length, 3);
});

test('a registry that wants credentials where there are none is named', async () => {
  const it = world(() => challenge('Basic realm="r"'));
  await assert.rejects(get(it), (error: unknown) => {
    assert.ok(code('OCI_CREDENTIAL_MISSING')(error));
    assert.equal((error as OciError).data['problem'], 'basic credential not found');
    return true;
  });
});

for (const [what, header, expected] of [
  ['no realm', 'Bearer service="x"', 'OCI_AUTH_CHALLENGE_INVALID'],
  ['a malformed header', 'Bearer realm="', 'OCI_AUTH_CHALLENGE_INVALID'],
] as const) {
  test(`a challenge with ${what} is an error`, async () => {
    await assert.rejects(get(world(() => challenge(header))), code(expected));
  });
}

for (const body of [
  '',
  'x',
  '[]',
  '{}',
  '{"token":7}',
  '{"token":""}',
  '{"token":"a b\\r\\nX: y"}',
]) {
  test(`a token service that answers ${JSON.stringify(body)} gives no token`, async () => {
    const it = world(({ url }) =>
      url.pathname === '/token'
        ? { status: 200, body }
        : challenge('Bearer realm="https://auth.example/token"'),
    );
    await assert.rejects(get(it), code('OCI_AUTH_TOKEN_INVALID'));
  });
}

test('a token service that refuses says so with its own status and address', async () => {
  const it = world(({ url }) =>
    url.pathname === '/token'
      ? { status: 401, body: '{"errors":[{"code":"UNAUTHORIZED","message":"bad password"}]}' }
      : challenge('Bearer realm="https://auth.example/token"'),
  );
  await assert.rejects(get(it), (error: unknown) => {
    assert.ok(code('OCI_UNAUTHORIZED')(error));
    const { data } = error as OciError;
    assert.equal(data['url'], 'https://auth.example/token?scope=repository%3Aa%2Fb%3Apull');
    assert.deepEqual(data['errors'], [{ code: 'UNAUTHORIZED', message: 'bad password' }]);
    return true;
  });
});

test('a challenge that nobody here speaks is left as the 401 that it is', async () => {
  assert.equal(await get(world(() => challenge('Negotiate'))), 401);
});

test('security row 3: an answer in an encoding that nobody asked for is refused', async () => {
  const it = world(() => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: 'bomb' }));
  await assert.rejects(get(it), code('OCI_RESPONSE_INVALID'));
  assert.equal(it.requests[0]?.headers['accept-encoding'], 'identity');
});

for (const [status, expected] of [
  [400, 'OCI_REQUEST_REJECTED'],
  [401, 'OCI_UNAUTHORIZED'],
  [403, 'OCI_FORBIDDEN'],
  [404, 'OCI_NOT_FOUND'],
  [418, 'OCI_REQUEST_REJECTED'],
  [429, 'OCI_RATE_LIMITED'],
  [500, 'OCI_REGISTRY_UNAVAILABLE'],
  [503, 'OCI_REGISTRY_UNAVAILABLE'],
  [204, 'OCI_RESPONSE_INVALID'],
] as const) {
  test(`status ${status} is ${expected}, with what the registry says of it`, async () => {
    const body = '{"errors":[{"code":"SOME_CODE","message":"why\\u001b[31m","detail":{"a":[1]}}]}';
    const it = world(() => ({ status, body }));
    const sent = it.session.expect({ method: 'GET', url: '/v2/', scopes: [] }, [200]);
    await assert.rejects(sent, (error: unknown) => {
      assert.ok(code(expected)(error), String(error));
      const { data, message } = error as OciError;
      assert.equal(data['status'], status);
      assert.equal(data['method'], 'GET');
      assert.equal(data['url'], 'https://r.example/v2/');
      assert.deepEqual(data['errors'], [
        { code: 'SOME_CODE', message: 'why [31m', detail: { a: [1] } },
      ]);
      assert.ok(message.includes('some code: why'));
      return true;
    });
  });
}

test('a bare 400 without TLS may be the answer of a server that speaks TLS', async () => {
  for (const [registry, body, hint] of [
    ['localhost:5000', 'Client sent an HTTP request to an HTTPS server.', /speak TLS/],
    ['localhost:5000', '{"errors":[{"code":"NAME_INVALID"}]}', undefined],
    ['r.example', '', undefined],
  ] as const) {
    const it = world(() => ({ status: 400, body }), { registry });
    const sent = it.session.expect({ method: 'GET', url: '/v2/', scopes: [] }, [200]);
    await assert.rejects(sent, (error: unknown) => {
      assert.ok(code('OCI_REQUEST_REJECTED')(error), String(error));
      if (hint === undefined) assert.equal((error as OciError).hint, undefined);
      else assert.match((error as OciError).hint ?? '', hint);
      return true;
    });
  }
});

test('an error body that is none, huge or hostile leaves the status', async () => {
  for (const body of ['<html>', '{"errors":{}}', '{"errors":[1,{}]}', `"${'x'.repeat(9000)}"`]) {
    const it = world(() => ({ status: 500, body }));
    const sent = it.session.expect({ method: 'GET', url: '/v2/', scopes: [] }, [200]);
    await assert.rejects(sent, (error: unknown) => {
      assert.deepEqual((error as OciError).data['errors'], []);
      return code('OCI_REGISTRY_UNAVAILABLE')(error);
    });
  }
});

test('warnings of the registry are reported once, without control characters', async () => {
  const warnings: RegistryWarning[] = [];
  const headers = { warning: '299 - "gone \\"soon\\"\u0007"' };
  const it = world(() => ({ status: 200, headers }), { onWarning: (item) => warnings.push(item) });
  await get(it);
  await get(it);
  assert.deepEqual(warnings, [{ registry: 'r.example', text: 'gone "soon" ' }]);
});

test('plain HTTP is for localhost and loopback addresses with a port, and where it was asked for', () => {
  for (const registry of ['localhost:5000', '127.0.0.1:5000', '[::1]:5000']) {
    assert.equal(isPlainHttpByDefault(registry), true, registry);
  }
  for (const registry of [
    'localhost',
    '127.0.0.1',
    'localhost.evil.example:5000',
    'r.example:80',
  ]) {
    assert.equal(isPlainHttpByDefault(registry), false, registry);
  }
  const options = { loopbackAddresses: false };
  assert.equal(isPlainHttpByDefault('localhost:5000', options), true);
  assert.equal(isPlainHttpByDefault('127.0.0.1:5000', options), false);
});

test('Docker Hub keeps its credentials under an address of its own', () => {
  assert.equal(serverAddressOf('docker.io'), 'https://index.docker.io/v1/');
  assert.equal(serverAddressOf('docker.io.evil.example'), 'docker.io.evil.example');
});

test('a ping tells a registry that lets us in from one that does not', async () => {
  const client = createHttpClient({
    transport: fakeTransport(({ headers }) =>
      headers['authorization'] === BASIC_HEADER ? { status: 200 } : challenge('Basic realm="r"'),
    ),
    userAgent: 'test/1',
  });
  await pingRegistry('r.example', { client, credentials: staticCredentials('r.example', BASIC) });
  const wrong: Credential = { kind: 'basic', username: 'me', password: 'wrong' };
  const credentials = staticCredentials('r.example', wrong);
  await assert.rejects(
    pingRegistry('r.example', { client, credentials }),
    code('OCI_UNAUTHORIZED'),
  );
});
