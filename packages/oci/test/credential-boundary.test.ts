import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticCredentials } from '../src/credentials/credential.ts';
import { acceptRealm } from '../src/registry/realm.ts';
import type { RegistryOptions } from '../src/registry/session.ts';
import { BASIC, BASIC_HEADER, challenge, code, get, world } from './world.ts';

const R = new URL('https://r.example/');
const PLAIN = new URL('http://10.0.0.1:5000/');
const LOOPBACK = new URL('http://127.0.0.1:5000/');

for (const [registry, realm] of [
  [R, 'https://r.example/token'],
  [R, 'https://auth.example/token?a=b'],
  [R, 'https://10.1.2.3/token'],
  [PLAIN, 'http://10.0.0.1:5001/token'],
  [PLAIN, 'https://auth.example/token'],
  [LOOPBACK, 'http://127.0.0.1:5001/token'],
  [LOOPBACK, 'http://localhost:5001/token'],
] as const) {
  test(`${registry.host} may name ${realm} as its token service`, () => {
    assert.equal(acceptRealm(realm, registry).href, realm);
  });
}

for (const [registry, realm] of [
  [R, 'http://r.example/token'],
  [R, 'http://auth.example/token'],
  [R, 'https://user:pw@auth.example/token'],
  [R, 'file:///etc/passwd'],
  [R, '/token'],
  [R, ''],
  [R, 'https://127.0.0.1/token'],
  [R, 'https://0x7f.1/token'],
  [R, 'https://[::1]/token'],
  [R, 'https://[::ffff:127.0.0.1]/token'],
  [R, 'https://localhost/token'],
  [R, 'https://x.localhost/token'],
  [R, 'https://169.254.169.254/latest/meta-data'],
  [R, 'https://[fe80::1]/token'],
  [R, 'https://100.100.100.200/token'],
  [PLAIN, 'http://auth.example/token'],
  [PLAIN, 'http://10.0.0.1.evil.example/token'],
  [PLAIN, 'http://127.0.0.1/token'],
] as const) {
  test(`security row 21: ${registry.href} may not name ${realm} as its token service`, async () => {
    assert.throws(() => acceptRealm(realm, registry), code('OCI_AUTH_REALM_REFUSED'));
    const it = world(() => challenge(`Bearer realm="${realm}"`), {
      registry: registry.host,
      plainHttp: registry.protocol === 'http:',
      credential: BASIC,
    });
    await assert.rejects(get(it), code('OCI_AUTH_REALM_REFUSED'));
    assert.equal(it.requests.length, 1);
  });
}

test('security row 21: a token service cannot redirect to where it could not be itself', async () => {
  const it = world(
    ({ url }) =>
      url.pathname === '/token'
        ? { status: 302, headers: { location: 'https://169.254.169.254/' } }
        : challenge('Bearer realm="https://auth.example/token"'),
    { credential: BASIC },
  );
  await assert.rejects(get(it), code('OCI_AUTH_REALM_REFUSED'));
  assert.equal(it.requests.length, 2);
});

test('security row 21: a refresh token is not sent on to another host', async () => {
  const it = world(
    ({ url }) =>
      url.pathname === '/token'
        ? { status: 307, headers: { location: 'https://evil.example/token' } }
        : challenge('Bearer realm="https://auth.example/token"'),
    { credential: { kind: 'refreshToken', token: 'REFRESH' } },
  );
  await assert.rejects(get(it));
  assert.ok(it.requests.every(({ url }) => url.host !== 'evil.example'));
});

for (const lookAlike of [
  'r.example.evil.net',
  'evil-r.example',
  'r.example:5000',
  'sub.r.example',
  'rexample',
  'R.EXAMPLE.',
]) {
  test(`security row 21: credentials of r.example are not found for ${lookAlike}`, async () => {
    const asked: string[] = [];
    const real = staticCredentials('r.example', BASIC);
    const credentials: RegistryOptions['credentials'] = {
      get(address, options) {
        asked.push(address);
        return real.get(address, options);
      },
    };
    const registry = lookAlike.replace(/\.$/, '');
    const it = world(() => challenge('Basic realm="r"'), { registry, credentials });
    await assert.rejects(get(it), code('OCI_CREDENTIAL_MISSING'));
    assert.deepEqual(asked, [registry]);
    assert.ok(it.requests.every(({ headers }) => headers['authorization'] === undefined));
  });
}

test('security row 21: a host that the registry redirects to cannot ask for credentials', async () => {
  const it = world(
    ({ url }) =>
      url.host === 'r.example'
        ? { status: 307, headers: { location: 'https://evil.example/blob' } }
        : challenge('Basic realm="r"'),
    { credential: BASIC },
  );
  assert.equal(await get(it), 401);
  assert.equal(it.requests.length, 2);
  assert.ok(it.requests.every(({ headers }) => headers['authorization'] === undefined));
});

test('security row 21: an absolute URL on another host gets no credentials, though they are known', async () => {
  const it = world(
    ({ headers }) =>
      headers['authorization'] === BASIC_HEADER ? { status: 200 } : challenge('Basic realm="r"'),
    { credential: BASIC },
  );
  assert.equal(await get(it), 200);
  for (const url of ['https://r.example.evil.net/v2/', 'https://r.example:8443/v2/']) {
    assert.equal(await get(it, url), 401);
    assert.equal(it.requests.at(-1)?.headers['authorization'], undefined);
  }
  const before = it.requests.length;
  await assert.rejects(get(it, 'http://r.example/v2/'), code('OCI_RESPONSE_INVALID'));
  assert.equal(it.requests.length, before);
});
