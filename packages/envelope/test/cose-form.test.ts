import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CborValue, cborTag, concatBytes, encodeCbor } from '@nv2/core';
import {
  COSE_MEDIA_TYPE,
  ENVELOPE_LIMITS,
  type EnvelopeErrorCode,
  verifyEnvelope,
} from '../src/index.ts';
import { assertRefused } from './assertions.ts';
import { identity } from './fixtures.ts';
import {
  AGENT,
  AUTHENTIC_TIME,
  type CoseChanges,
  EXPIRY,
  forgeCose,
  PAYLOAD,
  SCHEME,
  SIGNING_TIME,
  TIMESTAMP,
} from './forge.ts';

type Parameters = readonly (readonly [string | number, CborValue | undefined])[];
type Case = readonly [name: string, code: EnvelopeErrorCode, changes: CoseChanges];

const TIME = cborTag(1, 1_735_689_600);
const AUTHORITY: Parameters = [
  [SCHEME, 'notary.x509.signingAuthority'],
  [SIGNING_TIME, undefined],
  [AUTHENTIC_TIME, TIME],
  [2, [SCHEME, AUTHENTIC_TIME, EXPIRY]],
];

async function assertAllRefused(cases: readonly Case[]): Promise<void> {
  const signer = await identity('EC-256');
  for (const [name, code, changes] of cases) {
    const bytes = await forgeCose(signer, changes);
    await assertRefused(bytes, { mediaType: COSE_MEDIA_TYPE, code, name });
  }
}

const inProtected = (...parameters: Parameters): CoseChanges => ({
  protected: new Map(parameters),
});
const inUnprotected = (...parameters: Parameters): CoseChanges => ({
  unprotected: new Map(parameters),
});

test('a COSE envelope made by hand verifies, and says what was put in', async () => {
  const bytes = await forgeCose(await identity('EC-256'));
  const { content, chain } = await verifyEnvelope(bytes, COSE_MEDIA_TYPE);
  assert.deepEqual(content.payload, PAYLOAD);
  assert.equal(content.mediaType, COSE_MEDIA_TYPE);
  assert.equal(content.scheme, 'notary.x509');
  assert.equal(content.signingTime, Date.UTC(2025, 0, 1));
  assert.equal(content.signingTimeText, '2025-01-01T00:00:00Z');
  assert.equal(content.expiry, Date.UTC(2099, 0, 1));
  assert.equal(content.expiryText, '2099-01-01T00:00:00Z');
  assert.equal(content.algorithm.name, 'ES256');
  assert.equal(content.signingAgent, 'forge/1.0.0');
  assert.equal(chain.leaf, content.certificateChain[0]);
});

test('a COSE envelope of a signing authority carries the authentic time', async () => {
  const bytes = await forgeCose(await identity('EC-256'), inProtected(...AUTHORITY));
  const { content } = await verifyEnvelope(bytes, COSE_MEDIA_TYPE);
  assert.equal(content.scheme, 'notary.x509.signingAuthority');
  assert.equal(content.signingTime, Date.UTC(2025, 0, 1));
});

test('a COSE parameter that is missing, of another type or of another value is refused', () =>
  assertAllRefused([
    ['no alg', 'ENVELOPE_HEADER_INVALID', inProtected([1, undefined])],
    ['alg EdDSA', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected([1, -8])],
    ['alg RS256', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected([1, -257])],
    ['alg HMAC', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected([1, 5])],
    ['alg of JWS', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected([1, 'ES256'])],
    ['alg of another curve', 'ENVELOPE_ALGORITHM_MISMATCH', inProtected([1, -35])],
    ['alg of another kind', 'ENVELOPE_ALGORITHM_MISMATCH', inProtected([1, -37])],
    ['no content type', 'ENVELOPE_HEADER_INVALID', inProtected([3, undefined])],
    ['content type a number', 'ENVELOPE_HEADER_INVALID', inProtected([3, 50])],
    ['empty content type', 'ENVELOPE_HEADER_INVALID', inProtected([3, ''])],
    ['no media type', 'ENVELOPE_HEADER_INVALID', inProtected([3, 'json'])],
    ['no scheme', 'ENVELOPE_HEADER_INVALID', inProtected([SCHEME, undefined])],
    ['scheme bytes', 'ENVELOPE_HEADER_INVALID', inProtected([SCHEME, Uint8Array.of(1)])],
    ['another scheme', 'ENVELOPE_SCHEME_UNSUPPORTED', inProtected([SCHEME, 'notary'])],
    ['no time', 'ENVELOPE_HEADER_INVALID', inProtected([SIGNING_TIME, undefined])],
    ['time untagged', 'ENVELOPE_TIME_INVALID', inProtected([SIGNING_TIME, 1_735_689_600])],
    ['time null', 'ENVELOPE_TIME_INVALID', inProtected([SIGNING_TIME, null])],
    [
      'time in tag 0',
      'ENVELOPE_TIME_INVALID',
      inProtected([SIGNING_TIME, cborTag(0, '2025-01-01T00:00:00Z')]),
    ],
    ['time text in tag 1', 'ENVELOPE_TIME_INVALID', inProtected([SIGNING_TIME, cborTag(1, '1')])],
    ['negative time', 'ENVELOPE_TIME_INVALID', inProtected([SIGNING_TIME, cborTag(1, -1)])],
    [
      'year 10000',
      'ENVELOPE_TIME_INVALID',
      inProtected([SIGNING_TIME, cborTag(1, 253_402_300_800)]),
    ],
    ['expiry null', 'ENVELOPE_TIME_INVALID', inProtected([EXPIRY, null])],
    ['expiry at once', 'ENVELOPE_TIME_INVALID', inProtected([EXPIRY, TIME])],
    ['expiry before', 'ENVELOPE_TIME_INVALID', inProtected([EXPIRY, cborTag(1, 1)])],
  ]));

test('a COSE signing time of the other scheme is refused', () =>
  assertAllRefused([
    ['authentic time', 'ENVELOPE_HEADER_INVALID', inProtected([AUTHENTIC_TIME, TIME])],
    ['both', 'ENVELOPE_HEADER_INVALID', inProtected(...AUTHORITY, [SIGNING_TIME, TIME])],
    [
      'none',
      'ENVELOPE_HEADER_INVALID',
      inProtected(...AUTHORITY, [AUTHENTIC_TIME, undefined], [2, [SCHEME, EXPIRY]]),
    ],
  ]));

test('a COSE list of critical headers that is missing, incomplete or wrong is refused', () => {
  const code = 'ENVELOPE_CRITICAL_INVALID';
  return assertAllRefused([
    ['no crit', code, inProtected([2, undefined])],
    ['crit text', code, inProtected([2, SCHEME])],
    ['empty crit', code, inProtected([2, []])],
    ['bytes', code, inProtected([2, [SCHEME, EXPIRY, Uint8Array.of(1)]])],
    ['scheme not in it', code, inProtected([2, [EXPIRY]])],
    ['expiry not in it', code, inProtected([2, [SCHEME]])],
    ['authentic time not in it', code, inProtected(...AUTHORITY, [2, [SCHEME, EXPIRY]])],
    ['an absent header', code, inProtected([2, [SCHEME, EXPIRY, 99]])],
    ['twice', code, inProtected([2, [SCHEME, SCHEME, EXPIRY]])],
    ['a claimed time', code, inProtected([2, [SCHEME, EXPIRY, SIGNING_TIME]])],
    ['alg', code, inProtected([2, [SCHEME, EXPIRY, 1]])],
    ['kid', code, inProtected([4, Uint8Array.of(1)], [2, [SCHEME, EXPIRY, 4]])],
  ]);
});

test('COSE extended attributes are kept with their criticality', async () => {
  const bytes = await forgeCose(
    await identity('EC-256'),
    inProtected(
      [4, Uint8Array.of(7)],
      [-70_000, 'x'],
      ['b', null],
      [2, [EXPIRY, 'b', SCHEME, -70_000]],
    ),
  );
  const { content } = await verifyEnvelope(bytes, COSE_MEDIA_TYPE);
  assert.deepEqual(content.extendedAttributes, [
    { key: 4, critical: false, value: Uint8Array.of(7) },
    { key: -70_000, critical: true, value: 'x' },
    { key: 'b', critical: true, value: null },
  ]);
});

test('a COSE parameter that is both protected and not is refused', () =>
  assertAllRefused([
    ['alg', 'ENVELOPE_HEADER_INVALID', inUnprotected([1, -7])],
    ['crit', 'ENVELOPE_HEADER_INVALID', inUnprotected([2, []])],
    ['x5chain', 'ENVELOPE_HEADER_INVALID', inProtected([33, []])],
  ]));

test('COSE parameters that the Notary Project does not use are of their type', async () => {
  const octets = Uint8Array.of(1);
  await assertAllRefused([
    ...[4, 5, 6, 7, 9, 11, 12, 16].flatMap((label): readonly Case[] => [
      [`protected ${label}`, 'ENVELOPE_HEADER_INVALID', inProtected([label, 'x'])],
      [`unprotected ${label}`, 'ENVELOPE_HEADER_INVALID', inUnprotected([label, 'x'])],
    ]),
    ['countersignature', 'ENVELOPE_HEADER_INVALID', inUnprotected([9, octets])],
    ['IV and Partial IV', 'ENVELOPE_HEADER_INVALID', inProtected([5, octets], [6, octets])],
    ['unprotected both', 'ENVELOPE_HEADER_INVALID', inUnprotected([5, octets], [6, octets])],
    ['a tag', 'ENVELOPE_HEADER_INVALID', inUnprotected(['own', cborTag(1, 1)])],
    ['a tag inside', 'ENVELOPE_HEADER_INVALID', inUnprotected(['own', [[cborTag(99, 1)]]])],
    ['a time of text', 'ENVELOPE_HEADER_INVALID', inProtected(['own', cborTag(1, '1')])],
    ['a date of a number', 'ENVELOPE_HEADER_INVALID', inProtected(['own', [cborTag(0, 1)]])],
  ]);
  const bytes = await forgeCose(
    await identity('EC-256'),
    inUnprotected([4, octets], [6, octets], [16, 'a/b']),
  );
  const tagged = inProtected(['own', [cborTag(1, 1), cborTag(0, '2025-01-01T00:00:00Z')]]);
  await verifyEnvelope(await forgeCose(await identity('EC-256'), tagged), COSE_MEDIA_TYPE);
  await verifyEnvelope(bytes, COSE_MEDIA_TYPE);
});

test('COSE unprotected parameters of another type are refused, unknown ones ignored', async () => {
  const leaf = (await identity('EC-256')).chain[0]?.der ?? null;
  await assertAllRefused([
    ['no x5chain', 'ENVELOPE_HEADER_INVALID', inUnprotected([33, undefined])],
    ['a single certificate', 'ENVELOPE_HEADER_INVALID', inUnprotected([33, leaf])],
    ['empty x5chain', 'ENVELOPE_HEADER_INVALID', inUnprotected([33, []])],
    ['x5chain of text', 'ENVELOPE_HEADER_INVALID', inUnprotected([33, ['MAAA']])],
    ['x5chain of nothing', 'ENVELOPE_HEADER_INVALID', inUnprotected([33, [new Uint8Array()]])],
    [
      'x5chain of other bytes',
      'ENVELOPE_CHAIN_INVALID',
      inUnprotected([33, [Uint8Array.of(48, 0)]]),
    ],
    ['timestamp text', 'ENVELOPE_HEADER_INVALID', inUnprotected([TIMESTAMP, 'AAEC'])],
    ['empty timestamp', 'ENVELOPE_HEADER_INVALID', inUnprotected([TIMESTAMP, new Uint8Array()])],
  ]);
  const bytes = await forgeCose(
    await identity('EC-256'),
    inUnprotected([AGENT, 1], [TIMESTAMP, Uint8Array.of(1)], ['other', new Map([[1, 2]])]),
  );
  const { content } = await verifyEnvelope(bytes, COSE_MEDIA_TYPE);
  assert.equal(content.signingAgent, undefined);
  assert.deepEqual(content.timestampToken, Uint8Array.of(1));
});

test('what is not a COSE_Sign1 under tag 18 is no COSE envelope', () => {
  const code = 'ENVELOPE_MALFORMED';
  const at = (index: number, value: CborValue) => (items: readonly CborValue[]) =>
    cborTag(18, items.with(index, value));
  return assertAllRefused([
    ['untagged', code, { message: (items) => [...items] }],
    ['tag of COSE_Sign', code, { message: (items) => cborTag(98, items) }],
    ['tagged twice', code, { message: (items) => cborTag(18, cborTag(18, items)) }],
    ['three items', code, { message: (items) => cborTag(18, items.slice(1)) }],
    ['five items', code, { message: (items) => cborTag(18, [...items, null]) }],
    ['no array', code, { message: () => cborTag(18, null) }],
    ['protected a map', code, { message: at(0, new Map()) }],
    ['protected empty', code, { message: at(0, new Uint8Array()) }],
    ['protected a list', code, { protectedBytes: Uint8Array.of(0x80) }],
    ['protected with bytes behind', code, { protectedBytes: Uint8Array.of(0xa0, 0xa0) }],
    ['protected with a label of bytes', code, { protectedBytes: Uint8Array.of(0xa1, 0x41, 1, 1) }],
    ['protected with a label twice', code, { protectedBytes: Uint8Array.of(0xa2, 1, 38, 1, 38) }],
    ['protected out of order', code, { protectedBytes: Uint8Array.of(0xa2, 3, 38, 1, 38) }],
    ['protected in a long form', code, { protectedBytes: Uint8Array.of(0xb8, 1, 1, 38) }],
    ['unprotected a list', code, { message: at(1, []) }],
    ['detached payload', code, { message: at(2, null) }],
    ['payload text', code, { message: at(2, 'x') }],
    ['payload empty', code, { payload: new Uint8Array() }],
    ['signature null', code, { message: at(3, null) }],
  ]);
});

test('bytes behind a COSE envelope, or a longer form of it, are refused', async () => {
  const good = await forgeCose(await identity('EC-256'));
  const options = { mediaType: COSE_MEDIA_TYPE, code: 'ENVELOPE_MALFORMED' } as const;
  await assertRefused(concatBytes(good, Uint8Array.of(0)), options);
  await assertRefused(good.subarray(0, -1), options);
  await assertRefused(concatBytes(Uint8Array.of(0xd8, 18), good.subarray(1)), options);
  await assertRefused(concatBytes(Uint8Array.of(0xd2, 0x98, 4), good.subarray(2)), options);
  await assertRefused(
    concatBytes(Uint8Array.of(0xd2, 0x9f), good.subarray(2), Uint8Array.of(0xff)),
    options,
  );
  await assertRefused(concatBytes(encodeCbor(cborTag(55_799, 0)).subarray(0, 3), good), options);
});

test('a COSE envelope past a limit is refused', async () => {
  const leaf = (await identity('EC-256')).chain[0]?.der ?? null;
  const many = Array.from(
    { length: ENVELOPE_LIMITS.maxHeaderParameters },
    (_, i) => [`k${i}`, i] as const,
  );
  const code = 'ENVELOPE_LIMIT_EXCEEDED';
  let deep: CborValue = [];
  for (let level = 0; level < ENVELOPE_LIMITS.maxNestingLevels; level++) deep = [deep];
  const certificates = ENVELOPE_LIMITS.maxChainCertificates + 1;
  await assertAllRefused([
    ['certificates', code, inUnprotected([33, Array(certificates).fill(leaf)])],
    ['protected parameters', code, inProtected(...many)],
    ['unprotected parameters', code, inUnprotected(...many)],
    ['depth', code, inProtected(['deep', deep])],
  ]);
  const large = new Uint8Array(ENVELOPE_LIMITS.maxEnvelopeBytes + 1);
  await assertRefused(large, { mediaType: COSE_MEDIA_TYPE, code });
});
