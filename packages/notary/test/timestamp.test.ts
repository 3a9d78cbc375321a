import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeBase64, encodeUtf8 } from '@nv2/core';
import {
  encodePayload,
  JWS_MEDIA_TYPE,
  PAYLOAD_MEDIA_TYPE,
  parseEnvelope,
  signEnvelope,
} from '@nv2/envelope';
import { createHttpClient } from '@nv2/http';
import {
  directoryRevocation,
  memoryTrustStore,
  type OfflineRevocation,
  type RevocationChecker,
  type RevocationTuning,
  timestampAuthority,
  type Verdict,
} from '@nv2/notary';
import {
  crlDistributionPoints,
  type FakeHandler,
  fakeTransport,
  makeCrl,
  makeTsa,
  type TestTsa,
  type TsaChanges,
  withTempDir,
} from '@nv2/testkit';
import {
  causes,
  DAY,
  NOW,
  storeEnvelope,
  testImage,
  testPolicy,
  testSigner,
  verdictOf,
} from './fixture.ts';

const by = await testSigner();
const tsa = await makeTsa({ now: NOW, time: () => NOW.getTime() });
const YEARS_LATER = new Date(NOW.getTime() + 3 * 365 * DAY);

interface Judged {
  /** Makes the token that goes into the envelope; default: a good one over the signature. */
  readonly token?: (signature: Uint8Array) => Promise<Uint8Array>;
  readonly trusted?: TestTsa;
  readonly revocation?: RevocationChecker;
  readonly offlineRevocation?: OfflineRevocation;
  /** Of the statement. */
  readonly tuning?: RevocationTuning;
  readonly verifyTimestamp?: string;
  readonly now?: Date;
}

/** The verdict about an image whose signature carries a timestamp, long after all has expired. */
async function judge(judged: Judged = {}): Promise<Verdict> {
  const { target, subject } = testImage();
  const { token = (signature) => tsa.token(signature), trusted = tsa, now = YEARS_LATER } = judged;
  const signed = await signEnvelope(
    JWS_MEDIA_TYPE,
    {
      payload: encodePayload(subject, JWS_MEDIA_TYPE),
      payloadType: PAYLOAD_MEDIA_TYPE,
      scheme: 'notary.x509',
      signingTime: NOW,
    },
    { signer: by.signer },
  );
  const { content } = parseEnvelope(signed, JWS_MEDIA_TYPE);
  const envelope = JSON.parse(new TextDecoder().decode(signed)) as { header: object };
  const timestamp = encodeBase64(await token(content.signature));
  const header = { ...envelope.header, 'io.cncf.notary.timestampSignature': timestamp };
  const bytes = encodeUtf8(JSON.stringify({ ...envelope, header }));
  await storeEnvelope(target, subject, { bytes });
  const { verifyTimestamp = 'always', revocation, offlineRevocation, tuning } = judged;
  const { statements } = testPolicy({
    trustStores: ['ca:acme', 'tsa:acme'],
    signatureVerification: { level: 'strict', verifyTimestamp },
  });
  return await verdictOf(target, {
    now: () => now,
    trustStore: memoryTrustStore({ 'ca:acme': [by.root], 'tsa:acme': [trusted.root] }),
    policy: {
      statements: statements.map((one) => ({ ...one, ...(tuning && { revocation: tuning }) })),
    },
    ...(revocation && { revocation }),
    ...(offlineRevocation && { offlineRevocation }),
  });
}

for (const verifyTimestamp of ['always', 'afterCertExpiry']) {
  test(`with verifyTimestamp ${verifyTimestamp} a signature outlives its certificate`, async () => {
    assert.equal((await judge({ verifyTimestamp })).outcome, 'verified');
  });
}

test('what a timestamp proves is judged at its time, and everything else at that of the verification', async () => {
  const times = (verdict: Verdict): Readonly<Record<string, string>> =>
    Object.fromEntries(
      (verdict.signatures[0]?.checks ?? []).map(({ check, judgedAt }) => [check, judgedAt]),
    );
  const [then, now] = ['2026-03-01T12:00:00Z', YEARS_LATER.toISOString().replace('.000', '')];
  const proven = await judge();
  assert.partialDeepStrictEqual(times(proven), { authenticTimestamp: then, revocation: now });
  const late = await makeTsa({ now: YEARS_LATER, time: () => YEARS_LATER.getTime() });
  const outside = await judge({ token: (signature) => late.token(signature), trusted: late });
  assert.equal(causes(outside)[0], 'NOTARY_TIMESTAMP_OUTSIDE_VALIDITY');
  assert.partialDeepStrictEqual(times(outside), { authenticTimestamp: now, expiry: now });
  const none = await judge({ token: () => Promise.resolve(Uint8Array.of(0x30, 0)) });
  assert.equal(none.outcome, 'denied');
  assert.equal(times(none)['authenticTimestamp'], now);
});

test('with verifyTimestamp afterCertExpiry a timestamp is looked at once a certificate has expired', async () => {
  const token = (): Promise<Uint8Array> => Promise.resolve(Uint8Array.of(0x30, 0));
  const verifyTimestamp = 'afterCertExpiry';
  assert.equal((await judge({ token, verifyTimestamp, now: NOW })).outcome, 'verified');
  assert.equal((await judge({ token, verifyTimestamp })).outcome, 'denied');
  assert.equal((await judge({ token, now: NOW })).outcome, 'denied');
});

test('the whole range that a timestamp may mean lies within the validity of every certificate', async () => {
  const end = by.chain[0]?.notAfter ?? 0;
  const late = await makeTsa({ now: new Date(end), time: () => end });
  const at = async (info: NonNullable<TsaChanges['info']>): Promise<string | undefined> => {
    const token = (signature: Uint8Array): Promise<Uint8Array> => late.token(signature, { info });
    return causes(await judge({ token, trusted: late }))[0];
  };
  const outside = 'NOTARY_TIMESTAMP_OUTSIDE_VALIDITY';
  assert.equal(await at({}), undefined);
  assert.equal(await at({ accuracy: { seconds: 1 } }), outside);
  // no accuracy means one second under the best practice policy
  assert.equal(await at({ policy: '0.4.0.2023.1.1' }), outside);
});

test('a signer is given no timestamp of an authority whose revocation nobody could ask about', async () => {
  const names = (url: string) => ({ extensions: [crlDistributionPoints(url)] });
  const common = { now: NOW, time: () => NOW.getTime() };
  for (const revocable of [false, true]) {
    const intermediate = revocable ? names('http://crl.example/tsa.crl') : {};
    const authority = await makeTsa({ ...common, intermediate });
    const answer: FakeHandler = async ({ body }) => ({
      status: 200,
      headers: { 'content-type': 'application/timestamp-reply' },
      body: await authority.answer(body instanceof Uint8Array ? body : new Uint8Array()),
    });
    const client = createHttpClient({ transport: fakeTransport(answer), userAgent: 'test' });
    const timestamper = timestampAuthority({
      url: 'http://tsa.example/',
      root: authority.root,
      client,
      now: () => NOW,
    });
    const asked = timestamper(encodeUtf8('signature'), { hash: 'sha256' });
    if (revocable) await assert.rejects(asked, { code: 'NOTARY_REVOCATION_UNSUPPORTED' });
    else assert.ok((await asked).length > 0);
  }
});

test('security row 8: a timestamp over another signature is refused', async () => {
  const verdict = await judge({ token: () => tsa.token(encodeUtf8('another')) });
  assert.deepEqual(causes(verdict), ['X509_TIMESTAMP_IMPRINT']);
});

test('a timestamp of an authority that is not trusted is refused', async () => {
  const other = await makeTsa({ now: NOW, time: () => NOW.getTime() });
  assert.deepEqual(causes(await judge({ trusted: other })), ['X509_TIMESTAMP_UNTRUSTED']);
});

test('a timestamp from before the certificate was valid proves nothing', async () => {
  const early = { time: NOW.getTime() - 2 * DAY };
  const old = await makeTsa({ now: new Date(early.time), time: () => early.time });
  const verdict = await judge({ token: (signature) => old.token(signature), trusted: old });
  assert.deepEqual(causes(verdict), ['NOTARY_TIMESTAMP_OUTSIDE_VALIDITY']);
  assert.match(verdict.signatures[0]?.cause?.hint ?? '', /signed again/);
});

test('what is no timestamp is refused', async () => {
  const verdict = await judge({ token: () => Promise.resolve(Uint8Array.of(0x30, 0)) });
  assert.equal(verdict.outcome, 'denied');
  assert.match(causes(verdict)[0] ?? '', /^X509_(?:CMS|BER|TIMESTAMP)_INVALID$/);
});

function revocableTsa(): Promise<TestTsa> {
  return makeTsa({
    now: NOW,
    time: () => NOW.getTime(),
    intermediate: { extensions: [crlDistributionPoints('http://crl.example/tsa.crl')] },
  });
}

test('what a statement says of revocation is of the authority that timestamped too', async () => {
  const revocable = await revocableTsa();
  const token = (signature: Uint8Array): Promise<Uint8Array> => revocable.token(signature);
  const cause = { code: 'HTTP_TIMEOUT', message: 'too late' };
  const url = 'http://crl.example/tsa.crl';
  const silent: RevocationChecker = async (chain) =>
    chain.slice(0, -1).map((certificate) => {
      if (certificate.crlDistributionPoints.length === 0) return { status: 'not-revocable' };
      const question = { method: 'crl', url, cause, failure: 'timeout' } as const;
      return { status: 'unknown', questions: [question] };
    });
  const judged = { token, trusted: revocable, revocation: silent };
  assert.deepEqual(causes(await judge(judged)), ['NOTARY_REVOCATION_UNKNOWN']);
  const failures = new Set(['timeout'] as const);
  const rule = { hosts: new Set(['crl.example']), methods: new Set(['crl'] as const), failures };
  const soft = await judge({ ...judged, tuning: { softFail: [rule] } });
  assert.equal(soft.outcome, 'verified');
  const check = soft.signatures[0]?.checks.find((one) => one.check === 'authenticTimestamp');
  assert.deepEqual(
    check?.warnings?.map(({ code, data }) => [code, data?.['purpose']]),
    [['NOTARY_REVOCATION_UNKNOWN', 'timestamping']],
  );
  await withTempDir(async (directory) => {
    const tuning = { offline: { directory, maxAgeSeconds: 60 } };
    const offline = async (): Promise<readonly (string | undefined)[]> =>
      causes(
        await judge({
          ...judged,
          tuning,
          revocation: () => assert.fail('a service was asked'),
          offlineRevocation: directoryRevocation(),
        }),
      );
    assert.deepEqual(await offline(), ['NOTARY_REVOCATION_UNKNOWN']);
    const issuer = revocable.authorities[1];
    const { serialNumber } = revocable.chain[1] ?? assert.fail();
    assert.ok(issuer);
    const list = { issuer, thisUpdate: YEARS_LATER.getTime() - 1000 };
    await writeFile(join(directory, 'tsa.crl'), await makeCrl(list));
    assert.deepEqual(await offline(), [undefined]);
    const entries = [{ serialNumber, revokedAt: NOW.getTime(), reasonCode: 1 }];
    await writeFile(join(directory, 'tsa.crl'), await makeCrl({ ...list, entries }));
    assert.deepEqual(await offline(), ['NOTARY_CERTIFICATE_REVOKED']);
  });
});

test('security row 14: a timestamp of an authority that was revoked is refused', async () => {
  const revocable = await revocableTsa();
  const token = (signature: Uint8Array): Promise<Uint8Array> => revocable.token(signature);
  const unasked = await judge({ token, trusted: revocable });
  assert.deepEqual(causes(unasked), ['NOTARY_REVOCATION_UNSUPPORTED']);
  const revocation: RevocationChecker = (chain) => {
    const finding = {
      status: 'revoked',
      reason: 'keyCompromise',
      revokedAt: NOW.getTime(),
      thisUpdate: NOW.getTime(),
      nextUpdate: NOW.getTime(),
    } as const;
    const urls = ['http://crl.example/tsa.crl'];
    const revoked = { status: 'revoked', method: 'crl', urls, finding } as const;
    return Promise.resolve(chain.slice(0, -1).map(() => revoked));
  };
  const verdict = await judge({ token, trusted: revocable, revocation });
  assert.deepEqual(causes(verdict), ['NOTARY_CERTIFICATE_REVOKED']);
});
