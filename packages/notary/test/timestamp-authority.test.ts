import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nv2Error } from '@nv2/core';
import { createHttpClient } from '@nv2/http';
import {
  type RevocationChecker,
  type TimestampAuthorityOptions,
  timestampAuthority,
} from '@nv2/notary';
import {
  crlDistributionPoints,
  type FakeClock,
  type FakeRequest,
  type FakeResponse,
  fakeClock,
  fakeTransport,
  makeTsa,
  type TsaChanges,
} from '@nv2/testkit';
import { DAY, NOW } from './fixture.ts';

const SIGNATURE = Uint8Array.of(1, 2, 3);
const AT = NOW.getTime();
const tsa = await makeTsa({ now: NOW, time: () => AT });
const other = await makeTsa({ now: NOW, time: () => AT });
const revocable = await makeTsa({
  now: NOW,
  time: () => AT,
  intermediate: { extensions: [crlDistributionPoints('http://crl.example/')] },
});

type Answer = (request: FakeRequest) => FakeResponse | Promise<FakeResponse>;

const reply = (body: Uint8Array | string): FakeResponse => ({
  status: 200,
  headers: { 'content-type': 'application/timestamp-reply' },
  body,
});

/** An authority that answers as it should, but for these changes. */
function changed(changes: TsaChanges = {}, by = tsa): Answer {
  return async ({ body }) => reply(await by.answer(body, changes));
}

async function stamp(
  answer: Answer,
  options: Partial<TimestampAuthorityOptions> & { readonly clock?: FakeClock } = {},
): Promise<{ readonly requests: readonly FakeRequest[]; readonly code: string }> {
  const requests: FakeRequest[] = [];
  const transport = fakeTransport((request) => {
    requests.push(request);
    return answer(request);
  });
  const { clock = fakeClock({ automatic: true }), ...others } = options;
  const client = createHttpClient({ transport, userAgent: 'test', clock });
  const base = { url: 'http://tsa.example/', root: tsa.root, now: (): Date => NOW };
  try {
    const timestamper = timestampAuthority({ ...base, client, ...others });
    const token = await timestamper(SIGNATURE, { hash: 'sha256' });
    return { requests, code: token.length > 0 ? 'stamped' : 'empty' };
  } catch (error) {
    assert.ok(error instanceof Nv2Error, String(error));
    const { causeCode } = error.data;
    if (causeCode !== undefined) {
      assert.ok(error.message.includes(base.url), error.message);
      assert.ok(error.hint);
      assert.equal(error.kind, 'unavailable');
    }
    return { requests, code: [error.code, causeCode].filter(Boolean).join(': ') };
  }
}

test('a timestamp is asked for over http and https, without credentials', async () => {
  for (const url of ['http://tsa.example/', 'https://tsa.example/a?b=c']) {
    const { requests, code } = await stamp(changed(), { url });
    assert.equal(code, 'stamped');
    assert.equal(requests.length, 1);
    assert.equal(requests[0]?.url.href, url);
    assert.equal(requests[0]?.headers['content-type'], 'application/timestamp-query');
    assert.equal(requests[0]?.headers['authorization'], undefined);
  }
});

test('an authority is not asked at any other kind of URL', async () => {
  for (const url of [
    'ftp://tsa.example/',
    'http://me:pw@tsa.example/',
    'tsa.example',
    'file:///a',
  ]) {
    const { requests, code } = await stamp(changed(), { url });
    assert.equal(code, 'NOTARY_TIMESTAMP_SERVICE');
    assert.deepEqual(requests, []);
    const client = createHttpClient({ transport: fakeTransport(changed()) });
    assert.throws(() => timestampAuthority({ url, root: tsa.root, client }), { code });
  }
});

const good = changed();
const REFUSED: readonly (readonly [string, Answer, string])[] = [
  ['an error', () => ({ status: 404 }), 'NOTARY_TIMESTAMP_SERVICE'],
  ['an error that may pass', () => ({ status: 503 }), 'NOTARY_TIMESTAMP_SERVICE'],
  [
    'another content type',
    async (request) => ({ ...(await good(request)), headers: { 'content-type': 'text/html' } }),
    'NOTARY_TIMESTAMP_SERVICE',
  ],
  [
    'no content type',
    async (request) => ({ ...(await good(request)), headers: {} }),
    'NOTARY_TIMESTAMP_SERVICE',
  ],
  [
    'a redirect',
    () => ({ status: 307, headers: { location: 'http://169.254.169.254/' } }),
    'HTTP_REDIRECT_REFUSED',
  ],
  [
    'more than it can need',
    () => reply(new Uint8Array(1024 * 1024 + 1)),
    'NOTARY_TIMESTAMP_SERVICE: HTTP_BODY_TOO_LARGE',
  ],
  [
    'an announcement of that',
    () => ({ ...reply(''), headers: { 'content-length': '99999999999' } }),
    'NOTARY_TIMESTAMP_SERVICE',
  ],
  ['nothing', () => reply(''), 'NOTARY_TIMESTAMP_SERVICE: X509_BER_INVALID'],
  ['a page', () => reply('<html>'), 'NOTARY_TIMESTAMP_SERVICE: X509_BER_INVALID'],
  [
    'a rejection',
    changed({ status: 'rejection' }),
    'NOTARY_TIMESTAMP_SERVICE: X509_TIMESTAMP_REFUSED',
  ],
  [
    'a grant without a timestamp',
    changed({ withoutToken: true }),
    'NOTARY_TIMESTAMP_SERVICE: X509_TIMESTAMP_INVALID',
  ],
  [
    'no nonce',
    changed({ info: { nonce: undefined } }),
    'NOTARY_TIMESTAMP_SERVICE: X509_TIMESTAMP_NONCE',
  ],
  [
    'another nonce',
    changed({ info: { nonce: Uint8Array.of(1) } }),
    'NOTARY_TIMESTAMP_SERVICE: X509_TIMESTAMP_NONCE',
  ],
  [
    'the timestamp of another signature',
    changed({ info: { imprint: { hash: 'sha256', hashedMessage: new Uint8Array(32) } } }),
    'NOTARY_TIMESTAMP_SERVICE: X509_TIMESTAMP_IMPRINT',
  ],
  [
    'in the name of another',
    changed({}, other),
    'NOTARY_TIMESTAMP_SERVICE: X509_TIMESTAMP_UNTRUSTED',
  ],
  [
    'with a key of another',
    changed({ key: other.leafKey }),
    'NOTARY_TIMESTAMP_SERVICE: X509_CMS_SIGNATURE',
  ],
  [
    'without its certificates',
    changed({ bag: () => [] }),
    'NOTARY_TIMESTAMP_SERVICE: X509_CMS_SIGNER',
  ],
  [
    'after it has expired',
    changed({ time: AT + 366 * DAY }),
    'NOTARY_TIMESTAMP_SERVICE: X509_EXPIRED',
  ],
];

for (const [what, answer, expected] of REFUSED) {
  test(`nothing is used of an authority that answers ${what}`, async () => {
    const { code, requests } = await stamp(answer);
    assert.equal(code, expected);
    assert.ok(requests.length <= 4);
    for (const { url } of requests) assert.equal(url.host, 'tsa.example');
  });
}

test('an authority that is silent is given up', async () => {
  const clock = fakeClock();
  const silent = (): FakeResponse => {
    setImmediate(() => clock.advance(15_000));
    return { status: 200, stall: 'headers' };
  };
  const { code } = await stamp(silent, { clock });
  assert.equal(code, 'HTTP_TIMEOUT');
});

test('security row 14: an authority that was revoked, or of which that is unknown, is of no use', async () => {
  const options = { root: revocable.root };
  const answer = changed({}, revocable);
  assert.equal((await stamp(answer, options)).code, 'NOTARY_REVOCATION_UNSUPPORTED');
  const saying =
    (status: 'unknown' | 'not-revocable' | 'revoked'): RevocationChecker =>
    async (chain) =>
      chain.slice(0, -1).map(() =>
        status === 'revoked'
          ? {
              status,
              method: 'crl',
              urls: ['http://crl.example/tsa.crl'],
              finding: {
                ...{ status, reason: 'keyCompromise', revokedAt: AT },
                ...{ thisUpdate: AT, nextUpdate: AT },
              },
            }
          : { status, questions: [] },
      );
  for (const [status, code] of [
    ['revoked', 'NOTARY_CERTIFICATE_REVOKED'],
    ['unknown', 'NOTARY_REVOCATION_UNKNOWN'],
    ['not-revocable', 'stamped'],
  ] as const) {
    assert.equal((await stamp(answer, { ...options, revocation: saying(status) })).code, code);
  }
});
