import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64 } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE } from '@nv2/envelope';
import { inspect, MAX_EMBEDDED_BYTES, sign } from '@nv2/notary';
import { type Descriptor, describeContent, parseManifest } from '@nv2/oci';
import type { MemoryTarget } from '@nv2/testkit';
import {
  causes,
  NOW,
  signNow,
  storeEnvelope,
  testImage,
  testSigner,
  trusting,
  verdictOf,
} from './fixture.ts';

const by = await testSigner();
const trustStore = trusting(by);

/** The one layer of the one signature that is listed. */
function layerOf(target: MemoryTarget): Descriptor {
  const [listed] = [...target.listed.values()].flat();
  assert.ok(listed);
  const manifest = parseManifest(
    target.contents.get(listed.digest) ?? new Uint8Array(),
    listed.mediaType,
  );
  assert.ok(manifest.kind === 'image' && manifest.layers[0]);
  return manifest.layers[0];
}

for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
  test(`the manifest of a signature holds the envelope, which is stored as well: ${format}`, async () => {
    const { target } = testImage();
    const options = { signer: by.signer, format, now: () => NOW };
    const { envelope } = await sign({ source: target, version: 'v1' }, options);
    const { data, ...layer } = layerOf(target);
    assert.deepEqual(layer, envelope);
    assert.deepEqual(data && describeContent(data, format), envelope);
    assert.deepEqual(target.contents.get(envelope.digest), data);

    target.calls.length = 0;
    const verdict = await verdictOf(target, { trustStore });
    assert.equal(verdict.outcome, 'verified');
    assert.deepEqual(
      target.calls.map((call) => call.replace(/ .*/, '')),
      ['resolve', 'referrers', 'fetchManifest'],
    );
  });
}

test('what is not to be embedded, or is too large for it, is fetched', async () => {
  for (const options of [
    { embed: false },
    { userMetadata: new Map([['note', 'x'.repeat(MAX_EMBEDDED_BYTES)]]) },
  ]) {
    const { target } = testImage();
    await signNow(target, by, { embed: true, ...options });
    assert.equal(layerOf(target).data, undefined);
    target.calls.length = 0;
    assert.equal((await verdictOf(target, { trustStore })).outcome, 'verified');
    assert.ok(target.calls.some((call) => call.startsWith('fetchBlob')));
  }
});

test('a manifest that embeds something else than it names is no signature, whatever that is', async () => {
  const signed = testImage();
  const { envelope } = await signNow(signed.target, by);
  const genuine = signed.target.contents.get(envelope.digest) ?? new Uint8Array();
  const changed = genuine.slice();
  changed[changed.length - 3] = (changed.at(-3) ?? 0) ^ 1;
  const named = describeContent(changed, JWS_MEDIA_TYPE);
  const lies = [
    // the layer names a good envelope and embeds another, and the other way around
    [{ ...envelope, data: encodeBase64(changed) }, 'OCI_DIGEST_MISMATCH'],
    [{ ...named, data: encodeBase64(genuine) }, 'OCI_DIGEST_MISMATCH'],
    [{ ...envelope, data: encodeBase64(genuine.subarray(1)) }, 'OCI_MANIFEST_INVALID'],
    [{ ...envelope, data: '' }, 'OCI_MANIFEST_INVALID'],
    [{ ...envelope, data: '***' }, 'OCI_MANIFEST_INVALID'],
  ] as const;
  for (const [layer, code] of lies) {
    const { target, subject } = testImage();
    await storeEnvelope(target, subject, { bytes: genuine, manifest: { layers: [layer] } });
    target.calls.length = 0;
    const verdict = await verdictOf(target, { trustStore });
    assert.notEqual(verdict.outcome, 'verified');
    assert.deepEqual(causes(verdict), [code]);
    assert.ok(!target.calls.some((call) => call.startsWith('fetchBlob')), code);
    const { signatures, skipped } = await inspect({ source: target, version: 'v1' });
    assert.deepEqual([signatures.length, skipped.map(({ cause }) => cause.code)], [0, [code]]);
  }
});

test('an embedded envelope that is denied by its digest is denied', async () => {
  const { target } = testImage();
  const { envelope } = await signNow(target, by, { embed: true });
  const denials = new Map([[envelope.digest, 'made by a stolen account']]);
  const verdict = await verdictOf(target, { trustStore, denials });
  assert.equal(verdict.outcome, 'denied');
  assert.deepEqual(causes(verdict), ['NOTARY_SIGNATURE_DENIED']);
});
