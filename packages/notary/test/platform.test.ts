import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { type Descriptor, MEDIA_TYPE, OciError } from '@nv2/oci';
import { type MemoryTarget, memoryTarget } from '@nv2/testkit';
import { signNow, storeSignature, testSigner, trusting, verdictOf } from './fixture.ts';
import { image, index, on } from './index-fixture.ts';

const signer = await testSigner();

/** Of an index of signed images, and for one platform of it. */
async function onArm(
  target: MemoryTarget,
  options: Partial<Parameters<typeof verdictOf>[1]> = {},
): ReturnType<typeof verdictOf> {
  const platform = { os: 'linux', architecture: 'arm' };
  return verdictOf(target, { trustStore: trusting(signer), platform, ...options });
}

function flat(): {
  readonly target: MemoryTarget;
  readonly root: Descriptor;
  readonly arm: Descriptor;
} {
  const target = memoryTarget();
  const [amd64, arm] = [image(target, 'amd64'), image(target, 'arm')];
  const root = index(target, [on(amd64, 'amd64'), on(arm, 'arm', 'v7')], 'v1');
  return { target, root, arm };
}

test('the manifest for a platform is what is verified, by its own signatures', async () => {
  const { target, root, arm } = flat();
  await signNow(target, signer);
  const unsigned = await onArm(target);
  assert.equal(unsigned.code, 'NOTARY_SIGNATURE_NOT_FOUND');
  assert.equal(unsigned.subject?.digest, arm.digest);
  await storeSignature(target, arm, { by: signer });
  for (const version of ['v1', root.digest]) {
    const verdict = await onArm(target, { version });
    assert.equal(verdict.outcome, 'verified');
    assert.equal(verdict.subject?.digest, arm.digest);
    assert.equal(verdict.platform, 'linux/arm/v7');
    assert.equal(verdict.reference, `registry.example.com/app:${version}`);
  }
});

test('an index that is denied denies the manifest that is chosen from it, which can be denied itself', async () => {
  const { target, root, arm } = flat();
  await signNow(target, signer);
  await storeSignature(target, arm, { by: signer });
  for (const version of ['v1', root.digest]) {
    for (const { digest } of [root, arm]) {
      const verdict = await onArm(target, { version, denials: new Map([[digest, 'withdrawn']]) });
      assert.equal(verdict.code, 'NOTARY_ARTIFACT_DENIED');
      assert.equal(verdict.outcome, 'denied');
      assert.equal(verdict.platform, digest === arm.digest ? 'linux/arm/v7' : undefined);
    }
  }
});

test('an index whose platforms cannot be read is a verdict: not decided, or denied where it is malformed', async () => {
  const { target, root } = flat();
  target.contents.delete(root.digest);
  const missing = await onArm(target);
  assert.equal(missing.code, 'NOTARY_INDEX_FAILED');
  assert.equal(missing.outcome, 'unavailable');
  assert.equal(missing.subject?.digest, root.digest);
  const malformed = memoryTarget();
  malformed.add(encodeUtf8('{'), { mediaType: MEDIA_TYPE.imageIndex, tag: 'v1' });
  const refused = await onArm(malformed);
  assert.equal(refused.code, 'NOTARY_INDEX_INVALID');
  assert.equal(refused.outcome, 'denied');
  const nothing = await onArm(memoryTarget());
  assert.equal(nothing.code, 'NOTARY_ARTIFACT_NOT_FOUND');
  assert.equal(nothing.outcome, 'unavailable');
});

test('security row 10: an index that others read as listing another manifest for the platform is refused', async () => {
  const { target, root, arm } = flat();
  await storeSignature(target, arm, { by: signer });
  const text = new TextDecoder().decode(target.contents.get(root.digest));
  const evil = `sha256:${'e'.repeat(64)}`;
  const changed = text.replace(`"digest":"${arm.digest}"`, (one) => `${one},"Digest":"${evil}"`);
  const twoFaced = target.add(encodeUtf8(changed), { mediaType: MEDIA_TYPE.imageIndex });
  const verdict = await onArm(target, { version: twoFaced.digest });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.code, 'NOTARY_INDEX_INVALID');
});

test('without one manifest for the platform there is nothing to judge, and no verdict', async () => {
  const { target } = flat();
  const noneFor = onArm(target, { platform: { os: 'linux', architecture: 's390x' } });
  const noIndex = memoryTarget();
  noIndex.tags.set('v1', image(noIndex, 'one'));
  for (const verifying of [noneFor, onArm(noIndex)]) {
    await assert.rejects(
      verifying,
      (error) => error instanceof OciError && error.code === 'OCI_PLATFORM_NOT_FOUND',
    );
  }
});

test('security row 7: the platform is looked up in the index that the tag named first', async () => {
  const { target, root, arm } = flat();
  await signNow(target, signer);
  await storeSignature(target, arm, { by: signer });
  const other = index(target, [on(image(target, 'evil'), 'arm', 'v7')]);
  let asked = 0;
  const fickle: MemoryTarget = {
    ...target,
    resolve: (reference) => {
      if (reference !== 'v1') return target.resolve(reference);
      asked += 1;
      return Promise.resolve(asked === 1 ? root : other);
    },
  };
  assert.equal((await onArm(fickle)).subject?.digest, arm.digest);
  assert.equal(asked, 1);
});
