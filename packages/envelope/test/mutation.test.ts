import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8, encodeBase64, encodeBase64Url, encodeUtf8 } from '@nv2/core';
import fc from 'fast-check';
import {
  COSE_MEDIA_TYPE,
  EnvelopeError,
  type EnvelopeMediaType,
  JWS_MEDIA_TYPE,
  parseEnvelope,
  verifyEnvelope,
} from '../src/index.ts';
import { signedPart, verifyOutcome } from './assertions.ts';
import { identity } from './fixtures.ts';
import { AGENT, forgeCose, forgeJws, type Identity, PAYLOAD } from './forge.ts';

const FORGERS = [
  [JWS_MEDIA_TYPE, forgeJws],
  [COSE_MEDIA_TYPE, forgeCose],
] as const;

/** Refused with an error of this package, or still saying the same but for the signing agent. */
async function assertNoOtherMeaning(
  bytes: Uint8Array,
  original: { mediaType: EnvelopeMediaType; bytes: Uint8Array },
): Promise<void> {
  const { mediaType } = original;
  try {
    const { content } = await verifyEnvelope(bytes, mediaType);
    const expected = await verifyEnvelope(original.bytes, mediaType);
    assert.deepEqual(signedPart(content), signedPart(expected.content));
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
  }
}

for (const [mediaType, forge] of FORGERS) {
  test(`no byte of a ${mediaType} envelope can be changed to another meaning`, async () => {
    const bytes = await forge(await identity('EC-256'));
    for (const [at, byte] of bytes.entries()) {
      for (const flip of [0x01, 0x80]) {
        await assertNoOtherMeaning(bytes.with(at, byte ^ flip), { mediaType, bytes });
      }
    }
  });

  test(`a ${mediaType} envelope that is cut, or has bytes inserted, has no other meaning`, async () => {
    const bytes = await forge(await identity('EC-256'));
    for (let length = 0; length < bytes.length; length += 7) {
      assert.notEqual(await verifyOutcome(bytes.subarray(0, length), mediaType), 'accepted');
    }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length),
        fc.nat(bytes.length),
        fc.uint8Array({ maxLength: 8 }),
        async (from, to, inserted) => {
          const changed = Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(to)]);
          await assertNoOtherMeaning(new Uint8Array(changed), { mediaType, bytes });
        },
      ),
      { numRuns: 300 },
    );
  });

  test(`any bytes at all are a ${mediaType} envelope or refused with an error of this package`, () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8)), (bytes) => {
        try {
          parseEnvelope(bytes, mediaType);
        } catch (error) {
          assert.ok(error instanceof EnvelopeError, String(error));
        }
      }),
    );
  });
}

test('each byte of the three signed or signing parts of a JWS is covered', async () => {
  const good = await forgeJws(await identity('EC-256'));
  const envelope: Record<string, unknown> = JSON.parse(decodeUtf8(good));
  for (const name of ['payload', 'protected', 'signature']) {
    const bytes = Buffer.from(String(envelope[name]), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = encodeBase64Url(Uint8Array.from(bytes).with(at, (bytes[at] ?? 0) ^ 0x20));
      const text = JSON.stringify({ ...envelope, [name]: changed });
      assert.notEqual(await verifyOutcome(encodeUtf8(text), JWS_MEDIA_TYPE), 'accepted');
    }
  }
});

test('a signature, payload or protected header of another envelope is refused', async () => {
  const signer = await identity('EC-256');
  const one = JSON.parse(decodeUtf8(await forgeJws(signer)));
  const changes = { payload: encodeUtf8('{"other":1}'), protected: { other: 1 } };
  const two = JSON.parse(decodeUtf8(await forgeJws(signer, changes)));
  for (const name of ['payload', 'protected', 'signature']) {
    const text = JSON.stringify({ ...one, [name]: two[name] });
    assert.equal(
      await verifyOutcome(encodeUtf8(text), JWS_MEDIA_TYPE),
      'ENVELOPE_SIGNATURE_INVALID',
      name,
    );
  }
  assert.equal(
    await verifyOutcome(
      await forgeCose(signer, {
        message: ([head, rest, , signature]) => ({
          tag: 18,
          value: [head ?? null, rest ?? null, encodeUtf8('{}'), signature ?? null],
        }),
      }),
      COSE_MEDIA_TYPE,
    ),
    'ENVELOPE_SIGNATURE_INVALID',
  );
});

test('a chain that is cut, out of order, mixed or of someone else is refused', async () => {
  const mine = await identity('EC-256', 3);
  const other = await identity('EC-384', 3);
  const [leaf, intermediate, root] = mine.chain;
  const [otherLeaf, otherIntermediate, otherRoot] = other.chain;
  const chains = [
    ['no root', 'ENVELOPE_CHAIN_INVALID', [leaf, intermediate]],
    ['no intermediate', 'ENVELOPE_CHAIN_INVALID', [leaf, root]],
    ['leaf alone', 'ENVELOPE_CHAIN_INVALID', [leaf]],
    ['out of order', 'ENVELOPE_CHAIN_INVALID', [leaf, root, intermediate]],
    ['leaf twice', 'ENVELOPE_CHAIN_INVALID', [leaf, leaf, intermediate, root]],
    ['root twice', 'ENVELOPE_CHAIN_INVALID', [leaf, intermediate, root, root]],
    ['an unrelated root', 'ENVELOPE_CHAIN_INVALID', [leaf, intermediate, otherRoot]],
    ['an unrelated one behind', 'ENVELOPE_CHAIN_INVALID', [leaf, intermediate, root, otherLeaf]],
    ['another intermediate', 'ENVELOPE_CHAIN_INVALID', [leaf, otherIntermediate, root]],
    ['leaf not first', 'ENVELOPE_SIGNATURE_INVALID', [intermediate, leaf, root]],
    ['another leaf', 'ENVELOPE_ALGORITHM_MISMATCH', [otherLeaf, intermediate, root]],
  ] as const;
  for (const [name, code, chain] of chains) {
    const ders = chain.map((certificate) => certificate?.der ?? new Uint8Array());
    const jws = await forgeJws(mine, { header: { x5c: ders.map(encodeBase64) } });
    assert.equal(await verifyOutcome(jws, JWS_MEDIA_TYPE), code, name);
    const cose = await forgeCose(mine, { unprotected: new Map([[33, ders]]) });
    assert.equal(await verifyOutcome(cose, COSE_MEDIA_TYPE), code, name);
  }
});

test('each byte of each certificate of the chain is covered', async () => {
  const mine = await identity('EC-256', 3);
  for (const [index, { der }] of mine.chain.entries()) {
    for (let at = 0; at < der.length; at += 3) {
      const changed = der.with(at, (der[at] ?? 0) ^ 0x04);
      const ders = mine.chain.map((certificate) => certificate.der).with(index, changed);
      const cose = await forgeCose(mine, { unprotected: new Map([[33, ders]]) });
      assert.notEqual(await verifyOutcome(cose, COSE_MEDIA_TYPE), 'accepted', `${index}:${at}`);
    }
  }
});

test('an envelope of one format is not one of the other, and no other type is tried', async () => {
  const mine: Identity = await identity('EC-256');
  const [jws, cose] = [await forgeJws(mine), await forgeCose(mine)];
  assert.equal(await verifyOutcome(jws, COSE_MEDIA_TYPE), 'ENVELOPE_MALFORMED');
  assert.equal(await verifyOutcome(cose, JWS_MEDIA_TYPE), 'ENVELOPE_MALFORMED');
  for (const type of ['', 'application/json', 'APPLICATION/COSE', '__proto__']) {
    assert.equal(
      await verifyOutcome(jws, type as typeof JWS_MEDIA_TYPE),
      'ENVELOPE_MEDIA_TYPE_UNSUPPORTED',
    );
  }
});

test('the signing agent is not covered by the signature, and shown as it is', async () => {
  const bytes = await forgeJws(await identity('EC-256'), { header: { [AGENT]: '<anyone>' } });
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.equal(content.signingAgent, '<anyone>');
  assert.deepEqual(content.payload, PAYLOAD);
});
