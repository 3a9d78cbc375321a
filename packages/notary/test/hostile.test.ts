import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeUtf8, defaultCrypto, encodeUtf8, Nv2Error } from '@nv2/core';
import {
  directoryTrustStore,
  FETCH_CONCURRENCY,
  MAX_CERTIFICATE_FILE_BYTES,
  MAX_UNAVAILABLE_SIGNATURES,
  NotaryError,
} from '@nv2/notary';
import { type ArtifactSource, OciError } from '@nv2/oci';
import { withTempDir } from '@nv2/testkit';
import {
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

const by = await testSigner();

test('security row 1: of a million junk signatures only as many are read as allowed', async () => {
  const { target, subject } = testImage();
  const junk = await storeEnvelope(target, subject, { bytes: encodeUtf8('junk') });
  let listed = 0;
  let underWay = 0;
  let most = 0;
  const flooded: ArtifactSource = {
    ...target,
    async *referrers() {
      for (; listed < 1_000_000; listed += 1) yield junk;
    },
    fetchManifest: async (descriptor, options) => {
      underWay += 1;
      most = Math.max(most, underWay);
      const bytes = await target.fetchManifest(descriptor, options);
      underWay -= 1;
      return bytes;
    },
  };
  const verdict = await verdictOf(flooded, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.code, 'NOTARY_SIGNATURE_LIMIT');
  assert.equal(verdict.signatures.length, 100);
  assert.ok(listed <= 100, `${listed} were listed`);
  assert.ok(most <= FETCH_CONCURRENCY, `${most} were fetched at once`);
});

test('security row 1: a good signature within the limit is found, one beyond it is not', async () => {
  const { target, subject } = testImage();
  for (let i = 0; i < 5; i += 1) {
    await storeEnvelope(target, subject, { bytes: encodeUtf8(`junk ${i}`) });
  }
  await signNow(target, by);
  const trustStore = trusting(by);
  assert.equal((await verdictOf(target, { trustStore, maxSignatures: 6 })).outcome, 'verified');
  const short = await verdictOf(target, { trustStore, maxSignatures: 5 });
  assert.equal(short.code, 'NOTARY_SIGNATURE_LIMIT');
  assert.equal(short.signatures.length, 5);
});

test('reaching the limit fails even if there is no further signature', async () => {
  const { target, subject } = testImage();
  await storeEnvelope(target, subject, { bytes: encodeUtf8('junk') });
  const verdict = await verdictOf(target, { trustStore: trusting(by), maxSignatures: 1 });
  assert.equal(verdict.code, 'NOTARY_SIGNATURE_LIMIT');
});

test('a limit that is not a positive whole number is refused', async () => {
  for (const maxSignatures of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(
      verdictOf(testImage().target, { trustStore: trusting(by), maxSignatures }),
      { code: 'NOTARY_LIMIT_INVALID' },
    );
  }
});

test('after the first signature has decided nothing more is fetched', async () => {
  const { target } = testImage();
  await signNow(target, by);
  await signNow(target, by, { userMetadata: new Map([['second', '']]) });
  target.calls.length = 0;
  await verdictOf(target, { trustStore: trusting(by) });
  assert.deepEqual(
    target.calls.map((call) => call.split(' ')[0]),
    ['resolve', 'referrers', 'fetchManifest', 'fetchBlob'],
  );
});

const FAULTS: Readonly<Record<string, () => unknown>> = {
  'an unavailable registry': () => new OciError('OCI_REGISTRY_UNAVAILABLE', 'injected'),
  'a refused access': () => new OciError('OCI_FORBIDDEN', 'injected'),
  'missing content': () => new OciError('OCI_NOT_FOUND', 'injected'),
  'content that does not match': () => new OciError('OCI_DIGEST_MISMATCH', 'injected'),
  'an ended call': () => new DOMException('injected', 'AbortError'),
  'a defect': () => new TypeError('injected'),
};

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`security row 24: ${name} at any step denies, and is named in the verdict`, async () => {
    const { target } = testImage();
    await signNow(target, by);
    const fail = () => Promise.reject(fault());
    const sources: Readonly<Record<string, Partial<ArtifactSource>>> = {
      resolve: { resolve: fail },
      manifest: { fetchManifest: fail },
      blob: { fetchBlob: fail },
      referrers: {
        // biome-ignore lint/correctness/useYield: it fails before it yields
        async *referrers() {
          throw fault();
        },
      },
    };
    const { trustStore } = { trustStore: trusting(by) };
    for (const [step, change] of Object.entries(sources)) {
      const verdict = await verdictOf({ ...target, ...change }, { trustStore });
      assert.notEqual(verdict.outcome, 'verified', step);
      assert.match(JSON.stringify(verdict), /injected/, step);
    }
    const broken = { certificates: fail };
    const verdict = await verdictOf(target, { trustStore: broken });
    assert.notEqual(verdict.outcome, 'verified');
    assert.match(JSON.stringify(verdict), /injected/);
    const crypto = { ...defaultCrypto, verify: fail };
    const unverifiable = await verdictOf(target, { trustStore, crypto });
    assert.notEqual(unverifiable.outcome, 'verified');
    assert.match(JSON.stringify(unverifiable), /injected/);
  });
}

test('security row 24: a fault after some signatures is not the end of a shorter list', async () => {
  const { target, subject } = testImage();
  const junk = await storeEnvelope(target, subject, { bytes: encodeUtf8('junk') });
  const cut: ArtifactSource = {
    ...target,
    async *referrers() {
      yield junk;
      throw new OciError('OCI_REGISTRY_UNAVAILABLE', 'injected');
    },
  };
  const verdict = await verdictOf(cut, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'unavailable');
  assert.equal(verdict.code, 'NOTARY_REFERRERS_FAILED');
  assert.equal(verdict.signatures.length, 1);
});

test('security row 24: one signature that cannot be fetched does not hide a valid one', async () => {
  const { target, subject } = testImage();
  const lost = await storeEnvelope(target, subject, { bytes: encodeUtf8('lost') });
  await signNow(target, by);
  const partly: ArtifactSource = {
    ...target,
    fetchManifest: async (descriptor, options) => {
      if (descriptor.digest === lost.digest) throw new OciError('OCI_RATE_LIMITED', 'injected');
      return target.fetchManifest(descriptor, options);
    },
  };
  const verdict = await verdictOf(partly, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'verified');
  assert.deepEqual(
    verdict.signatures.map(({ outcome }) => outcome),
    ['undecided', 'valid'],
  );
});

test('what a pusher can bring about is decided against, what the registry lacks is not', async () => {
  const { target, subject } = testImage();
  const lost = await storeEnvelope(target, subject, { bytes: encodeUtf8('lost') });
  target.contents.delete(lost.digest);
  const trustStore = trusting(by);
  assert.equal((await verdictOf(target, { trustStore })).outcome, 'denied');
  const unavailable = {
    ...target,
    fetchManifest: () => Promise.reject(new OciError('OCI_REGISTRY_UNAVAILABLE', 'injected')),
  };
  const verdict = await verdictOf(unavailable, { trustStore });
  assert.equal(verdict.outcome, 'unavailable');
  assert.equal(verdict.code, 'NOTARY_VERIFICATION_UNDECIDED');
});

test('a registry that keeps failing is not asked for every signature', async () => {
  const { target, subject } = testImage();
  for (let i = 0; i < 20; i += 1) {
    await storeEnvelope(target, subject, { bytes: encodeUtf8(`junk ${i}`) });
  }
  const failing = {
    ...target,
    fetchManifest: () => Promise.reject(new OciError('OCI_REGISTRY_UNAVAILABLE', 'injected')),
  };
  const verdict = await verdictOf(failing, { trustStore: trusting(by) });
  assert.equal(verdict.outcome, 'unavailable');
  assert.equal(verdict.signatures.length, MAX_UNAVAILABLE_SIGNATURES);
});

test('an ended verification is no verdict against the image', async () => {
  const { target } = testImage();
  await signNow(target, by);
  const ended: ArtifactSource = {
    ...target,
    resolve: async (version, options) => {
      options?.signal?.throwIfAborted();
      return target.resolve(version, options);
    },
  };
  const verdict = await verdictOf(ended, { trustStore: trusting(by), signal: AbortSignal.abort() });
  assert.equal(verdict.outcome, 'unavailable');
});

test('each part of a valid envelope that is changed makes the signature invalid', async () => {
  for (const part of ['payload', 'protected', 'signature', 'x5c', 'header', 'removed']) {
    const { target, subject } = testImage();
    const envelope = (bytes: Uint8Array): Uint8Array => changeEnvelope(bytes, part);
    await storeSignature(target, subject, { by, envelope });
    const verdict = await verdictOf(target, { trustStore: trusting(by) });
    assert.equal(verdict.outcome, 'denied', part);
    assert.match(verdict.signatures[0]?.cause?.code ?? '', /^ENVELOPE_/, part);
    assert.equal(verdict.signatures[0]?.signer, undefined, part);
  }
});

test('each input of a verification that is changed takes the yes away', async () => {
  const { target } = testImage();
  await signNow(target, by, { expirySeconds: 3600 });
  const stranger = await testSigner();
  const valid = { trustStore: trusting(by) };
  assert.equal((await verdictOf(target, valid)).outcome, 'verified');
  const changes: Readonly<Record<string, Parameters<typeof verdictOf>[1]>> = {
    NOTARY_CHAIN_UNTRUSTED: { trustStore: trusting(stranger) },
    NOTARY_TRUST_STORE_NONE: {
      ...valid,
      policy: testPolicy({ trustStores: ['signingAuthority:acme'] }),
    },
    NOTARY_IDENTITY_MISMATCH: {
      ...valid,
      policy: testPolicy({ trustedIdentities: ['x509.subject:C=XX,ST=XX,O=XX'] }),
    },
    NOTARY_TIMESTAMP_MISSING: {
      ...valid,
      policy: testPolicy({ trustStores: ['ca:acme', 'tsa:acme'] }),
    },
    NOTARY_SIGNATURE_EXPIRED: { ...valid, now: () => new Date(NOW.getTime() + 3_600_000) },
    NOTARY_METADATA_MISMATCH: { ...valid, userMetadata: new Map([['a', '1']]) },
  };
  for (const [code, options] of Object.entries(changes)) {
    const verdict = await verdictOf(target, options);
    assert.equal(verdict.outcome, 'denied', code);
    assert.equal(verdict.signatures[0]?.cause?.code, code);
  }
});

test('a trust store that is broken is not a decision, nor ever a yes that its level does not give', () =>
  withTempDir(async (dir) => {
    const { target, subject } = testImage();
    await signNow(target, by);
    const leaf = by.chain[0]?.der ?? assert.fail();
    const stores: Readonly<Record<string, (store: string) => Promise<unknown>>> = {
      NOTARY_TRUST_STORE_NOT_FOUND: async () => undefined,
      NOTARY_TRUST_STORE_EMPTY: (store) => mkdir(store),
      NOTARY_TRUST_STORE_NOT_DIRECTORY: (store) => writeFile(store, by.root.der),
      NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR: (store) => mkdir(join(store, 'a'), { recursive: true }),
      NOTARY_CERTIFICATE_UNREADABLE: (store) => fill(store, encodeUtf8('no certificate')),
      NOTARY_CERTIFICATE_NOT_ANCHOR: (store) => fill(store, leaf),
      NOTARY_FILE_TOO_LARGE: (store) => fill(store, new Uint8Array(MAX_CERTIFICATE_FILE_BYTES + 1)),
    };
    const audit = testPolicy({ signatureVerification: { level: 'audit' } });
    const two = testPolicy({ trustStores: ['ca:acme', 'ca:whole'] });
    const tampered = testImage();
    const envelope = (bytes: Uint8Array): Uint8Array => changeEnvelope(bytes, 'signature');
    await storeSignature(tampered.target, subject, { by, envelope });
    for (const [code, make] of Object.entries(stores)) {
      const root = join(dir, code);
      await fill(join(root, 'ca', 'whole'), by.root.der);
      await make(join(root, 'ca', 'acme'));
      const trustStore = directoryTrustStore(root);
      for (const options of [{ trustStore }, { trustStore, policy: two }]) {
        const verdict = await verdictOf(target, options);
        assert.deepEqual(
          [verdict.outcome, verdict.code, verdict.signatures[0]?.cause?.code],
          ['unavailable', 'NOTARY_VERIFICATION_UNDECIDED', code],
        );
        assert.equal(verdict.signatures[0]?.checks[1]?.result, 'undecided');
        assert.equal(verdict.cause?.hint, verdict.signatures[0]?.cause?.hint);
      }
      assert.equal((await verdictOf(tampered.target, { trustStore })).outcome, 'denied');
      const denials = new Map([[subject.digest, 'stolen']]);
      assert.equal((await verdictOf(target, { trustStore, denials })).outcome, 'denied');
      // as in the reference, what is only logged is passed over
      const logged = await verdictOf(target, { trustStore, policy: audit });
      assert.equal(logged.outcome, 'verified');
      assert.deepEqual(
        [logged.signatures[0]?.countsFor, logged.signatures[0]?.checks[1]?.cause?.code],
        [undefined, code],
      );
    }
  }));

test('a trust store that cannot be read is not a decision', async () => {
  const { target } = testImage();
  await signNow(target, by);
  const trustStore = {
    certificates: () =>
      Promise.reject(new NotaryError('NOTARY_TRUST_STORE_UNREADABLE', 'injected')),
  };
  const verdict = await verdictOf(target, { trustStore });
  assert.equal(verdict.outcome, 'unavailable');
  assert.equal(verdict.signatures[0]?.checks[1]?.result, 'undecided');
  assert.ok(!(verdict instanceof Nv2Error));
});

function changeEnvelope(bytes: Uint8Array, part: string): Uint8Array {
  const envelope = JSON.parse(decodeUtf8(bytes));
  if (part === 'x5c') envelope.header.x5c.pop();
  else if (part === 'header') envelope.header = {};
  else if (part === 'removed') delete envelope.signature;
  else envelope[part] = flipFirst(envelope[part]);
  return encodeUtf8(JSON.stringify(envelope));
}

function flipFirst(text: string): string {
  return (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
}

async function fill(store: string, bytes: Uint8Array): Promise<void> {
  await mkdir(store, { recursive: true });
  await writeFile(join(store, 'a.crt'), bytes);
}
