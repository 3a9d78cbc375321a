import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CryptoPort, encodeUtf8, equalBytes } from '@nv2/core';
import { nodeCrypto } from '@nv2/core/node-crypto';
import { webCrypto } from '@nv2/core/web-crypto';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  JWS_MEDIA_TYPE,
  localSigner,
  type Signer,
  type SignRequest,
  signEnvelope,
  verifyEnvelope,
} from '../src/index.ts';
import { codeOf } from './assertions.ts';
import { identity, KEY_SPECS } from './fixtures.ts';
import { algorithmOf, PAYLOAD, PAYLOAD_TYPE, SCHEME, SIGNING_TIME } from './forge.ts';

const FORMATS = [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const;
const PORTS: readonly (readonly [string, CryptoPort])[] = [
  ['node:crypto', nodeCrypto],
  ['Web Crypto', webCrypto],
];

async function request(changes: Partial<SignRequest> = {}): Promise<SignRequest> {
  const { now } = await identity('EC-256');
  return {
    payload: PAYLOAD,
    payloadType: PAYLOAD_TYPE,
    scheme: 'notary.x509',
    signingTime: new Date(now),
    ...changes,
  };
}

async function signOutcome(
  format: EnvelopeMediaType,
  asked: SignRequest,
  signer: Signer,
): Promise<string> {
  try {
    await signEnvelope(format, asked, { signer });
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  }
}

for (const spec of KEY_SPECS) {
  test(`an ${spec} key signs in both formats, with either provider, and either verifies`, async () => {
    const { chain, pkcs8, now } = await identity(spec);
    for (const format of FORMATS) {
      for (const [name, crypto] of PORTS) {
        const signer = localSigner(await crypto.importPrivateKey(pkcs8), chain);
        const asked = await request({
          signingTime: new Date(now),
          expiry: new Date(now + 3_600_000),
          extendedAttributes: [
            { key: 'io.example.note', critical: false, value: 'x' },
            { key: 'io.example.rule', critical: true, value: [1, null] },
          ],
          signingAgent: 'nv2/0.0.0',
        });
        const bytes = await signEnvelope(format, asked, { signer, crypto });
        for (const [other, verifier] of PORTS) {
          const { content } = await verifyEnvelope(bytes, format, { crypto: verifier });
          const what = `${format} by ${name}, verified by ${other}`;
          assert.deepEqual(content.payload, PAYLOAD, what);
          assert.equal(content.payloadType, PAYLOAD_TYPE);
          assert.equal(content.algorithm.keySpec, spec);
          assert.equal(content.signature.length, content.algorithm.signatureBytes);
          assert.equal(content.signingTime, Math.floor(now / 1000) * 1000);
          assert.equal(content.expiry, Math.floor(now / 1000) * 1000 + 3_600_000);
          assert.equal(content.signingAgent, 'nv2/0.0.0');
          assert.deepEqual(
            content.extendedAttributes.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
            asked.extendedAttributes,
          );
          assert.deepEqual(
            content.certificateChain.map(({ der }) => der),
            chain.map(({ der }) => der),
          );
        }
      }
    }
  });
}

test('a signing authority signs the authentic time', async () => {
  const { chain, key, now } = await identity('EC-256');
  for (const format of FORMATS) {
    const asked = await request({ scheme: 'notary.x509.signingAuthority' });
    const bytes = await signEnvelope(format, asked, { signer: localSigner(key, chain) });
    const { content } = await verifyEnvelope(bytes, format);
    assert.equal(content.scheme, 'notary.x509.signingAuthority');
    assert.equal(content.signingTime, Math.floor(now / 1000) * 1000);
  }
});

test('JWS times are written in the zone that was asked for', async () => {
  const { chain, key, now } = await identity('EC-256');
  const asked = await request({ utcOffsetMinutes: 480 });
  const bytes = await signEnvelope(JWS_MEDIA_TYPE, asked, { signer: localSigner(key, chain) });
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.match(content.signingTimeText, /\+08:00$/);
  assert.equal(content.signingTime, Math.floor(now / 1000) * 1000);
});

test('what cannot be put into an envelope is refused before anything is signed', async () => {
  const { chain, key, now } = await identity('EC-256');
  const unused: Signer = {
    algorithm: localSigner(key, chain).algorithm,
    sign: () => Promise.reject(new Error('the signer was asked')),
  };
  const invalid = 'ENVELOPE_REQUEST_INVALID';
  const attribute = (key: string | number) => ({ key, critical: false, value: 'x' });
  const both: readonly (readonly [string, Partial<SignRequest>])[] = [
    [invalid, { payload: new Uint8Array() }],
    [invalid, { payloadType: '' }],
    [invalid, { scheme: 'notary.x510' as 'notary.x509' }],
    [invalid, { utcOffsetMinutes: 1440 }],
    [invalid, { extendedAttributes: [attribute(SCHEME)] }],
    [invalid, { extendedAttributes: [attribute(SIGNING_TIME)] }],
    [invalid, { extendedAttributes: [attribute('a'), attribute('a')] }],
    [invalid, { extendedAttributes: [attribute('\ud800')] }],
    ['ENVELOPE_TIME_INVALID', { signingTime: new Date(Number.NaN) }],
    ['ENVELOPE_TIME_INVALID', { signingTime: new Date(-1) }],
    ['ENVELOPE_TIME_INVALID', { expiry: new Date(Number.NaN) }],
    ['ENVELOPE_TIME_INVALID', { expiry: new Date(now) }],
    ['ENVELOPE_TIME_INVALID', { expiry: new Date(Math.floor(now / 1000) * 1000 + 999) }],
  ];
  for (const format of FORMATS) {
    for (const [code, changes] of both) {
      assert.equal(await signOutcome(format, await request(changes), unused), code);
    }
  }
  for (const payload of ['[]', '"x"', '{', '{"a":1,"a":1}', 'not JSON']) {
    const asked = await request({ payload: encodeUtf8(payload) });
    assert.equal(await signOutcome(JWS_MEDIA_TYPE, asked, unused), invalid);
  }
  for (const extended of [attribute('alg'), attribute('x5c'), attribute(4)]) {
    const asked = await request({ extendedAttributes: [extended] });
    assert.equal(await signOutcome(JWS_MEDIA_TYPE, asked, unused), invalid);
  }
  const bytes = { key: 'b', critical: false, value: Uint8Array.of(1) };
  const withBytes = await request({ extendedAttributes: [bytes] });
  assert.equal(await signOutcome(JWS_MEDIA_TYPE, withBytes, unused), invalid);
  for (const extended of [attribute(1), attribute(8), { ...attribute('f'), value: 0.5 }]) {
    const asked = await request({ extendedAttributes: [extended] });
    assert.equal(await signOutcome(COSE_MEDIA_TYPE, asked, unused), invalid);
  }
  const type = 'application/pkcs7-signature' as typeof JWS_MEDIA_TYPE;
  assert.equal(await signOutcome(type, await request(), unused), 'ENVELOPE_MEDIA_TYPE_UNSUPPORTED');
});

test('a local signer is refused whose key is not that of the leaf', async () => {
  const [one, other] = [await identity('EC-256'), await identity('EC-384')];
  for (const [key, chain, code] of [
    [one.key, other.chain, 'ENVELOPE_KEY_MISMATCH'],
    [one.key, [], 'ENVELOPE_CHAIN_INVALID'],
  ] as const) {
    assert.throws(
      () => localSigner(key, chain),
      (error) => codeOf(error) === code,
    );
  }
});

test('security row 16: a signer whose chain is not valid at the signing time signs nothing', async () => {
  const { chain, key } = await identity('EC-256', 3);
  const [leaf, intermediate, root] = chain;
  if (leaf === undefined || intermediate === undefined || root === undefined) assert.fail();
  for (const time of [leaf.notBefore - 1000, leaf.notAfter + 1000]) {
    for (const format of FORMATS) {
      const asked = await request({ signingTime: new Date(time) });
      assert.equal(
        await signOutcome(format, asked, localSigner(key, chain)),
        'ENVELOPE_CHAIN_INVALID',
      );
    }
  }
  for (const broken of [[leaf], [leaf, root], [leaf, intermediate], [leaf, root, intermediate]]) {
    assert.equal(
      await signOutcome(JWS_MEDIA_TYPE, await request(), localSigner(key, broken)),
      'ENVELOPE_CHAIN_INVALID',
    );
  }
});

test('a signer that returns a signature which does not hold gets an error, not an envelope', async () => {
  const mine = await identity('EC-256');
  const algorithm = algorithmOf(mine);
  const results: readonly ((data: Uint8Array) => Promise<Uint8Array>)[] = [
    async () => new Uint8Array(),
    async () => new Uint8Array(algorithm.signatureBytes),
    (data) => mine.key.sign({ kind: 'ecdsa', hash: 'sha256', encoding: 'der' }, data),
    (data) => mine.key.sign({ kind: 'ecdsa', hash: 'sha384', encoding: 'raw' }, data),
    (data) => mine.key.sign(algorithm.scheme, data.subarray(1)),
  ];
  for (const format of FORMATS) {
    for (const sign of results) {
      const signer: Signer = {
        algorithm,
        sign: async (data) => ({ signature: await sign(data), certificateChain: mine.chain }),
      };
      assert.equal(
        await signOutcome(format, await request(), signer),
        'ENVELOPE_SIGNATURE_INVALID',
      );
    }
  }
});

test('an error of the signer comes through unchanged', async () => {
  const { chain, key } = await identity('EC-256');
  const locked = new Error('the token is locked');
  const { algorithm } = localSigner(key, chain);
  const signer: Signer = { algorithm, sign: () => Promise.reject(locked) };
  await assert.rejects(
    signEnvelope(JWS_MEDIA_TYPE, await request(), { signer }),
    (error) => error === locked,
  );
});

test('a signer whose chain is for another key or algorithm gets an error, not an envelope', async () => {
  const [mine, twin, other] = [
    await identity('EC-256'),
    await identity('EC-256', 3),
    await identity('EC-384'),
  ];
  const by = localSigner(mine.key, mine.chain);
  for (const [certificateChain, code] of [
    [twin.chain, 'ENVELOPE_SIGNATURE_INVALID'],
    [other.chain, 'ENVELOPE_ALGORITHM_MISMATCH'],
    [[], 'ENVELOPE_CHAIN_INVALID'],
  ] as const) {
    const signer: Signer = {
      algorithm: by.algorithm,
      sign: async (data) => ({ ...(await by.sign(data)), certificateChain }),
    };
    for (const format of FORMATS) {
      assert.equal(await signOutcome(format, await request(), signer), code);
    }
  }
});

test('a COSE payload may be anything but nothing', async () => {
  const { chain, key } = await identity('EC-256');
  const payload = Uint8Array.of(0, 255);
  const bytes = await signEnvelope(COSE_MEDIA_TYPE, await request({ payload }), {
    signer: localSigner(key, chain),
  });
  const { content } = await verifyEnvelope(bytes, COSE_MEDIA_TYPE);
  assert.ok(equalBytes(content.payload, payload));
});
