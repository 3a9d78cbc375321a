import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodePayload, JWS_MEDIA_TYPE } from '@nv2/envelope';
import { memoryTrustStore, type RevocationChecker } from '@nv2/notary';
import { MEDIA_TYPE } from '@nv2/oci';
import { ocspAccess } from '@nv2/testkit';
import {
  causes,
  DAY,
  NOW,
  signNow,
  storeSignature,
  testImage,
  testPolicy,
  testSigner,
  trusting,
  verdictOf,
} from './fixture.ts';

const by = await testSigner();

test('security row 6: a signature of another digest, size or media type is refused', async () => {
  const { target, subject } = testImage();
  const other = `sha256:${'0'.repeat(64)}`;
  const changes = [
    { digest: other },
    { size: subject.size + 1 },
    { mediaType: MEDIA_TYPE.imageIndex },
  ];
  for (const change of changes) {
    const payload = encodePayload({ ...subject, ...change }, JWS_MEDIA_TYPE);
    await storeSignature(target, subject, { by, payload });
  }
  const verdict = await verdictOf(target, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'denied');
  assert.deepEqual(
    causes(verdict),
    changes.map(() => 'NOTARY_SUBJECT_MISMATCH'),
  );
});

test('security row 6: a signature manifest about another subject is refused', async () => {
  const { target, subject } = testImage();
  const other = `sha256:${'0'.repeat(64)}`;
  const subjects = [
    { ...subject, digest: other },
    { ...subject, size: subject.size + 1 },
    { ...subject, mediaType: MEDIA_TYPE.imageIndex },
    undefined,
  ];
  for (const changed of subjects) {
    await storeSignature(target, subject, { by, manifest: { subject: changed } });
  }
  const verdict = await verdictOf(target, { trustStore: trusting(by) });
  assert.deepEqual(
    causes(verdict),
    subjects.map(() => 'NOTARY_SUBJECT_MISMATCH'),
  );
});

test('what differs is named where the digest is that of the artifact', async () => {
  const { target, subject } = testImage();
  const payload = (change: object) => encodePayload({ ...subject, ...change }, JWS_MEDIA_TYPE);
  await storeSignature(target, subject, { by, payload: payload({ size: 7 }) });
  await storeSignature(target, subject, { by, payload: payload({ mediaType: 'a/b' }) });
  const { signatures } = await verdictOf(target, { trustStore: trusting(by) });
  const [size, mediaType] = signatures.map(({ cause }) => cause?.message ?? '');
  assert.match(size ?? '', / of 7 bytes, expected \d+$/);
  assert.match(mediaType ?? '', / of media type "a\/b", expected "application\/vnd\.oci\./);
});

test('a manifest that is not of a signature is refused', async () => {
  const { target, subject } = testImage();
  const config = { mediaType: 'application/vnd.example', digest: subject.digest, size: 2 };
  const signature = 'application/vnd.cncf.notary.signature';
  const manifests = [
    { config },
    { artifactType: undefined },
    { artifactType: 'application/vnd.example' },
    { layers: [] },
    { artifactType: signature, config: { ...config, mediaType: signature } },
  ];
  for (const manifest of manifests) await storeSignature(target, subject, { by, manifest });
  const verdict = await verdictOf(target, { trustStore: trusting(by) });
  assert.deepEqual(
    causes(verdict),
    manifests.map(() => 'NOTARY_SIGNATURE_MANIFEST_INVALID'),
  );
});

test('the older form of a signature manifest, typed by its config, is read', async () => {
  const { target, subject } = testImage();
  const signature = 'application/vnd.cncf.notary.signature';
  const config = { mediaType: signature, digest: subject.digest, size: 2 };
  await storeSignature(target, subject, { by, manifest: { artifactType: undefined, config } });
  assert.equal((await verdictOf(target, { trustStore: trusting(by) })).outcome, 'verified');
});

test('security row 7: the reference is resolved once, whatever the registry answers later', async () => {
  const { target, subject } = testImage();
  await signNow(target, by);
  target.calls.length = 0;
  let asked = 0;
  const alternating = {
    ...target,
    resolve: async () => {
      asked += 1;
      return asked === 1 ? subject : { ...subject, digest: `sha256:${'1'.repeat(64)}` };
    },
  };
  const verdict = await verdictOf(alternating, { trustStore: trusting(by) });
  assert.equal(asked, 1);
  assert.equal(verdict.outcome, 'verified');
  assert.equal(verdict.subject?.digest, subject.digest);
  assert.deepEqual(
    target.calls.filter((call) => call.startsWith('referrers')),
    [`referrers ${subject.digest}`],
  );
});

test('security row 7: a digest that resolves to another is refused', async () => {
  const { target, subject } = testImage();
  await signNow(target, by);
  const version = `sha256:${'1'.repeat(64)}`;
  const lying = { ...target, resolve: async () => subject };
  const verdict = await verdictOf(lying, { trustStore: trusting(by), version });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.code, 'NOTARY_DIGEST_CHANGED');
});

test('security row 16: every certificate of the chain is valid when it is judged', async () => {
  const { target } = testImage();
  await signNow(target, by);
  for (const [index, certificate] of by.chain.entries()) {
    const after = new Date(certificate.notAfter + 1);
    const late = await verdictOf(target, { trustStore: trusting(by), now: () => after });
    assert.deepEqual(causes(late), ['NOTARY_CERTIFICATE_EXPIRED'], String(index));
    const before = new Date(certificate.notBefore - 1);
    const early = await verdictOf(target, { trustStore: trusting(by), now: () => before });
    assert.deepEqual(causes(early), ['NOTARY_CERTIFICATE_NOT_YET_VALID'], String(index));
  }
});

test('security row 16: under a signing authority the chain is valid at the signing time', async () => {
  const { target, subject } = testImage();
  await storeSignature(target, subject, {
    by,
    request: { scheme: 'notary.x509.signingAuthority' },
  });
  const trustStore = memoryTrustStore({ 'signingAuthority:acme': [by.root] });
  const policy = testPolicy({ trustStores: ['signingAuthority:acme'] });
  const muchLater = () => new Date(NOW.getTime() + 40 * 365 * DAY);
  const verdict = await verdictOf(target, { trustStore, policy, now: muchLater });
  assert.equal(verdict.outcome, 'verified');
  const timestamp = verdict.signatures[0]?.checks.find((c) => c.check === 'authenticTimestamp');
  assert.equal(timestamp?.judgedAt, '2026-03-01T12:00:00Z');
});

describe('a signature of a signer whose revocation cannot be found out', async () => {
  const extensions = [ocspAccess('http://ocsp.example')];
  const signer = await testSigner({ leaf: { extensions } });
  const unknown: RevocationChecker = async () => [{ status: 'unknown', questions: [] }];
  const other = `sha256:${'0'.repeat(64)}`;

  async function verdictOn(
    change: object,
    options: Partial<Parameters<typeof verdictOf>[1]> = {},
  ): ReturnType<typeof verdictOf> {
    const { target, subject } = testImage();
    const payload = encodePayload({ ...subject, ...change }, JWS_MEDIA_TYPE);
    await storeSignature(target, subject, { by: signer, payload });
    return verdictOf(target, { trustStore: trusting(signer), revocation: unknown, ...options });
  }

  test('is not decided where it is about the artifact', async () => {
    const verdict = await verdictOn({});
    assert.equal(verdict.outcome, 'unavailable');
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
  });

  test('is denied where it is about something else, which anyone can list', async () => {
    const verdict = await verdictOn({ digest: other });
    assert.equal(verdict.outcome, 'denied');
    assert.deepEqual(causes(verdict), ['NOTARY_SUBJECT_MISMATCH']);
    const [signature] = verdict.signatures;
    const revocation = signature?.checks.find(({ check }) => check === 'revocation');
    assert.equal(revocation?.result, 'undecided');
  });

  test('is denied where it has not the metadata, or is too old', async () => {
    const userMetadata = new Map([['stage', 'production']]);
    const unlabelled = await verdictOn({}, { userMetadata });
    assert.equal(unlabelled.outcome, 'denied');
    assert.deepEqual(causes(unlabelled), ['NOTARY_METADATA_MISMATCH']);
    const [statement] = testPolicy().statements;
    assert.ok(statement);
    const demands = { metadata: new Map(), maxAgeSeconds: 1 };
    const policy = { statements: [{ ...statement, demands }] };
    const old = await verdictOn({}, { policy, now: () => new Date(NOW.getTime() + DAY) });
    assert.equal(old.outcome, 'denied');
    assert.deepEqual(causes(old), ['NOTARY_SIGNATURE_TOO_OLD']);
  });

  test('is not decided where no trust store can be read, whatever it is about', async () => {
    const verdict = await verdictOn({ digest: other }, { trustStore: memoryTrustStore({}) });
    assert.equal(verdict.outcome, 'unavailable');
    assert.deepEqual(causes(verdict), ['NOTARY_TRUST_STORE_NOT_FOUND']);
  });

  test('is denied where authenticity is only logged and it is about something else', async () => {
    const level = { level: 'audit', override: { revocation: 'enforce' } };
    const policy = testPolicy({ signatureVerification: level });
    const verdict = await verdictOn({ digest: other }, { policy, trustStore: trusting(by) });
    assert.equal(verdict.outcome, 'denied');
    assert.deepEqual(causes(verdict), ['NOTARY_SUBJECT_MISMATCH']);
  });
});
