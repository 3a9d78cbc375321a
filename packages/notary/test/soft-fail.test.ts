import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localSigner } from '@nv2/envelope';
import { createHttpClient, HttpError } from '@nv2/http';
import {
  type CheckOutcome,
  type CrlCache,
  memoryTrustStore,
  onlineRevocation,
  type RevocationTime,
  type Verdict,
} from '@nv2/notary';
import {
  crlDistributionPoints,
  type FakeResponse,
  fakeTransport,
  makeChain,
  makeCrl,
  makeOcspError,
  makeOcspResponse,
  ocspAccess,
  type TestAuthority,
  type TestChain,
} from '@nv2/testkit';
import { causes, NOW, signNow, testImage, verdictOf } from './fixture.ts';
import { ownPolicy } from './own-policy.ts';

const AT = NOW.getTime();
const OCSP = 'http://ocsp.example/';
const CRLS = ['http://one.example/a.crl', 'http://two.example/b.crl'];
const REVOKED = { revokedAt: AT - 1000, reason: 1 };
const EVERYTHING = [{ any: true, failures: ['unreachable', 'timeout', 'refused'] }];

const both = await chainOf(ocspAccess(OCSP), crlDistributionPoints(...CRLS));
const ocspOnly = await chainOf(ocspAccess(OCSP));
const crlOnly = await chainOf(crlDistributionPoints(...CRLS));
const stranger = await chainOf();

function chainOf(...extensions: readonly ReturnType<typeof ocspAccess>[]): Promise<TestChain> {
  return makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW, leaf: { extensions } });
}

function issuerOf({ authorities }: TestChain): TestAuthority {
  const [first] = authorities;
  assert.ok(first);
  return first;
}

type Answer = (made: TestChain) => FakeResponse | Promise<FakeResponse>;

const unreachable: Answer = () => {
  throw new HttpError('HTTP_CONNECTION_FAILED', 'nobody is there');
};
const timeout: Answer = () => {
  throw new HttpError('HTTP_TIMEOUT', 'too late');
};
const notFound: Answer = () => ({ status: 404 });

function ocsp(
  status: 'good' | 'unknown' | typeof REVOKED,
  more: Partial<Parameters<typeof makeOcspResponse>[0]> & { readonly at?: number } = {},
): Answer {
  return async (made) => {
    const { at = AT - 1000, ...template } = more;
    const certificate = leafOf(made);
    const answers = [{ certificate, status, thisUpdate: at, nextUpdate: at + 60_000 }];
    return ocspBody(await makeOcspResponse({ issuer: issuerOf(made), answers, ...template }));
  };
}

function leafOf({ chain: [leaf] }: TestChain): TestChain['chain'][number] {
  assert.ok(leaf);
  return leaf;
}

function ocspBody(body: Uint8Array | string): FakeResponse {
  return { status: 200, headers: { 'content-type': 'application/ocsp-response' }, body };
}

function crl(state: 'good' | 'revoked', more: Partial<Parameters<typeof makeCrl>[0]> = {}): Answer {
  return async (made) => ({ status: 200, body: await list(made, state, more) });
}

function list(
  made: TestChain,
  state: 'good' | 'revoked',
  more: Partial<Parameters<typeof makeCrl>[0]> = {},
): Promise<Uint8Array> {
  const { serialNumber } = leafOf(made);
  const entries = state === 'revoked' ? [{ serialNumber, ...REVOKED }] : [];
  return makeCrl({ issuer: issuerOf(made), thisUpdate: AT - 1000, entries, ...more });
}

function memoryCache(initial: Readonly<Record<string, CrlBundleBytes>> = {}): {
  readonly crlCache: CrlCache;
  readonly lists: ReadonlyMap<string, CrlBundleBytes>;
} {
  const lists = new Map(Object.entries(initial));
  const get: CrlCache['get'] = async (url) => lists.get(url);
  const set: CrlCache['set'] = async (url, bundle) => void lists.set(url, bundle);
  return { crlCache: { get, set }, lists };
}

type CrlBundleBytes = Parameters<CrlCache['set']>[1];

interface Case {
  readonly softFail: readonly object[];
  readonly answers: Readonly<Record<string, Answer>>;
  readonly made?: TestChain;
  readonly crlCache?: CrlCache;
  readonly level?: string;
}

async function judge(
  one: Case,
): Promise<{ readonly verdict: Verdict; readonly check: CheckOutcome | undefined }> {
  const { softFail, answers, made = both, crlCache, level = 'strict' } = one;
  const client = createHttpClient({
    transport: fakeTransport(({ url }) => (answers[url.host] ?? unreachable)(made)),
    userAgent: 'test',
    retry: { maxAttempts: 1 },
  });
  const { target } = testImage();
  const signer = localSigner(made.leafKey, made.chain);
  await signNow(target, { signer, chain: made.chain, root: made.root });
  const verdict = await verdictOf(target, {
    trustStore: memoryTrustStore({ 'ca:acme': [made.root] }),
    policy: ownPolicy({ level, ...(softFail.length > 0 && { revocation: { softFail } }) }),
    revocation: onlineRevocation({ client, ...(crlCache && { crlCache }) }),
  });
  const check = verdict.signatures[0]?.checks.find((c) => c.check === 'revocation');
  return { verdict, check };
}

describe('a failure of revocation services that a statement names', () => {
  test('is passed over, and told as a warning with its cause', async () => {
    const { verdict, check } = await judge({ softFail: EVERYTHING, answers: {} });
    assert.equal(verdict.outcome, 'verified');
    assert.equal(check?.result, 'passed');
    assert.deepEqual(
      check?.warnings?.map(({ code }) => code),
      ['NOTARY_REVOCATION_UNKNOWN'],
    );
    assert.match(check?.warnings?.[0]?.message ?? '', /nobody is there/);
  });

  test('is none where everybody answers', async () => {
    const { verdict, check } = await judge({
      softFail: EVERYTHING,
      answers: { 'ocsp.example': ocsp('good') },
    });
    assert.equal(verdict.outcome, 'verified');
    assert.equal(check?.warnings, undefined);
  });

  const each: Readonly<Record<string, readonly [string, Answer]>> = {
    'no connection': ['unreachable', unreachable],
    'no answer in time': ['timeout', timeout],
    'another status of HTTP': ['refused', notFound],
    'that it is out of order': ['refused', () => ({ status: 503 })],
    'that it is elsewhere': [
      'refused',
      () => ({ status: 302, headers: { location: 'http://127.0.0.1/' } }),
    ],
    'an error of OCSP': ['refused', () => ocspBody(makeOcspError(3))],
  };
  for (const [what, [name, answer]] of Object.entries(each)) {
    test(`is ${what} if ${name} is named, and no other`, async () => {
      for (const failure of ['unreachable', 'timeout', 'refused']) {
        const { verdict } = await judge({
          softFail: [{ hosts: ['ocsp.example'], failures: [failure] }],
          answers: { 'ocsp.example': answer },
          made: ocspOnly,
        });
        assert.equal(verdict.outcome, failure === name ? 'verified' : 'unavailable', failure);
      }
    });
  }

  test('must be named of each service that fails, by host and by method', async () => {
    const failures = ['unreachable'];
    const outcomeBy = async (...softFail: readonly object[]): Promise<string> =>
      (await judge({ softFail, answers: {} })).verdict.outcome;
    const hosts = ['ocsp.example', 'one.example', 'two.example'];
    assert.equal(await outcomeBy({ hosts, failures }), 'verified');
    assert.equal(await outcomeBy({ hosts: hosts.slice(1), failures }), 'unavailable');
    assert.equal(await outcomeBy({ hosts: hosts.slice(0, 2), failures }), 'unavailable');
    assert.equal(await outcomeBy({ any: true, methods: ['ocsp'], failures }), 'unavailable');
    assert.equal(await outcomeBy({ any: true, methods: ['crl'], failures }), 'unavailable');
    const byMethod = [
      { any: true, methods: ['crl'], failures },
      { hosts: ['ocsp.example'], methods: ['ocsp'], failures },
    ];
    assert.equal(await outcomeBy(...byMethod), 'verified');
    // a host is named whole
    const alike = ['ocsp.example:8080', 'example', 'cs.ocsp.example', 'one.example', 'two.example'];
    assert.equal(await outcomeBy({ hosts: alike, failures }), 'unavailable');
  });

  test('is a failure where it is not named, as ever', async () => {
    const { verdict } = await judge({ softFail: [], answers: {} });
    assert.equal(verdict.outcome, 'unavailable');
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
  });
});

describe('security: soft-fail never lets pass', () => {
  const revoked: Readonly<Record<string, Case['answers']>> = {
    'what OCSP says was revoked': { 'ocsp.example': ocsp(REVOKED) },
    'what a CRL says was revoked, where OCSP is out of reach': {
      'one.example': crl('revoked'),
    },
    'what the second CRL says was revoked, where the first is out of reach': {
      'two.example': crl('revoked'),
    },
    'what the second CRL says was revoked, where the first is refused': {
      'one.example': notFound,
      'two.example': crl('revoked'),
    },
  };
  for (const [what, answers] of Object.entries(revoked)) {
    test(what, async () => {
      const { verdict } = await judge({ softFail: EVERYTHING, answers });
      assert.equal(verdict.outcome, 'denied');
      assert.deepEqual(causes(verdict), ['NOTARY_CERTIFICATE_REVOKED']);
    });
  }

  const key = issuerOf(stranger).key;
  const answered: Readonly<Record<string, readonly [TestChain, Case['answers']]>> = {
    'an OCSP response by another key': [
      ocspOnly,
      { 'ocsp.example': ocsp('good', { signer: key }) },
    ],
    'an OCSP response by another issuer': [
      ocspOnly,
      { 'ocsp.example': ocsp('good', { issuer: issuerOf(stranger) }) },
    ],
    'an OCSP response that has expired': [
      ocspOnly,
      { 'ocsp.example': ocsp('good', { at: AT - 120_000 }) },
    ],
    'an OCSP response of rubbish': [ocspOnly, { 'ocsp.example': () => ocspBody('rubbish') }],
    'an OCSP responder that does not know the certificate': [
      ocspOnly,
      { 'ocsp.example': ocsp('unknown') },
    ],
    'a page of HTML in place of OCSP': [
      ocspOnly,
      {
        'ocsp.example': () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '' }),
      },
    ],
    'a CRL by another key, the other one out of reach': [
      crlOnly,
      { 'one.example': crl('good', { signer: key }) },
    ],
    'a CRL by another key after one that is out of reach': [
      crlOnly,
      { 'two.example': crl('good', { signer: key }) },
    ],
    'an expired CRL, the other one out of reach': [
      crlOnly,
      { 'two.example': crl('good', { thisUpdate: AT - 10_000, nextUpdate: AT - 5000 }) },
    ],
    'a CRL whose delta is out of reach': [
      crlOnly,
      { 'one.example': crl('good', { freshestCrls: ['http://delta.example/'] }) },
    ],
    'an OCSP response that is forged where the CRLs are out of reach': [
      both,
      { 'ocsp.example': ocsp('good', { signer: key }) },
    ],
  };
  for (const [what, [made, answers]] of Object.entries(answered)) {
    test(what, async () => {
      const { verdict } = await judge({ softFail: EVERYTHING, answers, made });
      assert.equal(verdict.outcome, 'unavailable');
      assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
    });
  }

  test('what the last list that was kept says was revoked, though it has expired since', async () => {
    const delta = 'http://delta.example/';
    const named = crlDistributionPoints('http://one.example/');
    const announcing = await chainOf(named, { ...crlDistributionPoints(delta), oid: '2.5.29.46' });
    for (const [made, more] of [
      [crlOnly, {}],
      [crlOnly, { freshestCrls: [delta] }],
      [announcing, {}],
    ] as const) {
      for (const state of ['revoked', 'good'] as const) {
        const times = { thisUpdate: AT - 10_000, nextUpdate: AT - 5000 };
        const base = await list(made, state, { ...times, ...more });
        const crlCache: CrlCache = { get: async () => ({ base }), set: async () => undefined };
        const { verdict } = await judge({ softFail: EVERYTHING, answers: {}, made, crlCache });
        assert.equal(verdict.outcome, state === 'good' ? 'verified' : 'unavailable', state);
        const because = /, and its last CRL, which is in the cache, says revoked/;
        if (state === 'revoked') assert.match(String(verdict.cause?.message), because);
      }
    }
  });

  describe('what a cache knew was revoked, after a list that', () => {
    const times = { thisUpdate: AT - 10_000, nextUpdate: AT - 5000 };
    const genuine = { thisUpdate: AT - 20_000, nextUpdate: AT + 60_000 };
    const served: Readonly<Record<string, readonly [Answer, string]>> = {
      'is by another key': [crl('good', { signer: key }), 'unavailable'],
      'is by another issuer': [crl('good', { issuer: issuerOf(stranger) }), 'unavailable'],
      'has expired before it': [
        crl('good', { thisUpdate: AT - 20_000, nextUpdate: AT - 15_000 }),
        'unavailable',
      ],
      // what can be put in place of the last list
      'is older and still valid': [crl('good', genuine), 'denied'],
      // what cannot: its authority counts anew
      'has a lower number': [crl('good', { crlNumber: 3 }), 'verified'],
    };
    for (const [what, [forged, first]] of Object.entries(served)) {
      test(what, async () => {
        const [url = ''] = CRLS;
        const base = await list(crlOnly, 'revoked', { ...times, crlNumber: 4 });
        const { crlCache, lists } = memoryCache({ [url]: { base } });
        const one = { softFail: EVERYTHING, made: crlOnly, crlCache };
        const good = crl('good');
        const attacked = { 'one.example': forged, 'two.example': good };
        assert.equal((await judge({ ...one, answers: attacked })).verdict.outcome, first);
        const { verdict } = await judge({
          ...one,
          answers: { 'one.example': () => ({ status: 503 }) },
        });
        assert.equal(verdict.outcome, 'unavailable');
        assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
        assert.equal(lists.get(url)?.base, base);
      });
    }
  });

  test('more services than are asked', async () => {
    const urls = Array.from({ length: 9 }, (_, i) => `http://ocsp.example/${i}`);
    const made = await chainOf(ocspAccess(...urls));
    const { verdict } = await judge({ softFail: EVERYTHING, answers: {}, made });
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
  });

  test('one certificate of a chain that was revoked, while nothing is known of another', async () => {
    const made = await makeChain({
      algorithm: { kind: 'ec', curve: 'P-256' },
      depth: 3,
      now: NOW,
      leaf: { extensions: [ocspAccess('http://gone.example/')] },
      intermediate: { extensions: [ocspAccess(OCSP)] },
    });
    const [, certificate] = made.chain;
    const issuer = made.authorities[1];
    assert.ok(certificate && issuer);
    const answers = [{ certificate, status: REVOKED, thisUpdate: AT - 1000 }];
    const body = await makeOcspResponse({ issuer, answers });
    const { verdict } = await judge({
      softFail: EVERYTHING,
      answers: { 'ocsp.example': () => ocspBody(body) },
      made,
    });
    assert.deepEqual(causes(verdict), ['NOTARY_CERTIFICATE_REVOKED']);
  });

  test('a question that nobody asked: no status at all', async () => {
    const { target } = testImage();
    const signer = localSigner(both.leafKey, both.chain);
    await signNow(target, { signer, chain: both.chain, root: both.root });
    const verdict = await verdictOf(target, {
      trustStore: memoryTrustStore({ 'ca:acme': [both.root] }),
      policy: ownPolicy({ revocation: { softFail: EVERYTHING } }),
      revocation: async () => [{ status: 'unknown', questions: [] }],
    });
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
  });
});

test('how long a question may take is told to whoever asks, and that all are to be asked', async () => {
  const asked: RevocationTime[] = [];
  const ask = async (revocation: object | undefined): Promise<void> => {
    const { target } = testImage();
    const signer = localSigner(both.leafKey, both.chain);
    await signNow(target, { signer, chain: both.chain, root: both.root });
    await verdictOf(target, {
      trustStore: memoryTrustStore({ 'ca:acme': [both.root] }),
      policy: ownPolicy(revocation === undefined ? {} : { revocation }),
      revocation: async (chain, when) => {
        asked.push(when);
        return chain.map(() => ({ status: 'not-revocable' }));
      },
    });
  };
  await ask(undefined);
  await ask({ timeout: '3s' });
  await ask({ timeout: '1s', softFail: EVERYTHING });
  assert.deepEqual(
    asked.map(({ timeoutMs, exhaustive }) => [timeoutMs, exhaustive]),
    [
      [undefined, undefined],
      [3000, undefined],
      [1000, true],
    ],
  );
});
