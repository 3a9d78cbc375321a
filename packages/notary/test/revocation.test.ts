import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { localSigner } from '@nv2/envelope';
import { createHttpClient } from '@nv2/http';
import {
  type CrlCache,
  type CrlCacheEvent,
  fileCrlCache,
  memoryTrustStore,
  onlineRevocation,
  type Verdict,
} from '@nv2/notary';
import {
  crlDistributionPoints,
  type FakeHandler,
  type FakeResponse,
  fakeTransport,
  makeChain,
  makeCrl,
  makeOcspResponse,
  ocspAccess,
  type TestAuthority,
  type TestChain,
  withTempDir,
} from '@nv2/testkit';
import { causes, NOW, signNow, testImage, testPolicy, verdictOf } from './fixture.ts';

const OCSP = 'http://ocsp.example/';
const CRL = 'http://crl.example/leaf.crl';
const AT = NOW.getTime();
const REVOKED = { revokedAt: AT - 1000, reason: 1 };

const made = await makeChain({
  algorithm: { kind: 'ec', curve: 'P-256' },
  now: NOW,
  leaf: { extensions: [ocspAccess(OCSP), crlDistributionPoints(CRL)] },
});
const issuer = issuerOf(made);
const certificate = made.chain[0];
assert.ok(certificate);

function issuerOf({ authorities }: TestChain): TestAuthority {
  const [first] = authorities;
  assert.ok(first);
  return first;
}

async function ocsp(status: 'good' | 'unknown' | typeof REVOKED): Promise<FakeResponse> {
  assert.ok(certificate);
  const answers = [{ certificate, status, thisUpdate: AT - 1000 }];
  const body = await makeOcspResponse({ issuer, answers });
  return { status: 200, headers: { 'content-type': 'application/ocsp-response' }, body };
}

async function crl(revoked: boolean): Promise<FakeResponse> {
  assert.ok(certificate);
  const { serialNumber } = certificate;
  const entries = revoked ? [{ serialNumber, revokedAt: AT - 1000, reasonCode: 1 }] : [];
  const body = await makeCrl({ issuer, thisUpdate: AT - 1000, entries });
  return { status: 200, headers: { 'content-type': 'application/pkix-crl' }, body };
}

interface Services {
  readonly ocsp: () => FakeResponse | Promise<FakeResponse>;
  readonly crl: () => FakeResponse | Promise<FakeResponse>;
}

const DOWN = (): FakeResponse => ({ status: 404 });

/** The verdict about an image signed by the chain above, and the hosts that were asked. */
async function judge(
  services: Partial<Services>,
  options: {
    readonly policy?: object;
    readonly crlCache?: CrlCache;
    readonly budgetMs?: number;
  } = {},
): Promise<{ readonly verdict: Verdict; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const handler: FakeHandler = ({ url }) => {
    asked.push(url.host);
    const answer = url.host === 'ocsp.example' ? services.ocsp : services.crl;
    return (answer ?? DOWN)();
  };
  const client = createHttpClient({ transport: fakeTransport(handler), userAgent: 'test' });
  const { crlCache, budgetMs } = options;
  const { target } = testImage();
  const signer = localSigner(made.leafKey, made.chain);
  await signNow(target, { signer, chain: made.chain, root: made.root });
  const verdict = await verdictOf(target, {
    trustStore: memoryTrustStore({ 'ca:acme': [made.root] }),
    policy: testPolicy(options.policy),
    revocation: onlineRevocation({
      client,
      ...(crlCache && { crlCache }),
      ...(budgetMs !== undefined && { budgetMs }),
    }),
  });
  return { verdict, asked };
}

describe('the revocation of a signing certificate', () => {
  test('is asked of OCSP first, and a good answer is enough', async () => {
    const { verdict, asked } = await judge({ ocsp: () => ocsp('good') });
    assert.equal(verdict.outcome, 'verified');
    assert.deepEqual(asked, ['ocsp.example']);
  });

  test('that OCSP reports refuses the signature', async () => {
    const { verdict, asked } = await judge({ ocsp: () => ocsp(REVOKED), crl: () => crl(false) });
    assert.equal(verdict.outcome, 'denied');
    assert.deepEqual(causes(verdict), ['NOTARY_CERTIFICATE_REVOKED']);
    assert.deepEqual(asked, ['ocsp.example']);
  });

  const undecided: Readonly<Record<string, Services['ocsp']>> = {
    'is out of reach': DOWN,
    'knows nothing': () => ocsp('unknown'),
    'answers with something else': () => ({ status: 200, body: 'hello' }),
    'sends on to another host': () => ({
      status: 302,
      headers: { location: 'http://169.254.169.254/' },
    }),
    'answers without end': () => ({
      status: 200,
      headers: { 'content-type': 'application/ocsp-response' },
      body: new Uint8Array(21 * 1024),
    }),
  };
  for (const [what, answer] of Object.entries(undecided)) {
    test(`is asked of the CRL where OCSP ${what}`, async () => {
      const good = await judge({ ocsp: answer, crl: () => crl(false) });
      assert.equal(good.verdict.outcome, 'verified');
      assert.ok(!good.asked.includes('169.254.169.254'));
      const bad = await judge({ ocsp: answer, crl: () => crl(true) });
      assert.deepEqual(causes(bad.verdict), ['NOTARY_CERTIFICATE_REVOKED']);
      const none = await judge({ ocsp: answer });
      assert.equal(none.verdict.outcome, 'unavailable');
      assert.deepEqual(causes(none.verdict), ['NOTARY_REVOCATION_UNKNOWN']);
    });
  }

  test('that is unknown is a warning where the policy logs it, and not asked where it skips it', async () => {
    const log = await judge({}, { policy: { signatureVerification: { level: 'permissive' } } });
    assert.equal(log.verdict.outcome, 'verified');
    const logged = log.verdict.signatures[0]?.checks.find(({ check }) => check === 'revocation');
    assert.equal(logged?.cause?.code, 'NOTARY_REVOCATION_UNKNOWN');
    const signatureVerification = { level: 'strict', override: { revocation: 'skip' } };
    const skip = await judge({ ocsp: () => ocsp(REVOKED) }, { policy: { signatureVerification } });
    assert.equal(skip.verdict.outcome, 'verified');
    assert.deepEqual(skip.asked, []);
  });

  test('is undecided once the time for all questions is over, and nobody is asked', async () => {
    const good: Services = { ocsp: () => ocsp('good'), crl: () => crl(false) };
    const { verdict, asked } = await judge(good, { budgetMs: 0 });
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
    assert.deepEqual(asked, []);
  });

  test('is asked of each CRL in turn, and the first that has the certificate is enough', async () => {
    const points = ['http://one.example/a.crl', 'http://two.example/b.crl'];
    const chain = await makeChain({
      algorithm: { kind: 'ec', curve: 'P-256' },
      now: NOW,
      leaf: { extensions: [crlDistributionPoints(...points)] },
    });
    const [leaf] = chain.chain;
    assert.ok(leaf);
    const entries = [{ serialNumber: leaf.serialNumber, revokedAt: AT - 1000 }];
    const list = { issuer: issuerOf(chain), thisUpdate: AT - 1000 };
    const [clean, revoking] = [await makeCrl(list), await makeCrl({ ...list, entries })];
    const statusBy = async (one?: Uint8Array, two?: Uint8Array): Promise<string | undefined> => {
      const client = createHttpClient({
        transport: fakeTransport(({ url }) => {
          const body = url.host === 'one.example' ? one : two;
          return body === undefined ? DOWN() : { status: 200, body };
        }),
        userAgent: 'test',
      });
      const [status] = await onlineRevocation({ client })(chain.chain, { at: AT });
      return status?.status;
    };
    assert.equal(await statusBy(clean, clean), 'good');
    assert.equal(await statusBy(clean, revoking), 'revoked');
    assert.equal(await statusBy(revoking, undefined), 'revoked');
    assert.equal(await statusBy(clean, undefined), 'unknown');
    assert.equal(await statusBy(undefined, clean), 'unknown');
  });

  test('fails where nobody can be asked', async () => {
    const { target } = testImage();
    const signer = localSigner(made.leafKey, made.chain);
    await signNow(target, { signer, chain: made.chain, root: made.root });
    const trustStore = memoryTrustStore({ 'ca:acme': [made.root] });
    const verdict = await verdictOf(target, { trustStore });
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNSUPPORTED']);
  });
});

describe('the cache of CRLs', () => {
  test('saves asking again, in the place and form of notation', async () => {
    await withTempDir(async (dir) => {
      const crlCache = fileCrlCache(join(dir, 'crl'));
      const first = await judge({ crl: () => crl(true) }, { crlCache });
      assert.deepEqual(causes(first.verdict), ['NOTARY_CERTIFICATE_REVOKED']);
      assert.ok(first.asked.includes('crl.example'));
      const [name = ''] = await readdir(join(dir, 'crl'));
      assert.match(name, /^[0-9a-f]{64}$/);
      assert.match(
        await readFile(join(dir, 'crl', name), 'utf8'),
        /^\{"baseCRL":"[A-Za-z0-9+/=]+"\}$/,
      );
      const second = await judge({}, { crlCache });
      assert.deepEqual(causes(second.verdict), ['NOTARY_CERTIFICATE_REVOKED']);
      assert.deepEqual(second.asked, ['ocsp.example']);
    });
  });

  test('gets a newer list in place of an older one, or of one that is none of the issuer', async () => {
    const stranger = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW });
    const older = { issuer, thisUpdate: AT - 10_000, nextUpdate: AT - 5000, crlNumber: 1 };
    const newer = await makeCrl({ issuer, thisUpdate: AT - 1000, crlNumber: 2 });
    const replaced = {
      older: await makeCrl(older),
      forged: await makeCrl({ ...older, thisUpdate: AT, signer: issuerOf(stranger).key }),
    };
    for (const [what, base] of Object.entries(replaced)) {
      let last: Parameters<CrlCache['set']>[1] = { base };
      const crlCache: CrlCache = {
        get: async () => last,
        set: async (_url, bundle) => {
          last = bundle;
        },
      };
      const crls = { crl: () => ({ status: 200, body: newer }) };
      const { verdict } = await judge(crls, { crlCache });
      assert.equal(verdict.outcome, 'verified', what);
      assert.deepEqual(last.base, newer, what);
      const { asked } = await judge({}, { crlCache });
      assert.deepEqual(asked, ['ocsp.example'], what);
    }
  });

  test('an older list in place of the last one does not undo what that one revoked', async () => {
    assert.ok(certificate);
    const { serialNumber } = certificate;
    const listing = (reasonCode: number) => ({
      entries: [{ serialNumber, revokedAt: AT - 12_000, reasonCode }],
    });
    // the last one has expired, the one before has not
    const last = { issuer, thisUpdate: AT - 10_000, nextUpdate: AT - 5000, crlNumber: 2 };
    const before = { issuer, thisUpdate: AT - 20_000, crlNumber: 1 };
    const stranger = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW });
    const kept = {
      keyCompromise: await makeCrl({ ...last, ...listing(1) }),
      certificateHold: await makeCrl({ ...last, ...listing(6) }),
      forged: await makeCrl({ ...last, ...listing(1), signer: issuerOf(stranger).key }),
    };
    const body = await makeCrl(before);
    const newer = await makeCrl({ ...before, thisUpdate: AT - 1000, crlNumber: 3 });
    for (const [what, base] of Object.entries(kept)) {
      const crlCache: CrlCache = { get: async () => ({ base }), set: async () => undefined };
      const { verdict } = await judge({ crl: () => ({ status: 200, body }) }, { crlCache });
      assert.equal(verdict.outcome, what === 'keyCompromise' ? 'denied' : 'verified', what);
      const next = await judge({ crl: () => ({ status: 200, body: newer }) }, { crlCache });
      assert.equal(next.verdict.outcome, 'verified', what);
    }
  });

  test('security row 18: that is corrupt, or cannot be written, changes no verdict', async () => {
    await withTempDir(async (dir) => {
      const trouble: string[] = [];
      const note = ({ event }: CrlCacheEvent): void => {
        trouble.push(event);
      };
      const blocked = join(dir, 'file');
      await writeFile(blocked, '');
      const unwritable = await judge(
        { crl: () => crl(true) },
        { crlCache: fileCrlCache(join(blocked, 'crl'), note) },
      );
      assert.deepEqual(causes(unwritable.verdict), ['NOTARY_CERTIFICATE_REVOKED']);
      assert.ok(trouble.includes('unusable'));
      const directory = join(dir, 'crl');
      await mkdir(directory);
      const crlCache = fileCrlCache(directory, note);
      await judge({ crl: () => crl(true) }, { crlCache });
      const [name = ''] = await readdir(directory);
      for (const content of ['', '{}', '{"baseCRL":"AAAA"}', '{"baseCRL":"*"}', '[]']) {
        await writeFile(join(directory, name), content);
        const { verdict } = await judge({ crl: () => crl(true) }, { crlCache });
        assert.deepEqual(causes(verdict), ['NOTARY_CERTIFICATE_REVOKED'], content);
      }
      assert.ok(trouble.includes('read-failed'));
    });
  });

  test('is asked anew where it does not decide: another issuer, another time, a delta left out', async () => {
    const stranger = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, now: NOW });
    const freshestCrls = ['http://crl.example/delta.crl'];
    const list = { issuer, thisUpdate: AT - 1000 };
    const spoiled: Readonly<Record<string, Uint8Array>> = {
      'another issuer': await makeCrl({ ...list, issuer: issuerOf(stranger) }),
      'another key': await makeCrl({ ...list, signer: issuerOf(stranger).key }),
      'from the future': await makeCrl({ ...list, thisUpdate: AT + 60_000 }),
      expired: await makeCrl({ ...list, thisUpdate: AT - 10_000, nextUpdate: AT - 5000 }),
      'without its delta': await makeCrl({ ...list, freshestCrls }),
      'a delta alone': await makeCrl({ ...list, crlNumber: 2, baseCrlNumber: 1 }),
    };
    for (const [what, base] of Object.entries(spoiled)) {
      for (const revoked of [true, false]) {
        const crlCache: CrlCache = { get: async () => ({ base }), set: async () => undefined };
        const { verdict, asked } = await judge({ crl: () => crl(revoked) }, { crlCache });
        assert.equal(verdict.outcome, revoked ? 'denied' : 'verified', what);
        assert.ok(asked.includes('crl.example'), what);
      }
    }
  });

  test('is read once, and one that cannot be read is as none', async () => {
    const stale = await makeCrl({ issuer, thisUpdate: AT - 10_000, nextUpdate: AT - 5000 });
    const bases = { stale, rubbish: Uint8Array.of(0x30, 0x01), none: undefined };
    const asks: Record<string, readonly string[]> = {};
    for (const [what, base] of Object.entries(bases)) {
      const gets: string[] = [];
      const crlCache: CrlCache = {
        get: async (url) => {
          gets.push(url);
          return base && { base };
        },
        set: async () => undefined,
      };
      const { verdict, asked } = await judge({}, { crlCache });
      assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN'], what);
      assert.equal(gets.length, 1, what);
      asks[what] = asked;
    }
    assert.deepEqual(asks['rubbish'], asks['none']);
    assert.deepEqual(asks['stale'], asks['none']);
  });
});
