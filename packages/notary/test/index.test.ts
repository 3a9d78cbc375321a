import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8, parseJson } from '@nv2/core';
import { JWS_MEDIA_TYPE } from '@nv2/envelope';
import {
  compileOwnPolicy,
  NotaryError,
  signTree,
  TreeVerificationError,
  type VerifyOptions,
  verifyTree,
} from '@nv2/notary';
import { type ArtifactSource, type Descriptor, describeContent, MEDIA_TYPE } from '@nv2/oci';
import { type MemoryTarget, memoryTarget } from '@nv2/testkit';
import {
  NOW,
  signNow,
  storeSignature,
  type TestSigner,
  testPolicy,
  testSigner,
  trusting,
  verdictOf,
} from './fixture.ts';
import { image, index, on } from './index-fixture.ts';

const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
const signer = await testSigner();

/** An index of an image for amd64 and an index of two images for arm. */
function nested(): {
  readonly target: MemoryTarget;
  readonly root: Descriptor;
  readonly inner: Descriptor;
  readonly images: readonly Descriptor[];
} {
  const target = memoryTarget();
  const images = ['amd64', 'arm64', 'v7'].map((note) => image(target, note));
  const [amd64, arm64, v7] = images as [Descriptor, Descriptor, Descriptor];
  const inner = index(target, [on(arm64, 'arm64', 'v8'), on(v7, 'arm', 'v7')]);
  const root = index(target, [on(amd64, 'amd64'), inner], 'v1');
  return { target, root, inner, images };
}

const signAll = (target: MemoryTarget, by: TestSigner = signer): ReturnType<typeof signTree> =>
  signTree(
    { source: target, version: 'v1' },
    { signer: by.signer, format: JWS_MEDIA_TYPE, now: () => NOW },
  );

const TARGET = {
  reference: 'registry.example.com/app:v1',
  scope: 'registry.example.com/app',
  version: 'v1',
};

function verifyAll(
  source: ArtifactSource,
  options: Partial<VerifyOptions> = {},
): ReturnType<typeof verifyTree> {
  return verifyTree(
    { source, ...TARGET },
    {
      policy: testPolicy(),
      trustStore: trusting(signer),
      now: () => NOW,
      ...options,
    },
  );
}

async function refusal(verifying: Promise<unknown>): Promise<TreeVerificationError> {
  const error: unknown = await verifying.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TreeVerificationError, String(error));
  return error;
}

test('signing an index recursively signs every manifest of the tree, itself last', async () => {
  const { target, root, inner, images } = nested();
  const signed = await signAll(target);
  const digests = signed.map(({ subject }) => subject.digest);
  assert.equal(digests.at(-1), root.digest);
  assert.deepEqual(
    digests.toSorted(),
    [root, inner, ...images].map(({ digest }) => digest).toSorted(),
  );
  assert.ok(
    images.slice(1).every(({ digest }) => digests.indexOf(digest) < digests.indexOf(inner.digest)),
  );
});

test('a tree is verified only with a proof for every manifest of it', async () => {
  const { target, root } = nested();
  await signAll(target);
  const proofs = await verifyAll(target);
  assert.equal(proofs.length, 5);
  assert.equal(proofs[0].verdict.subject.digest, root.digest);
  assert.ok(proofs.every(({ verdict }) => verdict.outcome === 'verified'));
});

test('each verdict on a tree says for what platform its index lists the manifest', async () => {
  const { target } = nested();
  await signAll(target);
  const proofs = await verifyAll(target);
  const platforms = proofs.map(({ verdict }) => verdict.platform);
  assert.deepEqual(platforms, [
    undefined,
    'linux/amd64',
    undefined,
    'linux/arm64/v8',
    'linux/arm/v7',
  ]);
  const error = await refusal(verifyAll(target, { trustStore: trusting(await testSigner()) }));
  assert.deepEqual(
    error.verdicts.map(({ platform }) => platform),
    platforms,
  );
});

test('a platform that an index leaves empty is not known', async () => {
  const target = memoryTarget();
  const platform = { os: '', architecture: '' };
  index(target, [{ ...image(target, 'one'), platform }], 'v1');
  await signAll(target);
  const [, one] = await verifyAll(target);
  assert.equal(one?.verdict.outcome, 'verified');
  assert.equal('platform' in (one?.verdict ?? {}), false);
});

test('one manifest without a signature makes the tree a no, with a verdict for each', async () => {
  const { target, images } = nested();
  await signAll(target);
  const [, unsigned] = images;
  target.listed.delete(unsigned?.digest ?? '');
  const error = await refusal(verifyAll(target));
  assert.equal(error.code, 'NOTARY_SIGNATURE_NOT_FOUND');
  assert.equal(error.verdict.subject?.digest, unsigned?.digest);
  assert.deepEqual(error.verdicts.map(({ outcome }) => outcome).toSorted(), [
    'denied',
    'verified',
    'verified',
    'verified',
    'verified',
  ]);
});

test('an index that is signed alone is no yes for what is inside of it, and the other way round', async () => {
  const only = nested();
  await signNow(only.target, signer);
  assert.equal((await refusal(verifyAll(only.target))).verdicts[0]?.outcome, 'verified');
  const rest = nested();
  await signAll(rest.target);
  rest.target.listed.delete(rest.root.digest);
  const error = await refusal(verifyAll(rest.target));
  assert.equal(error.verdict.subject?.digest, rest.root.digest);
});

test('a no outweighs what could not be decided', async () => {
  const { target, images } = nested();
  await signAll(target);
  const [first, second] = images;
  target.contents.delete(second?.digest ?? '');
  target.listed.delete(first?.digest ?? '');
  const failing: typeof target = {
    ...target,
    async *referrers(subject, options) {
      if (subject.digest === second?.digest) throw new Error('out of order');
      yield* target.referrers(subject, options);
    },
  };
  const error = await refusal(verifyAll(failing));
  assert.equal(error.verdict.outcome, 'denied');
  assert.ok(error.verdicts.some(({ outcome }) => outcome === 'unavailable'));
});

test('an index with a part that is no manifest, or with more parts than are followed, is refused', async () => {
  const target = memoryTarget();
  index(target, [describeContent(encodeUtf8('x'), MEDIA_TYPE.octetStream)], 'v1');
  await signNow(target, signer);
  assert.equal((await refusal(verifyAll(target))).code, 'NOTARY_INDEX_INVALID');
  const { target: large } = nested();
  await signNow(large, signer);
  const limits = { maxManifests: 3 };
  const limited = verifyTree(
    { source: large, ...TARGET },
    {
      policy: testPolicy(),
      trustStore: trusting(signer),
      now: () => NOW,
      limits,
    },
  );
  const error = await refusal(limited);
  assert.equal(error.code, 'NOTARY_INDEX_INVALID');
  assert.equal(error.verdict.outcome, 'denied');
});

test('what an index is refused for outweighs that its own signatures could not be decided', async () => {
  const target = memoryTarget();
  index(target, [describeContent(encodeUtf8('x'), MEDIA_TYPE.octetStream)], 'v1');
  await signNow(target, signer);
  const failing: typeof target = {
    ...target,
    // biome-ignore lint/correctness/useYield: it fails before
    async *referrers() {
      throw new Error('out of order');
    },
  };
  const error = await refusal(verifyAll(failing));
  assert.equal(error.code, 'NOTARY_INDEX_INVALID');
  assert.equal(error.verdict.outcome, 'denied');
  const { target: sound, root } = nested();
  sound.contents.delete(root.digest);
  const unread = await refusal(verifyAll({ ...sound, referrers: failing.referrers }));
  assert.equal(unread.code, 'NOTARY_REFERRERS_FAILED');
  assert.equal(unread.verdict.outcome, 'unavailable');
});

test('security row 10: an index that could be read as an image is refused, signed or not', async () => {
  const target = memoryTarget();
  const document = { schemaVersion: 2, manifests: [], config, layers: [] };
  const bytes = encodeUtf8(JSON.stringify(document));
  target.add(bytes, { mediaType: MEDIA_TYPE.imageIndex, tag: 'v1' });
  await signNow(target, signer);
  assert.equal((await refusal(verifyAll(target))).code, 'NOTARY_INDEX_INVALID');
});

test('security row 7: the tree is that of the digest which the tag was resolved to', async () => {
  const { target, root } = nested();
  await signAll(target);
  const other = index(target, []);
  let asked = 0;
  const fickle: typeof target = {
    ...target,
    resolve: (reference) => {
      if (reference !== 'v1') return target.resolve(reference);
      asked += 1;
      return Promise.resolve(asked === 1 ? root : other);
    },
  };
  const proofs = await verifyAll(fickle);
  assert.equal(asked, 1);
  assert.equal(proofs.length, 5);
});

test('an inner index that is denied denies the tree', async () => {
  const { target, inner } = nested();
  await signAll(target);
  const error = await refusal(verifyAll(target, { denials: new Map([[inner.digest, 'bad']]) }));
  assert.equal(error.code, 'NOTARY_ARTIFACT_DENIED');
});

test('an index that is denied itself is not read for what it holds', async () => {
  const { target, root } = nested();
  await signAll(target);
  const unread: ArtifactSource = {
    ...target,
    fetchManifest: () => assert.fail('a manifest was read'),
  };
  const error = await refusal(verifyAll(unread, { denials: new Map([[root.digest, 'bad']]) }));
  assert.equal(error.code, 'NOTARY_ARTIFACT_DENIED');
  assert.equal(error.verdicts.length, 1);
});

const demanding = (...platforms: readonly string[]): VerifyOptions['policy'] =>
  compileOwnPolicy(
    parseJson(
      encodeUtf8(
        JSON.stringify({
          version: 'nv2/1',
          statements: [
            {
              name: 'app',
              scopes: [{ any: true }],
              level: 'strict',
              platforms,
              signers: [{ name: 'acme', stores: ['ca:acme'], identities: [{ any: true }] }],
            },
          ],
        }),
      ),
      { maxBytes: 10_000 },
    ),
  );

test('an index must hold every platform that the statement asks for', async () => {
  const target = memoryTarget();
  const [amd64, arm] = [image(target, 'amd64'), image(target, 'arm')];
  index(target, [on(amd64, 'amd64'), on(arm, 'arm', 'v7'), on(amd64, 'arm64', 'v8')], 'v1');
  await signNow(target, signer);
  const trustStore = trusting(signer);
  for (const [platforms, outcome] of [
    [['linux/amd64'], 'verified'],
    [['linux/x86_64', 'linux/aarch64'], 'verified'],
    [['linux/amd64', 'linux/arm/v7', 'linux/arm64'], 'verified'],
    [['linux/arm'], 'verified'],
    [['linux/arm/v6'], 'denied'],
    [['linux/amd64', 'windows/amd64'], 'denied'],
  ] as const) {
    const verdict = await verdictOf(target, { trustStore, policy: demanding(...platforms) });
    assert.equal(verdict.outcome, outcome, platforms.join());
    if (outcome === 'denied') assert.equal(verdict.code, 'NOTARY_PLATFORMS_MISSING');
    assert.equal(verdict.signatures[0]?.outcome, 'valid');
  }
});

test('what is no index is denied where platforms are asked for, with the reason', async () => {
  const target = memoryTarget();
  const one = image(target, 'one');
  target.tags.set('v1', one);
  await storeSignature(target, one, { by: signer });
  const trustStore = trusting(signer);
  const verdict = await verdictOf(target, { trustStore, policy: demanding('linux/amd64') });
  assert.equal(verdict.code, 'NOTARY_PLATFORMS_MISSING');
  assert.match(verdict.cause?.message ?? '', /is no index/);
});

test('platforms are asked of the index alone where the tree is verified', async () => {
  const target = memoryTarget();
  index(target, [on(image(target, 'amd64'), 'amd64')], 'v1');
  await signAll(target);
  assert.equal((await verifyAll(target, { policy: demanding('linux/amd64') })).length, 2);
  const missing = verifyAll(target, { policy: demanding('linux/arm64') });
  assert.equal((await refusal(missing)).code, 'NOTARY_PLATFORMS_MISSING');
});

test('an index that cannot be read for its platforms is not decided', async () => {
  const target = memoryTarget();
  const root = index(target, [on(image(target, 'amd64'), 'amd64')], 'v1');
  await signNow(target, signer);
  target.contents.delete(root.digest);
  const trustStore = trusting(signer);
  const verdict = await verdictOf(target, { trustStore, policy: demanding('linux/amd64') });
  assert.equal(verdict.outcome, 'unavailable');
  assert.equal(verdict.code, 'NOTARY_INDEX_FAILED');
});

test('a verification without such a demand does not read the manifest', async () => {
  const { target } = nested();
  await signNow(target, signer);
  target.calls.length = 0;
  await verdictOf(target, { trustStore: trusting(signer) });
  const reads = target.calls.filter((call) => call.startsWith('fetchManifest'));
  assert.equal(reads.length, 1);
});

test('platforms in a policy have their form', () => {
  for (const platform of ['linux', 'Linux/amd64', 'linux/arm/v7/x', '']) {
    assert.throws(
      () => demanding(platform),
      (error) => error instanceof NotaryError && error.code === 'NOTARY_OWN_POLICY_INVALID',
    );
  }
});
