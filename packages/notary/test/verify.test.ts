import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE } from '@nv2/envelope';
import { memoryTrustStore, type SignatureVerdict } from '@nv2/notary';
import {
  causes,
  DAY,
  NOW,
  signNow,
  storeEnvelope,
  storeSignature,
  testImage,
  testPolicy,
  testSigner,
  trusting,
  verdictOf,
} from './fixture.ts';

function results(signature: SignatureVerdict | undefined): readonly string[] {
  return (signature?.checks ?? []).map(
    ({ check, action, result }) => `${check} ${action} ${result}`,
  );
}

const by = await testSigner();
const stranger = await testSigner();

for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
  test(`what was signed as ${format} is verified, and the verdict says by whom and how`, async () => {
    const { target, subject } = testImage();
    const signed = await signNow(target, by, {
      format,
      userMetadata: new Map([['build', '7']]),
      expirySeconds: 60,
    });
    const verdict = await verdictOf(target, { trustStore: trusting(by) });
    assert.equal(verdict.outcome, 'verified');
    assert.deepEqual(verdict.subject, subject);
    assert.equal(verdict.reference, 'registry.example.com/app:v1');
    assert.equal(verdict.judgedAt, '2026-03-01T12:00:00Z');
    assert.equal(verdict.statement?.name, 'app');
    assert.equal(verdict.statement?.level, 'strict');
    assert.equal(verdict.signatures.length, 1);
    const [signature] = verdict.signatures;
    assert.equal(signature?.digest, signed.signature.digest);
    assert.equal(signature?.outcome, 'valid');
    assert.equal(signature?.mediaType, format);
    assert.equal(signature?.signer?.algorithm, 'ES256');
    assert.equal(signature?.signingTime, '2026-03-01T12:00:00Z');
    assert.equal(signature?.expiry, '2026-03-01T12:01:00Z');
    assert.deepEqual(signature?.userMetadata, { build: '7' });
    assert.deepEqual(results(signature), [
      'integrity enforce passed',
      'authenticity enforce passed',
      'expiry enforce passed',
      'authenticTimestamp enforce passed',
      'revocation enforce passed',
    ]);
  });
}

test('an unsigned image is denied', async () => {
  const verdict = await verdictOf(testImage().target, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.code, 'NOTARY_SIGNATURE_NOT_FOUND');
});

test('an image that does not exist is not judged', async () => {
  const verdict = await verdictOf(testImage().target, {
    trustStore: trusting(by),
    version: 'absent',
  });
  assert.equal(verdict.outcome, 'unavailable');
  assert.equal(verdict.code, 'NOTARY_ARTIFACT_NOT_FOUND');
  assert.equal(verdict.subject, undefined);
});

test('without a statement that applies the image is denied', async () => {
  const { target, subject } = testImage();
  await signNow(target, by);
  const policy = testPolicy({ registryScopes: ['registry.example.com/other'] });
  const verdict = await verdictOf(target, { trustStore: trusting(by), policy });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.code, 'NOTARY_POLICY_NOT_APPLICABLE');
  assert.deepEqual(verdict.subject, subject);
  assert.equal(verdict.statement, undefined);
});

test('a signature of a stranger is denied, and no check after the failed one is made', async () => {
  const { target } = testImage();
  await signNow(target, stranger);
  const verdict = await verdictOf(target, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.code, 'NOTARY_VERIFICATION_FAILED');
  assert.deepEqual(causes(verdict), ['NOTARY_CHAIN_UNTRUSTED']);
  assert.deepEqual(results(verdict.signatures[0]), [
    'integrity enforce passed',
    'authenticity enforce failed',
    'expiry enforce skipped',
    'authenticTimestamp enforce skipped',
    'revocation enforce skipped',
  ]);
});

test('at level audit a signature of a stranger is recorded and accepted', async () => {
  const { target } = testImage();
  await signNow(target, stranger, { expirySeconds: 1 });
  const verdict = await verdictOf(target, {
    trustStore: trusting(by),
    policy: testPolicy({ signatureVerification: { level: 'audit' } }),
    now: () => new Date(NOW.getTime() + 1000),
  });
  assert.equal(verdict.outcome, 'verified');
  assert.deepEqual(results(verdict.signatures[0]), [
    'integrity enforce passed',
    'authenticity log failed',
    'expiry log failed',
    'authenticTimestamp log passed',
    'revocation log passed',
  ]);
  const [, authenticity, expiry] = verdict.signatures[0]?.checks ?? [];
  assert.equal(authenticity?.cause?.code, 'NOTARY_CHAIN_UNTRUSTED');
  assert.equal(expiry?.cause?.code, 'NOTARY_SIGNATURE_EXPIRED');
});

test('at level skip no signature is asked for, and the image is resolved all the same', async () => {
  const { target, subject } = testImage();
  const policy = testPolicy({
    signatureVerification: { level: 'skip' },
    trustStores: [],
    trustedIdentities: [],
  });
  const verdict = await verdictOf(target, { trustStore: memoryTrustStore({}), policy });
  assert.equal(verdict.outcome, 'skipped');
  assert.deepEqual(verdict.subject, subject);
  assert.deepEqual(target.calls, ['resolve v1']);
});

test('a revocation check that the policy skips is not made', async () => {
  const { target } = testImage();
  await signNow(target, by);
  const signatureVerification = { level: 'strict', override: { revocation: 'skip' } };
  const policy = testPolicy({ signatureVerification });
  const verdict = await verdictOf(target, { trustStore: trusting(by), policy });
  assert.equal(verdict.statement?.level, 'custom');
  assert.equal(results(verdict.signatures[0]).at(-1), 'revocation skip skipped');
});

test('the first valid signature decides, the ones before it are in the verdict', async () => {
  const { target, subject } = testImage();
  await storeEnvelope(target, subject, { bytes: encodeUtf8('junk') });
  await signNow(target, stranger);
  await signNow(target, by);
  await signNow(target, by, { userMetadata: new Map([['not', 'reached']]) });
  const verdict = await verdictOf(target, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'verified');
  assert.deepEqual(
    verdict.signatures.map(({ outcome }) => outcome),
    ['invalid', 'invalid', 'valid'],
  );
});

test('a trusted identity must be in the subject of the leaf certificate', async () => {
  const { target } = testImage();
  await signNow(target, by);
  const leaf = await verdictOf(target, { trustStore: trusting(by) });
  const subject = leaf.signatures[0]?.signer?.subject;
  const ask = (...trustedIdentities: string[]) =>
    verdictOf(target, { trustStore: trusting(by), policy: testPolicy({ trustedIdentities }) });
  assert.equal((await ask(`x509.subject:${subject}`)).outcome, 'verified');
  assert.deepEqual(causes(await ask(`x509.subject:${subject},DC=more`)), [
    'NOTARY_IDENTITY_MISMATCH',
  ]);
  assert.deepEqual(causes(await ask('x509.subject:C=XX,ST=XX,O=nobody')), [
    'NOTARY_IDENTITY_MISMATCH',
  ]);
  assert.deepEqual(causes(await ask('other:identity')), ['NOTARY_IDENTITY_NONE']);
});

test('that nobody who is trusted signed says who is, in few words', async () => {
  const { target } = testImage();
  await signNow(target, by);
  const trustedIdentities = Array.from(
    { length: 100 },
    (_, i) => `x509.subject:C=XX,ST=XX,O=nobody,CN=${i}${'x'.repeat(1000)}`,
  );
  const policy = testPolicy({ trustedIdentities });
  const { signatures } = await verdictOf(target, { trustStore: trusting(by), policy });
  const hint = signatures[0]?.cause?.hint ?? '';
  assert.match(hint, /"x509\.subject:C=XX,ST=XX,O=nobody,CN=0x+…".* and 97 more/);
  assert.ok(hint.length < 1000, hint);
});

test('the scheme of the signature decides which trust stores count', async () => {
  const { target, subject } = testImage();
  await storeSignature(target, subject, {
    by,
    request: { scheme: 'notary.x509.signingAuthority' },
  });
  const anchors = { 'ca:acme': [by.root], 'signingAuthority:acme': [by.root] };
  const trustStore = memoryTrustStore(anchors);
  assert.deepEqual(causes(await verdictOf(target, { trustStore })), ['NOTARY_TRUST_STORE_NONE']);
  const policy = testPolicy({ trustStores: ['signingAuthority:acme'] });
  assert.equal((await verdictOf(target, { trustStore, policy })).outcome, 'verified');
});

test('what is out of its time says what to do next, and never to ask for less', async () => {
  const { target } = testImage();
  await signNow(target, by);
  for (const [days, code, hint] of [
    [36_500, 'NOTARY_CERTIFICATE_EXPIRED', /signed again .*timestamp/],
    [-3650, 'NOTARY_CERTIFICATE_NOT_YET_VALID', /clock .*signed again/],
  ] as const) {
    const now = (): Date => new Date(NOW.getTime() + days * DAY);
    const { signatures } = await verdictOf(target, { trustStore: trusting(by), now });
    assert.equal(signatures[0]?.cause?.code, code);
    assert.match(signatures[0]?.cause?.hint ?? '', hint, code);
  }
});

test('a signature expires at its expiry, not after', async () => {
  const { target } = testImage();
  await signNow(target, by, { expirySeconds: 60 });
  const at = (ms: number) =>
    verdictOf(target, { trustStore: trusting(by), now: () => new Date(NOW.getTime() + ms) });
  assert.equal((await at(59_999)).outcome, 'verified');
  assert.deepEqual(causes(await at(60_000)), ['NOTARY_SIGNATURE_EXPIRED']);
});

test('metadata that was asked for must be signed, each key with its value', async () => {
  const { target } = testImage();
  await signNow(target, by, {
    userMetadata: new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  });
  const ask = (...pairs: [string, string][]) =>
    verdictOf(target, { trustStore: trusting(by), userMetadata: new Map(pairs) });
  assert.equal((await ask(['b', '2'])).outcome, 'verified');
  assert.equal((await ask(['a', '1'], ['b', '2'])).outcome, 'verified');
  for (const pair of [
    ['a', '2'],
    ['c', '1'],
    ['toString', ''],
    ['__proto__', ''],
  ] as const) {
    assert.deepEqual(causes(await ask(['a', '1'], [...pair])), ['NOTARY_METADATA_MISMATCH']);
  }
});

test('a critical attribute that nobody knows is refused, another is ignored', async () => {
  for (const [critical, outcome] of [
    [true, 'denied'],
    [false, 'verified'],
  ] as const) {
    const { target, subject } = testImage();
    const extendedAttributes = [{ key: 'com.example.attribute', critical, value: 'x' }];
    await storeSignature(target, subject, { by, request: { extendedAttributes } });
    const verdict = await verdictOf(target, { trustStore: trusting(by) });
    assert.equal(verdict.outcome, outcome);
    if (critical) assert.deepEqual(causes(verdict), ['NOTARY_ATTRIBUTE_UNSUPPORTED']);
  }
});

test('a signature that asks for a verification plugin is not decided, at any level', async () => {
  const { target, subject } = testImage();
  const key = 'io.cncf.notary.verificationPlugin';
  const extendedAttributes = [{ key, critical: true, value: 'com.example.plugin' }];
  await storeSignature(target, subject, { by, request: { extendedAttributes } });
  for (const level of ['strict', 'permissive', 'audit']) {
    const policy = testPolicy({ signatureVerification: { level } });
    const verdict = await verdictOf(target, { trustStore: trusting(by), policy });
    assert.equal(verdict.outcome, 'unavailable', level);
    assert.equal(verdict.code, 'NOTARY_VERIFICATION_UNDECIDED', level);
    assert.deepEqual(causes(verdict), ['NOTARY_PLUGIN_UNSUPPORTED'], level);
  }
});

test('a plugin that an untrusted signer asks for is not an excuse', async () => {
  const { target, subject } = testImage();
  const key = 'io.cncf.notary.verificationPlugin';
  const extendedAttributes = [{ key, critical: true, value: 'com.example.plugin' }];
  await storeSignature(target, subject, { by: stranger, request: { extendedAttributes } });
  const verdict = await verdictOf(target, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'denied');
  assert.deepEqual(causes(verdict), ['NOTARY_CHAIN_UNTRUSTED']);
});

test('malformed plugin attributes are refused', async () => {
  const plugin = 'io.cncf.notary.verificationPlugin';
  const version = `${plugin}MinVersion`;
  const good = { key: plugin, critical: true, value: 'p' };
  for (const extendedAttributes of [
    [{ ...good, critical: false }],
    [{ ...good, value: ' ' }],
    [{ ...good, value: 1 }],
    [good, { key: version, critical: true, value: '1.0' }],
    [good, { key: version, critical: false, value: '1.0.0' }],
  ]) {
    const { target, subject } = testImage();
    await storeSignature(target, subject, { by, request: { extendedAttributes } });
    const verdict = await verdictOf(target, { trustStore: trusting(by) });
    assert.deepEqual(causes(verdict), ['NOTARY_ATTRIBUTE_INVALID']);
  }
});

test('a timestamp that the policy asks for is demanded and never skipped', async () => {
  const { target } = testImage();
  await signNow(target, by);
  const trustStores = ['ca:acme', 'tsa:acme'];
  const verdict = await verdictOf(target, {
    trustStore: trusting(by),
    policy: testPolicy({ trustStores }),
  });
  assert.equal(verdict.outcome, 'denied');
  assert.deepEqual(causes(verdict), ['NOTARY_TIMESTAMP_MISSING']);
  const signatureVerification = { level: 'strict', verifyTimestamp: 'afterCertExpiry' };
  const policy = testPolicy({ trustStores, signatureVerification });
  assert.equal((await verdictOf(target, { trustStore: trusting(by), policy })).outcome, 'verified');
});

test('the same verification at the same time gives the same verdict', async () => {
  const { target } = testImage();
  await signNow(target, stranger);
  await signNow(target, by);
  const ask = () => verdictOf(target, { trustStore: trusting(by) });
  const first = await ask();
  assert.deepEqual(await ask(), first);
  assert.deepEqual(JSON.parse(JSON.stringify(first)), first);
});
