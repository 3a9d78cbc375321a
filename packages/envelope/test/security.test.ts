import assert from 'node:assert/strict';
import * as nodeCrypto from 'node:crypto';
import { test } from 'node:test';
import { cborTag, encodeBase64, encodeUtf8 } from '@nv2/core';
import {
  COSE_MEDIA_TYPE,
  ENVELOPE_LIMITS,
  JWS_MEDIA_TYPE,
  payloadOf,
  verifyEnvelope,
} from '../src/index.ts';
import { codeOf, parseOutcome, verifyOutcome } from './assertions.ts';
import { identity } from './fixtures.ts';
import { algorithmOf, forgeCose, forgeJws, type Identity } from './forge.ts';

type Sign = (data: Uint8Array) => Promise<Uint8Array>;

/** The outcome in each format of an envelope whose signature is made like that. */
async function outcomes(mine: Identity, sign: Sign): Promise<{ jws: string; cose: string }> {
  return {
    jws: await verifyOutcome(await forgeJws(mine, { sign }), JWS_MEDIA_TYPE),
    cose: await verifyOutcome(await forgeCose(mine, { sign }), COSE_MEDIA_TYPE),
  };
}

const REFUSED = { jws: 'ENVELOPE_SIGNATURE_INVALID', cose: 'ENVELOPE_SIGNATURE_INVALID' };

test('security row 5: floods of dots, lists and nothing at all are refused at once', async () => {
  const mine = await identity('EC-256');
  const dots = '.'.repeat(1_000_000);
  for (const name of ['payload', 'protected', 'signature']) {
    const bytes = await forgeJws(mine, { members: { [name]: dots } });
    assert.notEqual(await verifyOutcome(bytes, JWS_MEDIA_TYPE), 'accepted');
  }
  for (const bytes of [
    new Uint8Array(),
    Uint8Array.of(0xd2),
    Uint8Array.of(0xd2, 0x80),
    Uint8Array.of(0xd2, 0x84),
    Uint8Array.of(0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40),
    Uint8Array.of(0xd2, 0x84, 0x41, 0xa0, 0xa0, 0xf6, 0x40),
    Uint8Array.of(0xd2, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0xd2, 0x84, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    new Uint8Array(100_000).fill(0x81),
    new Uint8Array(100_000).fill(0xd2),
    encodeUtf8('['.repeat(100_000)),
    encodeUtf8('{"payload":'.repeat(100_000)),
    encodeUtf8(dots),
  ]) {
    for (const mediaType of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
      assert.match(parseOutcome(bytes, mediaType), /^ENVELOPE_/);
      assert.match(await verifyOutcome(bytes, mediaType), /^ENVELOPE_/);
    }
  }
});

test('security row 4: a flood of certificates costs no verification', async () => {
  const mine = await identity('EC-256');
  const leaf = mine.chain[0]?.der ?? new Uint8Array();
  const flood = Array(ENVELOPE_LIMITS.maxChainCertificates + 1);
  const jws = await forgeJws(mine, { header: { x5c: flood.fill(encodeBase64(leaf)) } });
  assert.equal(await verifyOutcome(jws, JWS_MEDIA_TYPE), 'ENVELOPE_LIMIT_EXCEEDED');
  const cose = await forgeCose(mine, { unprotected: new Map([[33, flood.fill(leaf)]]) });
  assert.equal(await verifyOutcome(cose, COSE_MEDIA_TYPE), 'ENVELOPE_LIMIT_EXCEEDED');
});

test('security row 1: floods of empty containers are refused, wherever they stand', async () => {
  const mine = await identity('EC-256');
  const code = 'ENVELOPE_LIMIT_EXCEEDED';
  const flood = Array(ENVELOPE_LIMITS.maxItems + 1).fill(new Map());
  const json = flood.map(() => ({}));
  const payload = encodeUtf8(JSON.stringify({ targetArtifact: {}, x: json }));
  for (const parts of [{ header: { x: json } }, { protected: { x: json } }, { members: { json } }])
    assert.equal(parseOutcome(await forgeJws(mine, parts), JWS_MEDIA_TYPE), code);
  for (const name of ['unprotected', 'protected'] as const) {
    const bytes = await forgeCose(mine, { [name]: new Map([['x', flood]]) });
    assert.equal(parseOutcome(bytes, COSE_MEDIA_TYPE), code);
  }
  const { content } = await verifyEnvelope(await forgeJws(mine, { payload }), JWS_MEDIA_TYPE);
  assert.throws(
    () => payloadOf(content),
    (error) => codeOf(error) === code,
  );
});

test('security row 6: the payload of one signature is never read from another type', async () => {
  const bytes = await forgeJws(await identity('EC-256'), {
    protected: { cty: 'application/vnd.in-toto+json' },
  });
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.throws(
    () => payloadOf(content),
    (error) => codeOf(error) === 'ENVELOPE_PAYLOAD_INVALID',
  );
});

test('security row 20: anyone can make an envelope that verifies: the proof says who, not that he is trusted', async () => {
  const stranger = await identity('EC-256');
  const { chain, content } = await verifyEnvelope(await forgeJws(stranger), JWS_MEDIA_TYPE);
  // the key comes from the envelope: the proof hands out the chain for the caller to judge
  assert.deepEqual(chain.leaf.der, stranger.chain[0]?.der);
  assert.equal(content.certificateChain[0], chain.leaf);
  assert.deepEqual(Object.keys({ chain, content }).toSorted(), ['chain', 'content']);
});

test('security row 29: RSA signatures of another padding, hash or length are refused', async () => {
  const mine = await identity('RSA-2048');
  const { scheme } = algorithmOf(mine);
  const good: Sign = (data) => mine.key.sign(scheme, data);
  assert.deepEqual(await outcomes(mine, good), { jws: 'accepted', cose: 'accepted' });
  const forgeries: readonly Sign[] = [
    (data) => mine.key.sign({ kind: 'rsa-pkcs1', hash: 'sha256' }, data),
    (data) => mine.key.sign({ kind: 'rsa-pss', hash: 'sha384', saltLength: 48 }, data),
    (data) => mine.key.sign({ kind: 'rsa-pss', hash: 'sha512', saltLength: 64 }, data),
    async () => new Uint8Array(256),
    async () => new Uint8Array(256).with(255, 1),
    async () => new Uint8Array(256).fill(0xff),
    async () => new Uint8Array(),
    async (data) => Uint8Array.of(0, ...(await good(data))),
    async (data) => Uint8Array.of(...(await good(data)), 0),
    async (data) => (await good(data)).subarray(0, 255),
    shortenedBy(good),
    (data) => modulusAdded(mine, good, data),
  ];
  for (const [index, forgery] of forgeries.entries()) {
    assert.deepEqual(await outcomes(mine, forgery), REFUSED, `forgery ${index}`);
  }
});

/** A good signature whose leading zero octet is cut off: the same number, another length. */
function shortenedBy(good: Sign): Sign {
  return async (data) => {
    // PSS is randomised: one signature in 256 starts with a zero octet
    for (let attempt = 0; attempt < 10_000; attempt++) {
      const signature = await good(data);
      if (signature[0] === 0) return signature.subarray(1);
    }
    throw new Error('no signature starts with a zero octet');
  };
}

/** The same residue as a good signature, but not below the modulus (RFC 8017 5.2.2 step 1). */
async function modulusAdded(mine: Identity, good: Sign, data: Uint8Array): Promise<Uint8Array> {
  const spki = Buffer.from(mine.key.spki);
  const { n } = nodeCrypto
    .createPublicKey({ key: spki, format: 'der', type: 'spki' })
    .export({ format: 'jwk' });
  const modulus = BigInt(`0x${Buffer.from(n ?? '', 'base64url').toString('hex')}`);
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const value = BigInt(`0x${Buffer.from(await good(data)).toString('hex')}`) + modulus;
    if (value < 1n << 2048n) return Buffer.from(value.toString(16).padStart(512, '0'), 'hex');
  }
  throw new Error('no signature leaves room for the modulus');
}

test('security row 29: a PSS salt of another length passes in JWS, as in the reference, not in COSE', async () => {
  const mine = await identity('RSA-2048');
  for (const saltLength of [0, 20, 222]) {
    assert.deepEqual(
      await outcomes(mine, (data) =>
        mine.key.sign({ kind: 'rsa-pss', hash: 'sha256', saltLength }, data),
      ),
      { jws: 'accepted', cose: 'ENVELOPE_SIGNATURE_INVALID' },
    );
  }
});

/** The order of each curve's group (SP 800-186 3.2.1). */
const ORDER = {
  'EC-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'EC-384':
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'EC-521':
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
} as const;

for (const spec of ['EC-256', 'EC-384', 'EC-521'] as const) {
  test(`security row 29: ${spec} signatures with r or s out of range, or of another length, are refused`, async () => {
    const mine = await identity(spec);
    const { scheme, hash, signatureBytes } = algorithmOf(mine);
    const half = signatureBytes / 2;
    const good: Sign = (data) => mine.key.sign(scheme, data);
    assert.deepEqual(await outcomes(mine, good), { jws: 'accepted', cose: 'accepted' });

    const number = (value: bigint) =>
      Buffer.from(value.toString(16).padStart(signatureBytes, '0'), 'hex');
    const order = ORDER[spec];
    const constants = [0n, 1n, order - 1n, order, order + 1n];
    const made = constants.flatMap((r) =>
      constants.map(
        (s): Sign =>
          async () =>
            new Uint8Array([...number(r), ...number(s)]),
      ),
    );
    const edited = (edit: (r: Uint8Array, s: Uint8Array) => Iterable<number>): Sign => {
      return async (data) => {
        const signature = await good(data);
        return Uint8Array.from(edit(signature.subarray(0, half), signature.subarray(half)));
      };
    };
    const zero = new Uint8Array(half);
    const forgeries: readonly Sign[] = [
      ...made,
      edited((_, s) => [...zero, ...s]),
      edited((r) => [...r, ...zero]),
      edited((r, s) => [...s, ...r]),
      edited((r, s) => [0, ...r, 0, ...s]),
      edited((r, s) => [...r, ...s, 0]),
      edited((r, s) => [...r.subarray(1), ...s.subarray(1)]),
      edited((r) => r),
      edited(() => []),
      (data) => mine.key.sign({ kind: 'ecdsa', hash, encoding: 'der' }, data),
      (data) =>
        mine.key.sign(
          { kind: 'ecdsa', hash: hash === 'sha256' ? 'sha512' : 'sha256', encoding: 'raw' },
          data,
        ),
    ];
    for (const [index, forgery] of forgeries.entries()) {
      assert.deepEqual(await outcomes(mine, forgery), REFUSED, `forgery ${index}`);
    }
  });
}

test('security row 29: r plus the order of the group is not r, where the width leaves room for it', async () => {
  const mine = await identity('EC-521');
  const { scheme, signatureBytes } = algorithmOf(mine);
  const half = signatureBytes / 2;
  const outcome = await outcomes(mine, async (data) => {
    const signature = await mine.key.sign(scheme, data);
    const r = BigInt(`0x${Buffer.from(signature.subarray(0, half)).toString('hex')}`);
    const moved = Buffer.from(
      (r + ORDER['EC-521']).toString(16).padStart(signatureBytes, '0'),
      'hex',
    );
    return new Uint8Array([...moved, ...signature.subarray(half)]);
  });
  assert.deepEqual(outcome, REFUSED);
});

test('security row 29: a signature over the payload alone, or over another context, is refused', async () => {
  const mine = await identity('EC-256');
  const { scheme } = algorithmOf(mine);
  assert.deepEqual(await outcomes(mine, () => mine.key.sign(scheme, encodeUtf8('{}'))), REFUSED);
  const untagged = await forgeCose(mine, { message: (items) => cborTag(17, items) });
  assert.equal(await verifyOutcome(untagged, COSE_MEDIA_TYPE), 'ENVELOPE_MALFORMED');
});
