import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CurveName, decodeUtf8, encodeUtf8 } from '@nv2/core';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  parseEnvelope,
  signEnvelope,
} from '@nv2/envelope';
import {
  type BlobContent,
  type BlobTrustPolicy,
  inspectBlobSignature,
  NotaryError,
  parseBlobTrustPolicy,
  type SignBlobOptions,
  signBlob,
  type Verdict,
  VerificationError,
  type VerifyBlobOptions,
  verifyBlob,
} from '@nv2/notary';
import { makeChain, ocspAccess } from '@nv2/testkit';
import { DAY, NOW, type TestSigner, testSigner, trusting } from './fixture.ts';

const BLOB = encodeUtf8('what is signed');
const STATEMENT = {
  name: 'app',
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['*'],
};
const GLOBAL = { ...STATEMENT, name: 'all', globalPolicy: true };
const FORMATS = [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const;
/** Content that must not be looked at. */
const UNREAD: BlobContent = { [Symbol.iterator]: () => assert.fail('the content was read') };
const by = await testSigner();
const other = await testSigner();

function policy(...trustPolicies: readonly object[]): BlobTrustPolicy {
  return parseBlobTrustPolicy(encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies })));
}

function sign(options: Partial<SignBlobOptions> = {}, content: BlobContent = [BLOB]) {
  return signBlob(content, {
    signer: by.signer,
    format: JWS_MEDIA_TYPE,
    now: () => NOW,
    ...options,
  });
}

async function curveSigner(curve: CurveName): Promise<TestSigner> {
  const { chain, leafKey } = await makeChain({ algorithm: { kind: 'ec', curve }, now: NOW });
  const root = chain.at(-1);
  assert.ok(root);
  return { signer: localSigner(leafKey, chain), chain, root };
}

/** Verifies and returns the verdict, whichever it is. */
async function verdictOf(
  envelope: Uint8Array,
  options: Partial<VerifyBlobOptions> & {
    readonly content?: BlobContent;
    readonly format?: EnvelopeMediaType;
  } = {},
): Promise<Verdict & { readonly code?: string }> {
  const { content = [BLOB], format = JWS_MEDIA_TYPE, ...rest } = options;
  const signature = { bytes: envelope, mediaType: format };
  try {
    const { verdict } = await verifyBlob({ reference: 'blob', content }, signature, {
      policy: policy(GLOBAL),
      trustStore: trusting(by),
      now: () => NOW,
      ...rest,
    });
    return verdict;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { ...error.verdict, code: error.code };
  }
}

test('a blob is signed by digest, size, media type and metadata, in the bytes of the reference', async () => {
  const sha256 = createHash('sha256').update(BLOB).digest('hex');
  const userMetadata = new Map([
    ['b', '2'],
    ['a', '1'],
  ]);
  const descriptor = `"mediaType":"image/jpeg","digest":"sha256:${sha256}","size":14`;
  const expected = {
    [JWS_MEDIA_TYPE]: `{"targetArtifact":{"annotations":{"a":"1","b":"2"},"digest":"sha256:${sha256}","mediaType":"image/jpeg","size":14}}`,
    [COSE_MEDIA_TYPE]: `{"targetArtifact":{${descriptor},"annotations":{"a":"1","b":"2"}}}`,
  };
  for (const format of FORMATS) {
    const signed = await sign({ format, mediaType: 'image/jpeg', userMetadata });
    assert.deepEqual(signed.subject, {
      mediaType: 'image/jpeg',
      digest: `sha256:${sha256}`,
      size: 14,
    });
    const { content } = parseEnvelope(signed.envelope, format);
    assert.equal(decodeUtf8(content.payload), expected[format]);
  }
});

test('the digest algorithm follows the key', async () => {
  for (const [curve, hash] of [
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
  ] as const) {
    const signer = await curveSigner(curve);
    const { subject, envelope } = await sign({ signer: signer.signer });
    assert.equal(subject.digest, `${hash}:${createHash(hash).update(BLOB).digest('hex')}`);
    assert.equal((await verdictOf(envelope, { trustStore: trusting(signer) })).outcome, 'verified');
  }
});

test('the content is hashed as it comes and never held', async () => {
  // one buffer carries all of it, changed before each turn: whoever held a part would see it change
  const buffer = new Uint8Array(1 << 20);
  const expected = createHash('sha256');
  function* content(): Generator<Uint8Array> {
    for (let i = 0; i < 64; i++) {
      buffer.fill(i);
      expected.update(buffer);
      yield buffer;
    }
  }
  const { subject } = await sign({}, content());
  assert.equal(subject.size, 64 << 20);
  assert.equal(subject.digest, `sha256:${expected.digest('hex')}`);
});

test('an empty blob, and one in parts of any length, are signed as what they are', async () => {
  const whole = (await sign()).subject.digest;
  const parts = [BLOB.subarray(0, 1), BLOB.subarray(1, 1), BLOB.subarray(1)];
  assert.equal((await sign({}, parts)).subject.digest, whole);
  const empty = await sign({}, []);
  assert.equal(empty.subject.size, 0);
  assert.equal((await verdictOf(empty.envelope, { content: [] })).outcome, 'verified');
});

test('mistakes are found before the content is read', async () => {
  const mistakes: readonly (readonly [string, Partial<SignBlobOptions>])[] = [
    ['NOTARY_EXPIRY_INVALID', { expirySeconds: -1 }],
    ['NOTARY_METADATA_RESERVED', { userMetadata: new Map([['io.cncf.notary.x', '1']]) }],
    ['NOTARY_MEDIA_TYPE_UNSUPPORTED', { format: 'a/b' as typeof JWS_MEDIA_TYPE }],
    ...['', '/', 'a/', '/b', 'a b', 'a/b/c', 'a/b;;', 'ä/b', 'a/b; c', 'a/b;c=', 'a/b\n'].map(
      (mediaType) => ['NOTARY_BLOB_MEDIA_TYPE_INVALID', { mediaType }] as const,
    ),
  ];
  for (const [code, options] of mistakes)
    await assert.rejects(sign(options, UNREAD), { code }, JSON.stringify(options));
});

test('media types are accepted as the reference accepts them', async () => {
  for (const mediaType of ['a/b', 'other-media-type', 'text/plain; charset="u\\"f"', 'a/b; '])
    assert.equal((await sign({ mediaType })).subject.mediaType, mediaType);
});

test('a media type of any length is judged in time that grows with it alone', async () => {
  for (const part of ['; ', ' ', ';a=b ', 'a', '"'])
    await assert.rejects(sign({ mediaType: `a/b${part.repeat(50_000)}\0` }), {
      code: 'NOTARY_BLOB_MEDIA_TYPE_INVALID',
    });
});

test('a signature is accepted by the statement that is asked for, with the whole verdict', async () => {
  const { envelope, subject } = await sign({ userMetadata: new Map([['a', '1']]) });
  const two = policy(STATEMENT, GLOBAL);
  const verdict = await verdictOf(envelope, { policy: two });
  assert.deepEqual([verdict.outcome, verdict.reference], ['verified', 'blob']);
  assert.deepEqual([verdict.statement?.name, verdict.statement?.globalPolicy], ['all', true]);
  assert.deepEqual(verdict.subject, subject);
  const [signature] = verdict.signatures;
  assert.equal(signature?.outcome, 'valid');
  assert.deepEqual(signature?.userMetadata, { a: '1' });
  const sha256 = createHash('sha256').update(envelope).digest('hex');
  assert.equal(signature?.digest, `sha256:${sha256}`);
  const named = await verdictOf(envelope, { policy: two, statement: 'app' });
  assert.deepEqual([named.outcome, named.statement?.name], ['verified', 'app']);
});

test('security row 6: any other content is refused', async () => {
  const { envelope } = await sign();
  const changed = [
    [],
    [BLOB.subarray(1)],
    [BLOB, Uint8Array.of(0)],
    ...[...BLOB].map((byte, i) => [BLOB.with(i, byte ^ 1)]),
  ];
  for (const content of changed) {
    const verdict = await verdictOf(envelope, { content });
    assert.deepEqual([verdict.outcome, verdict.code], ['denied', 'NOTARY_VERIFICATION_FAILED']);
    assert.equal(verdict.signatures[0]?.cause?.code, 'NOTARY_SUBJECT_MISMATCH');
  }
});

test('other content is refused also where the revocation of the signer cannot be found out', async () => {
  const signer = await testSigner({ leaf: { extensions: [ocspAccess('http://ocsp.example')] } });
  const { envelope } = await sign({ signer: signer.signer });
  const options: Partial<VerifyBlobOptions> = {
    trustStore: trusting(signer),
    revocation: async () => [{ status: 'unknown', questions: [] }],
  };
  const same = await verdictOf(envelope, options);
  assert.deepEqual([same.outcome, same.code], ['unavailable', 'NOTARY_VERIFICATION_UNDECIDED']);
  const changed = await verdictOf(envelope, { ...options, content: [BLOB.subarray(1)] });
  assert.deepEqual([changed.outcome, changed.code], ['denied', 'NOTARY_VERIFICATION_FAILED']);
});

test('security row 6: each field of the signed descriptor counts, and only the hash of the key', async () => {
  const signer = await curveSigner('P-384');
  const trustStore = trusting(signer);
  const { subject } = await sign({ signer: signer.signer });
  const sha256 = `sha256:${createHash('sha256').update(BLOB).digest('hex')}`;
  const sign384 = (payload: Uint8Array, payloadType = PAYLOAD_MEDIA_TYPE): Promise<Uint8Array> =>
    signEnvelope(
      JWS_MEDIA_TYPE,
      { payload, payloadType, scheme: 'notary.x509', signingTime: NOW },
      { signer: signer.signer },
    );
  const good = encodePayload(subject, JWS_MEDIA_TYPE);
  assert.equal((await verdictOf(await sign384(good), { trustStore })).outcome, 'verified');
  for (const change of [{ digest: sha256 }, { size: 13 }, { digest: `sha384:${'0'.repeat(96)}` }]) {
    const payload = encodePayload({ ...subject, ...change }, JWS_MEDIA_TYPE);
    const { outcome, signatures } = await verdictOf(await sign384(payload), { trustStore });
    assert.deepEqual([outcome, signatures[0]?.cause?.code], ['denied', 'NOTARY_SUBJECT_MISMATCH']);
  }
  const typed = await verdictOf(await sign384(good, 'application/json'), { trustStore });
  assert.equal(typed.outcome, 'denied');
});

test('the media type counts where one is asked for', async () => {
  const { envelope } = await sign({ mediaType: 'image/jpeg' });
  assert.equal((await verdictOf(envelope, { mediaType: 'image/jpeg' })).outcome, 'verified');
  assert.equal((await verdictOf(envelope)).outcome, 'verified');
  const { outcome, signatures } = await verdictOf(envelope, { mediaType: 'image/png' });
  assert.deepEqual([outcome, signatures[0]?.cause?.code], ['denied', 'NOTARY_SUBJECT_MISMATCH']);
});

test('no changed byte of a signature is accepted', async () => {
  for (const format of FORMATS) {
    const { envelope } = await sign({ format });
    for (let at = 0; at < envelope.length; at += 7) {
      const changed = envelope.with(at, (envelope[at] ?? 0) ^ 1);
      const verdict = await verdictOf(changed, { format });
      if (verdict.outcome === 'verified') {
        // what nobody signs: the name of the signing agent, the label of an unsigned header
        assert.deepEqual(
          parseEnvelope(changed, format).content.signature,
          parseEnvelope(envelope, format).content.signature,
        );
        continue;
      }
      assert.equal(verdict.outcome, 'denied');
    }
  }
});

test('a signature in the other format, or in none, is refused', async () => {
  const { envelope } = await sign();
  for (const [bytes, format] of [
    [envelope, COSE_MEDIA_TYPE],
    [new Uint8Array(), JWS_MEDIA_TYPE],
    [new Uint8Array(), COSE_MEDIA_TYPE],
  ] as const)
    assert.equal((await verdictOf(bytes, { format })).outcome, 'denied');
});

test('all checks of the engine are made', async () => {
  const { envelope } = await sign({
    expirySeconds: 60,
    userMetadata: new Map([['a', '1']]),
  });
  const cases: readonly (readonly [string, Partial<VerifyBlobOptions>])[] = [
    ['NOTARY_CHAIN_UNTRUSTED', { trustStore: trusting(other) }],
    ['NOTARY_SIGNATURE_EXPIRED', { now: () => new Date(NOW.getTime() + 60_000) }],
    [
      'NOTARY_CERTIFICATE_EXPIRED',
      {
        now: () => new Date(NOW.getTime() + 10_000 * DAY),
        policy: policy({
          ...GLOBAL,
          signatureVerification: { level: 'strict', override: { expiry: 'log' } },
        }),
      },
    ],
    ['NOTARY_METADATA_MISMATCH', { userMetadata: new Map([['a', '2']]) }],
    [
      'NOTARY_IDENTITY_MISMATCH',
      { policy: policy({ ...GLOBAL, trustedIdentities: ['x509.subject: C=US, ST=WA, O=none'] }) },
    ],
    [
      'NOTARY_TIMESTAMP_MISSING',
      { policy: policy({ ...GLOBAL, trustStores: ['ca:acme', 'tsa:acme'] }) },
    ],
  ];
  for (const [code, options] of cases) {
    const verdict = await verdictOf(envelope, options);
    assert.deepEqual([verdict.outcome, verdict.signatures[0]?.cause?.code], ['denied', code]);
  }
});

test('a failure that is only logged lets the blob pass and is in the verdict', async () => {
  const { envelope } = await sign();
  const audit = policy({ ...GLOBAL, signatureVerification: { level: 'audit' } });
  const verdict = await verdictOf(envelope, { policy: audit, trustStore: trusting(other) });
  assert.equal(verdict.outcome, 'verified');
  const failed = verdict.signatures[0]?.checks.filter(({ cause }) => cause !== undefined);
  assert.deepEqual(
    failed?.map(({ check, action }) => [check, action]),
    [['authenticity', 'log']],
  );
});

test('the content is not read for a signature that does not hold', async () => {
  const { envelope } = await sign();
  const verdict = await verdictOf(envelope, { content: UNREAD, trustStore: trusting(other) });
  assert.equal(verdict.outcome, 'denied');
  assert.equal(verdict.subject, undefined);
});

test('security row 24: content that ends in an error is no verdict, and never a yes', async () => {
  const { envelope } = await sign();
  async function* content(): AsyncGenerator<Uint8Array> {
    yield BLOB;
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  }
  const verdict = await verdictOf(envelope, { content: content() });
  assert.deepEqual(
    [verdict.outcome, verdict.code],
    ['unavailable', 'NOTARY_VERIFICATION_UNDECIDED'],
  );
  assert.equal(verdict.signatures[0]?.cause?.code, 'NOTARY_BLOB_UNREADABLE');
  await assert.rejects(sign({}, content()), { code: 'NOTARY_BLOB_UNREADABLE' });
});

test('an interrupted reading signs nothing and decides nothing', async () => {
  const { envelope } = await sign();
  const controller = new AbortController();
  function* content(): Generator<Uint8Array> {
    yield BLOB;
    controller.abort();
    yield BLOB;
  }
  const { signal } = controller;
  const verdict = await verdictOf(envelope, { content: content(), signal });
  assert.equal(verdict.outcome, 'unavailable');
  await assert.rejects(sign({ signal }, content()), NotaryError);
});

test('a statement of level skip asks for no signature, and the proof names the content', async () => {
  const skip = policy({ name: 'none', signatureVerification: { level: 'skip' } });
  const verdict = await verdictOf(new Uint8Array(), { policy: skip, statement: 'none' });
  assert.equal(verdict.outcome, 'skipped');
  assert.equal(
    verdict.subject?.digest,
    `sha256:${createHash('sha256').update(BLOB).digest('hex')}`,
  );
  assert.deepEqual(verdict.signatures, []);
  assert.equal(verdict.statement?.level, 'skip');
});

test('without a statement that applies, nothing is read and the blob is refused', async () => {
  const { envelope } = await sign();
  const options = { policy: policy(STATEMENT) };
  const verdict = await verdictOf(envelope, options);
  assert.deepEqual([verdict.outcome, verdict.code], ['denied', 'NOTARY_POLICY_NOT_APPLICABLE']);
  // a name that no statement has is a mistake of whoever asks, and no verdict on the blob
  await assert.rejects(
    verdictOf(envelope, { ...options, statement: 'no' }),
    (error) =>
      error instanceof NotaryError &&
      !(error instanceof VerificationError) &&
      error.code === 'NOTARY_POLICY_STATEMENT_NOT_FOUND',
  );
});

test('the log is told of the statement, the signature, whether a timestamp counts, and every check', async () => {
  const { envelope } = await sign();
  const events: string[] = [];
  await verdictOf(envelope, { log: ({ event }) => events.push(event) });
  assert.deepEqual(events, [
    'statement',
    'signature',
    'timestamp',
    'check',
    'check',
    'check',
    'check',
    'check',
    'judged',
  ]);
});

test('inspection shows what a signature says, and verifies nothing', async () => {
  const { envelope, subject } = await sign({ format: COSE_MEDIA_TYPE });
  const signature = { bytes: envelope, mediaType: COSE_MEDIA_TYPE } as const;
  const { target, content } = await inspectBlobSignature(signature);
  assert.deepEqual(target, subject);
  assert.equal(content.certificateChain.length, by.chain.length);
  await assert.rejects(
    inspectBlobSignature({ bytes: new Uint8Array(3), mediaType: JWS_MEDIA_TYPE }),
    { code: 'ENVELOPE_MALFORMED' },
  );
});
