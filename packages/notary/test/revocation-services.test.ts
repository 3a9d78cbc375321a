import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CryptoPort, defaultCrypto } from '@nv2/core';
import { createHttpClient, type HttpClient } from '@nv2/http';
import {
  type CertificateStatus,
  type CrlCache,
  type OnlineRevocationOptions,
  onlineRevocation,
} from '@nv2/notary';
import {
  crlDistributionPoints,
  type FakeHandler,
  type FakeResponse,
  fakeClock,
  fakeTransport,
  makeChain,
  makeCrl,
  makeOcspResponse,
  ocspAccess,
  type RawExtension,
  type TestAuthority,
} from '@nv2/testkit';
import { type Certificate, EXTENDED_KEY_USAGE, issueCertificate, OCSP } from '@nv2/x509';
import { DAY, NOW } from './fixture.ts';

const AT = NOW.getTime();
const EC = { kind: 'ec', curve: 'P-256' } as const;
const OCSP_URL = 'http://ocsp.example/';
const CRL_URL = 'http://crl.example/leaf.crl';

const other = authorityOf(await makeChain({ algorithm: EC, now: NOW }));

function authorityOf({ authorities }: { readonly authorities: readonly TestAuthority[] }) {
  const [first] = authorities;
  assert.ok(first);
  return first;
}

type Required = globalThis.Required<RawExtension>;

/** A chain whose leaf has these extensions. */
async function chainWith(...extensions: readonly Required[]) {
  const made = await makeChain({ algorithm: EC, now: NOW, leaf: { extensions } });
  const [certificate] = made.chain;
  assert.ok(certificate);
  return { chain: made.chain, certificate, issuer: authorityOf(made) };
}

function httpClient(handler: FakeHandler): HttpClient {
  return createHttpClient({ transport: fakeTransport(handler), userAgent: 'test' });
}

/** What is found out about the leaf of a chain, and what was asked for it. */
async function ask(
  chain: readonly Certificate[],
  handler: FakeHandler,
  options: OnlineRevocationOptions & { readonly signal?: AbortSignal } = {},
): Promise<{ readonly status: CertificateStatus; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const client = httpClient((request) => {
    asked.push(request.url.host);
    return handler(request);
  });
  const { signal, ...online } = options;
  const when = { at: AT, ...(signal && { signal }) };
  const [status] = await onlineRevocation({ client, ...online })(chain, when);
  assert.ok(status);
  return { status, asked };
}

const ok = (body: Uint8Array, type = 'application/pkix-crl'): FakeResponse => ({
  status: 200,
  headers: { 'content-type': type },
  body,
});
const ocspAnswer = (body: Uint8Array): FakeResponse => ok(body, 'application/ocsp-response');

function reasons(status: CertificateStatus): string {
  return 'questions' in status ? status.questions.map(({ cause }) => cause.message).join('; ') : '';
}

describe('an OCSP responder that the issuer appointed', () => {
  const RESPONDER_CRL = 'http://responder.example/crl';

  /** Asks about a good certificate by a responder with these extensions. */
  async function byResponder(
    extensions: readonly Required[],
    crl: 'good' | 'revoked' | 'missing',
  ): Promise<{ readonly status: CertificateStatus; readonly asked: readonly string[] }> {
    const { chain, certificate, issuer } = await chainWith(ocspAccess(OCSP_URL));
    const { key } = await defaultCrypto.generateKey(EC);
    const template = {
      subject: [{ type: '2.5.4.3', value: 'responder' }],
      notBefore: AT - DAY,
      notAfter: AT + DAY,
      spki: key.spki,
      extendedKeyUsage: [EXTENDED_KEY_USAGE.ocspSigning],
      extensions,
    };
    const responder = { key, certificate: await issueCertificate(template, issuer) };
    const { serialNumber } = responder.certificate;
    return await ask(chain, async ({ url }) => {
      if (url.host === 'ocsp.example') {
        const answers = [{ certificate, thisUpdate: AT - 1000 }];
        return ocspAnswer(await makeOcspResponse({ issuer, responder, answers }));
      }
      if (crl === 'missing') return { status: 404 };
      const entries = crl === 'good' ? [] : [{ serialNumber, revokedAt: AT - 1000 }];
      return ok(await makeCrl({ issuer, thisUpdate: AT - 1000, entries }));
    });
  }

  test('is believed once the CRL that its certificate names does not list it', async () => {
    const { status, asked } = await byResponder([crlDistributionPoints(RESPONDER_CRL)], 'good');
    assert.equal(status.status, 'good');
    assert.deepEqual(asked, ['ocsp.example', 'responder.example']);
  });

  for (const [crl, reason] of [
    ['revoked', /that was revoked/],
    ['missing', /could not be found out/],
  ] as const) {
    test(`is not believed where that CRL is ${crl === 'missing' ? crl : 'one that lists it'}`, async () => {
      const { status } = await byResponder([crlDistributionPoints(RESPONDER_CRL)], crl);
      assert.equal(status.status, 'unknown');
      assert.match(reasons(status), reason);
    });
  }

  test('is believed without where its issuer says so, or names no CRL', async () => {
    const noCheck = { oid: OCSP.noCheck, critical: false, value: Uint8Array.of(5, 0) };
    for (const extensions of [[], [noCheck], [noCheck, crlDistributionPoints(RESPONDER_CRL)]]) {
      const { status, asked } = await byResponder(extensions, 'revoked');
      assert.equal(status.status, 'good');
      assert.deepEqual(asked, ['ocsp.example']);
    }
  });
});

describe('security row 18: a cache of CRLs', () => {
  const good = (base: Uint8Array): CrlCache => ({
    get: () => Promise.resolve({ base }),
    set: () => Promise.resolve(),
  });
  const fail = (): never => {
    throw new TypeError('injected');
  };
  const caches: Readonly<Record<string, (issuer: TestAuthority) => Promise<CrlCache>>> = {
    'that fails to be read': async () => ({ get: fail, set: async () => undefined }),
    'that fails to be written': async () => ({ get: async () => undefined, set: fail }),
    'that fails later': async () => ({ get: async () => fail(), set: async () => fail() }),
    'with what is no CRL': async () => good(Uint8Array.of(1)),
    'with nothing that it promised': async () =>
      ({ get: async () => ({}), set: async () => undefined }) as unknown as CrlCache,
    'with the CRL of another': async () =>
      good(await makeCrl({ issuer: other, thisUpdate: AT - 1000 })),
    'with a CRL that another signed': async (issuer) =>
      good(await makeCrl({ issuer, thisUpdate: AT - 1000, signer: other.key })),
    'with a base whose delta is gone': async (issuer) =>
      good(await makeCrl({ issuer, thisUpdate: AT - 1000, freshestCrls: [CRL_URL] })),
    'from the future': async (issuer) => good(await makeCrl({ issuer, thisUpdate: AT + DAY })),
  };
  for (const [what, make] of Object.entries(caches)) {
    test(`${what} changes no verdict and stops none`, async () => {
      const { chain, certificate, issuer } = await chainWith(crlDistributionPoints(CRL_URL));
      const crlCache = await make(issuer);
      for (const expected of ['good', 'revoked'] as const) {
        const { serialNumber } = certificate;
        const entries = expected === 'good' ? [] : [{ serialNumber, revokedAt: AT - 1000 }];
        const body = await makeCrl({ issuer, thisUpdate: AT - 1000, entries });
        const { status } = await ask(chain, () => ok(body), { crlCache });
        assert.equal(status.status, expected, reasons(status));
      }
      const nowhere = await ask(chain, () => ({ status: 404 }), { crlCache });
      assert.equal(nowhere.status.status, 'unknown');
    });
  }

  const never = (): Promise<never> => new Promise(() => undefined);
  const silent = {
    'to reads': { get: never, set: never },
    'to writes': { get: async () => undefined, set: never },
  };
  for (const [what, crlCache] of Object.entries(silent)) {
    test(`that never answers ${what} is as none, after one wait`, async () => {
      const { chain, issuer } = await chainWith(crlDistributionPoints(CRL_URL, `${CRL_URL}2`));
      const body = await makeCrl({ issuer, thisUpdate: AT - 1000 });
      const told: string[] = [];
      const clock = fakeClock({ automatic: true });
      const log = ({ event }: { readonly event: string }): number => told.push(event);
      const { status, asked } = await ask(chain, () => ok(body), { crlCache, clock, log });
      assert.equal(status.status, 'good', reasons(status));
      assert.equal(asked.length, 2);
      assert.deepEqual(told, ['silent']);
      assert.deepEqual(clock.delays.at(-1), 2000);
      assert.equal(clock.elapsed(), 2000);
    });
  }

  test('that never answers takes no more than the time for all questions, or than the caller gives', async () => {
    const { chain } = await chainWith(crlDistributionPoints(CRL_URL));
    const crlCache = silent['to reads'];
    const clock = fakeClock({ automatic: true });
    const { status, asked } = await ask(chain, () => ({ status: 404 }), {
      crlCache,
      clock,
      budgetMs: 500,
    });
    assert.match(reasons(status), /was not asked, for want of time/);
    assert.deepEqual(asked, []);
    assert.equal(clock.elapsed(), 500);
    const controller = new AbortController();
    const abort = (): Promise<never> => {
      controller.abort();
      return never();
    };
    const { signal } = controller;
    const given = { crlCache: { get: abort, set: never }, clock: fakeClock(), signal };
    const ended = await ask(chain, () => ({ status: 404 }), given);
    assert.equal(ended.status.status, 'unknown');
  });

  test('makes no list be verified twice, and no service be asked twice', async () => {
    const { chain, issuer } = await chainWith(crlDistributionPoints(CRL_URL));
    const list = { issuer, thisUpdate: AT - 1000 };
    const fresh = await makeCrl(list);
    const stale = await makeCrl({ issuer, thisUpdate: AT - 10_000, nextUpdate: AT - 5000 });
    let verified = 0;
    const crypto: CryptoPort = {
      ...defaultCrypto,
      verify: (...given) => {
        verified += 1;
        return defaultCrypto.verify(...given);
      },
    };
    for (const base of [undefined, stale]) {
      const kept: Uint8Array[] = [];
      const crlCache: CrlCache = {
        get: async () => base && { base },
        set: async (_url, bundle) => void kept.push(bundle.base),
      };
      verified = 0;
      const { status, asked } = await ask(chain, () => ok(fresh), { crlCache, crypto });
      assert.equal(status.status, 'good');
      assert.deepEqual([verified, asked.length, kept.length], [1, 1, 1]);
      const nowhere = await ask(chain, () => ({ status: 404 }), { crlCache, crypto });
      assert.equal(nowhere.status.status, 'unknown');
      assert.equal(nowhere.asked.length, 1);
    }
  });
});

describe('the services that a certificate names', () => {
  test('security row 1: are asked up to a limit', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `http://s${index}.example/`);
    const ocsp = await chainWith(ocspAccess(...many));
    const byOcsp = await ask(ocsp.chain, () => ({ status: 404 }));
    assert.equal(byOcsp.status.status, 'unknown');
    assert.equal(byOcsp.asked.length, 8);
    const crl = await chainWith(crlDistributionPoints(...many));
    const body = await makeCrl({ issuer: crl.issuer, thisUpdate: AT - 1000 });
    const byCrl = await ask(crl.chain, () => ok(body));
    assert.equal(byCrl.status.status, 'unknown');
    assert.match(reasons(byCrl.status), /names 50 CRLs/);
    assert.deepEqual(byCrl.asked, []);
    const one = await chainWith(crlDistributionPoints(CRL_URL));
    const base = await makeCrl({ issuer: one.issuer, thisUpdate: AT - 1000, freshestCrls: many });
    const byDelta = await ask(one.chain, ({ url }) =>
      url.href === CRL_URL ? ok(base) : { status: 404 },
    );
    assert.equal(byDelta.status.status, 'unknown');
    assert.equal(byDelta.asked.length, 1 + 8);
  });

  test('are asked about all certificates of a chain at the same time', async () => {
    const made = await makeChain({
      algorithm: EC,
      depth: 3,
      now: NOW,
      leaf: { extensions: [ocspAccess('http://leaf.example/')] },
      intermediate: { extensions: [ocspAccess('http://ca.example/')] },
    });
    const under: string[] = [];
    let arrived = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const client = httpClient(async ({ url }) => {
      under.push(url.host);
      if (under.length === 2) arrived();
      await both;
      return { status: 404 };
    });
    const statuses = await onlineRevocation({ client })(made.chain, { at: AT });
    assert.deepEqual(under, ['leaf.example', 'ca.example']);
    assert.deepEqual(
      statuses.map(({ status }) => status),
      ['unknown', 'unknown'],
    );
  });

  test('get no more time each than is left of the time for all', async () => {
    const { chain } = await chainWith(ocspAccess(OCSP_URL), crlDistributionPoints(CRL_URL));
    for (const [budgetMs, mostMs] of [
      [undefined, [2000, 5000]],
      [1500, [1500, 1500]],
    ] as const) {
      const given: number[] = [];
      const nowhere = httpClient(() => ({ status: 404 }));
      const client: HttpClient = {
        send: (request, options) => {
          given.push(options?.timeouts?.totalMs ?? Number.POSITIVE_INFINITY);
          return nowhere.send(request, options);
        },
      };
      const budget = budgetMs === undefined ? {} : { budgetMs };
      await onlineRevocation({ client, ...budget })(chain, { at: AT });
      assert.equal(given.length, 2);
      for (const [index, most] of mostMs.entries()) assert.ok((given[index] ?? 0) <= most);
    }
  });
});
