import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decodeUtf8, encodeUtf8 } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE, parseEnvelope, payloadOf } from '@nv2/envelope';
import { inspect, listSignatures, type Timestamper } from '@nv2/notary';
import { OciError } from '@nv2/oci';
import { X509Error } from '@nv2/x509';
import {
  DAY,
  NOW,
  signNow,
  storeEnvelope,
  storeSignature,
  testImage,
  testSigner,
} from './fixture.ts';

const by = await testSigner();

test('the signature manifest is the one that the reference writes', async () => {
  const { target, subject } = testImage();
  const signed = await signNow(target, by, { signingAgent: 'nv2/test' });
  const manifest = decodeUtf8(target.contents.get(signed.signature.digest) ?? new Uint8Array());
  const thumbprints = by.chain.map(({ der }) => createHash('sha256').update(der).digest('hex'));
  assert.equal(
    manifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.cncf.notary.signature',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
        data: 'e30=',
      },
      layers: [signed.envelope],
      subject,
      annotations: {
        'io.cncf.notary.x509chain.thumbprint#S256': JSON.stringify(thumbprints),
        'org.opencontainers.image.created': '2026-03-01T12:00:00Z',
      },
    }),
  );
  assert.equal(signed.referrers, 'api');
  assert.deepEqual(signed.subject, subject);
});

test('a tag is signed by the digest behind it, with a warning; a digest without', async () => {
  const { target, subject } = testImage();
  assert.deepEqual((await signNow(target, by)).warnings, ['NOTARY_TAG_SIGNED']);
  const { sign } = await import('@nv2/notary');
  const options = { signer: by.signer, format: JWS_MEDIA_TYPE, now: () => NOW } as const;
  assert.deepEqual((await sign({ source: target, version: subject.digest }, options)).warnings, []);
});

test('what is signed is media type, digest, size and the metadata, nothing of the registry', async () => {
  const { target, subject } = testImage();
  target.tags.set('v1', { ...subject, annotations: { 'org.example': 'registry' } });
  for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
    const userMetadata = new Map([['a', '1']]);
    const signed = await signNow(target, by, { format, userMetadata, expirySeconds: 60 });
    assert.equal(signed.envelope.mediaType, format);
    const bytes = target.contents.get(signed.envelope.digest) ?? new Uint8Array();
    const { content } = parseEnvelope(bytes, format);
    assert.deepEqual(payloadOf(content).targetArtifact, { ...subject, annotations: { a: '1' } });
    assert.equal(content.signingTime, NOW.getTime());
    assert.equal(content.expiry, NOW.getTime() + 60_000);
    assert.equal(content.scheme, 'notary.x509');
  }
});

test('mistakes are found before anything is resolved or pushed', async () => {
  const { target } = testImage();
  const mistakes = {
    NOTARY_EXPIRY_INVALID: [{ expirySeconds: -1 }, { expirySeconds: 0.5 }],
    NOTARY_METADATA_RESERVED: [
      { userMetadata: new Map([['io.cncf.notary.x', '1']]) },
      { userMetadata: new Map([['io.cncf.notaryx', '1']]) },
    ],
    NOTARY_MEDIA_TYPE_UNSUPPORTED: [{ format: 'application/json' as typeof JWS_MEDIA_TYPE }],
  };
  for (const [code, options] of Object.entries(mistakes)) {
    for (const option of options) await assert.rejects(signNow(target, by, option), { code });
  }
  assert.deepEqual(target.calls, []);
});

test('nothing is pushed if the chain is not valid at the signing time', async () => {
  const { target } = testImage();
  const late = () => new Date(NOW.getTime() + 100 * 365 * DAY);
  await assert.rejects(signNow(target, by, { now: late }), { code: 'ENVELOPE_CHAIN_INVALID' });
  assert.deepEqual(target.calls, ['resolve v1']);
});

test('nothing is pushed if the signer signs something else', async () => {
  const { target } = testImage();
  const signer = {
    ...by.signer,
    sign: () => by.signer.sign(new Uint8Array(1)),
  };
  await assert.rejects(signNow(target, by, { signer }), { code: 'ENVELOPE_SIGNATURE_INVALID' });
  assert.deepEqual(target.calls, ['resolve v1']);
});

test('the referrers tag is forced where asked for, and warnings of the target are passed on', async () => {
  const { target } = testImage();
  const seen: unknown[] = [];
  const tagging: typeof target = {
    ...target,
    pushManifest: async (bytes, descriptor, options) => {
      seen.push(options?.forceReferrersTag, options?.subject?.digest);
      await target.pushManifest(bytes, descriptor, options);
      return { referrers: 'tag', warnings: ['OCI_REFERRERS_INDEX_NOT_DELETED'] };
    },
  };
  const signed = await signNow(tagging, by, { forceReferrersTag: true });
  assert.deepEqual(signed.warnings, ['NOTARY_TAG_SIGNED', 'OCI_REFERRERS_INDEX_NOT_DELETED']);
  assert.deepEqual(seen, [true, signed.subject.digest]);
});

test('signatures are listed in order, up to the limit', async () => {
  const { target, subject } = testImage();
  assert.deepEqual((await listSignatures({ source: target, version: 'v1' })).signatures, []);
  const first = await signNow(target, by);
  const second = await signNow(target, by, { format: COSE_MEDIA_TYPE });
  const all = await listSignatures({ source: target, version: 'v1' });
  assert.deepEqual(all.subject, subject);
  assert.deepEqual(
    all.signatures.map(({ digest }) => digest),
    [first.signature.digest, second.signature.digest],
  );
  assert.equal(all.truncated, false);
  assert.equal(
    (await listSignatures({ source: target, version: 'v1' }, { maxSignatures: 2 })).truncated,
    false,
  );
  const one = await listSignatures({ source: target, version: 'v1' }, { maxSignatures: 1 });
  assert.deepEqual([one.signatures.length, one.truncated], [1, true]);
});

test('other referrers are not listed, even by a registry that does not filter', async () => {
  const { target, subject } = testImage();
  const other = { ...subject, artifactType: 'application/vnd.example' };
  const unfiltered = {
    ...target,
    async *referrers() {
      yield other;
      yield { ...subject, artifactType: '' };
    },
  };
  assert.deepEqual((await listSignatures({ source: unfiltered, version: 'v1' })).signatures, []);
});

test('a referrer without a type, from a registry that filters, is listed but must be a signature', async () => {
  const { target, subject } = testImage();
  const { artifactType: _, ...untyped } = (await signNow(target, by)).signature;
  const filtering = {
    ...target,
    async *referrers() {
      yield untyped;
      yield subject;
    },
  };
  assert.equal((await listSignatures({ source: filtering, version: 'v1' })).signatures.length, 2);
  const checked = await listSignatures(
    { source: filtering, version: 'v1' },
    { checkManifests: true },
  );
  assert.deepEqual([checked.signatures.length, checked.leftOut.length], [1, 1]);
});

test('manifests that are not signatures are left out where manifests are checked', async () => {
  const { target, subject } = testImage();
  const config = { mediaType: 'application/vnd.example', digest: subject.digest, size: 2 };
  await storeSignature(target, subject, { by, manifest: { config } });
  await signNow(target, by);
  assert.equal((await listSignatures({ source: target, version: 'v1' })).signatures.length, 2);
  const checked = await listSignatures({ source: target, version: 'v1' }, { checkManifests: true });
  assert.equal(checked.signatures.length, 1);
  assert.equal(checked.leftOut[0]?.cause.code, 'NOTARY_SIGNATURE_MANIFEST_INVALID');
});

test('a list that cannot be read is an error, not an empty list', async () => {
  const { target } = testImage();
  const failing = {
    ...target,
    // biome-ignore lint/correctness/useYield: it fails before it yields
    async *referrers(): AsyncGenerator<never> {
      throw new OciError('OCI_REGISTRY_UNAVAILABLE', 'injected');
    },
  };
  await assert.rejects(listSignatures({ source: failing, version: 'v1' }), {
    code: 'NOTARY_REFERRERS_FAILED',
  });
  await assert.rejects(listSignatures({ source: target, version: 'absent' }), {
    code: 'NOTARY_ARTIFACT_NOT_FOUND',
  });
});

test('inspection shows what the signatures say, and which could not be read', async () => {
  const { target, subject } = testImage();
  const bad = await storeEnvelope(target, subject, { bytes: new Uint8Array(3) });
  const signed = await signNow(target, by, { userMetadata: new Map([['a', '1']]) });
  const { signatures, skipped, truncated } = await inspect({ source: target, version: 'v1' });
  assert.equal(truncated, false);
  assert.deepEqual(
    skipped.map(({ descriptor, cause }) => [descriptor.digest, cause.code]),
    [[bad.digest, 'ENVELOPE_MALFORMED']],
  );
  assert.equal(signatures[0]?.descriptor.digest, signed.signature.digest);
  assert.deepEqual(signatures[0]?.target.annotations, { a: '1' });
  assert.equal(signatures[0]?.content.certificateChain.length, by.chain.length);
});

test('inspection shows a signature that does not hold, since it verifies none', async () => {
  const { target, subject } = testImage();
  const envelope = (bytes: Uint8Array): Uint8Array => {
    const parsed = JSON.parse(decodeUtf8(bytes));
    parsed.signature = 'A'.repeat(parsed.signature.length);
    return new TextEncoder().encode(JSON.stringify(parsed));
  };
  await storeSignature(target, subject, { by, envelope });
  assert.equal((await inspect({ source: target, version: 'v1' })).signatures.length, 1);
});

test('inspection skips a signature whose chain is not one for code signing, or not in order', async () => {
  const { target, subject } = testImage();
  const withChain =
    (change: (chain: string[]) => string[]) =>
    (bytes: Uint8Array): Uint8Array => {
      const parsed = JSON.parse(decodeUtf8(bytes));
      parsed.header.x5c = change(parsed.header.x5c);
      return new TextEncoder().encode(JSON.stringify(parsed));
    };
  const cut = withChain((chain) => chain.slice(0, -1));
  await storeSignature(target, subject, { by, envelope: cut });
  const unordered = withChain(([leaf = '', ...more]) => [leaf, ...more.reverse(), leaf]);
  await storeSignature(target, subject, { by, envelope: unordered });
  const { signatures, skipped } = await inspect({ source: target, version: 'v1' });
  assert.deepEqual(signatures, []);
  assert.deepEqual(
    skipped.map(({ cause }) => cause.code),
    ['ENVELOPE_CHAIN_INVALID', 'ENVELOPE_CHAIN_INVALID'],
  );
});

test('metadata that is no text is not signed, as nothing would be verified with it', async () => {
  const { target } = testImage();
  for (const value of [1, null, undefined]) {
    const metadata: ReadonlyMap<string, unknown> = new Map([['team', value]]);
    const userMetadata = metadata as ReadonlyMap<string, string>;
    await assert.rejects(signNow(target, by, { userMetadata }), TypeError);
  }
  assert.deepEqual(target.calls, []);
});

test('nothing is stored where a timestamp is asked for, and what is given is none', async () => {
  for (const given of [undefined, new Uint8Array(), encodeUtf8('soon')]) {
    const { target } = testImage();
    const timestamp: Timestamper = async () => given as Uint8Array;
    await assert.rejects(signNow(target, by, { timestamp }), X509Error);
    assert.deepEqual(
      target.calls.filter((call) => call.startsWith('push')),
      [],
    );
  }
});
