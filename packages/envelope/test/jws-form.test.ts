import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8, encodeUtf8 } from '@nv2/core';
import {
  ENVELOPE_LIMITS,
  type EnvelopeErrorCode,
  JWS_MEDIA_TYPE,
  verifyEnvelope,
} from '../src/index.ts';
import { assertRefused, verifyOutcome } from './assertions.ts';
import { identity } from './fixtures.ts';
import {
  AGENT,
  AUTHENTIC_TIME,
  EXPIRY,
  forgeJws,
  type JwsChanges,
  PAYLOAD,
  SCHEME,
  SIGNING_TIME,
  TIMESTAMP,
} from './forge.ts';

const AUTHORITY = {
  [SCHEME]: 'notary.x509.signingAuthority',
  [SIGNING_TIME]: undefined,
  [AUTHENTIC_TIME]: '2025-01-01T00:00:00Z',
  crit: [SCHEME, AUTHENTIC_TIME, EXPIRY],
};

type Case = readonly [name: string, code: EnvelopeErrorCode, changes: JwsChanges];

async function assertAllRefused(cases: readonly Case[]): Promise<void> {
  const signer = await identity('EC-256');
  for (const [name, code, changes] of cases) {
    const bytes = await forgeJws(signer, changes);
    await assertRefused(bytes, { mediaType: JWS_MEDIA_TYPE, code, name });
  }
}

const inProtected = (protectedHeader: Record<string, unknown>): JwsChanges => ({
  protected: protectedHeader,
});

test('a JWS envelope made by hand verifies, and says what was put in', async () => {
  const bytes = await forgeJws(await identity('EC-256'));
  const { content, chain } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.deepEqual(content.payload, PAYLOAD);
  assert.equal(content.mediaType, JWS_MEDIA_TYPE);
  assert.equal(content.scheme, 'notary.x509');
  assert.equal(content.signingTime, Date.UTC(2025, 0, 1));
  assert.equal(content.signingTimeText, '2025-01-01T08:00:00+08:00');
  assert.equal(content.expiry, Date.UTC(2099, 0, 1));
  assert.equal(content.expiryText, '2099-01-01T00:00:00Z');
  assert.equal(content.algorithm.name, 'ES256');
  assert.equal(content.signingAgent, 'forge/1.0.0');
  assert.equal(content.timestampToken, undefined);
  assert.deepEqual(content.extendedAttributes, []);
  assert.equal(chain.leaf, content.certificateChain[0]);
});

test('a JWS envelope of a signing authority carries the authentic time', async () => {
  const bytes = await forgeJws(await identity('EC-256'), inProtected(AUTHORITY));
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.equal(content.scheme, 'notary.x509.signingAuthority');
  assert.equal(content.signingTime, Date.UTC(2025, 0, 1));
});

test('a JWS header parameter that is missing, of another type or of another value is refused', () =>
  assertAllRefused([
    ['no alg', 'ENVELOPE_HEADER_INVALID', inProtected({ alg: undefined })],
    ['alg none', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected({ alg: 'none' })],
    ['alg HS256', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected({ alg: 'HS256' })],
    ['alg RS256', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected({ alg: 'RS256' })],
    ['alg es256', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected({ alg: 'es256' })],
    ['alg of COSE', 'ENVELOPE_ALGORITHM_UNSUPPORTED', inProtected({ alg: -7 })],
    ['alg of another curve', 'ENVELOPE_ALGORITHM_MISMATCH', inProtected({ alg: 'ES384' })],
    ['alg of another kind', 'ENVELOPE_ALGORITHM_MISMATCH', inProtected({ alg: 'PS256' })],
    ['no cty', 'ENVELOPE_HEADER_INVALID', inProtected({ cty: undefined })],
    ['empty cty', 'ENVELOPE_HEADER_INVALID', inProtected({ cty: '' })],
    ['cty without subtype', 'ENVELOPE_HEADER_INVALID', inProtected({ cty: 'json' })],
    ['cty with two slashes', 'ENVELOPE_HEADER_INVALID', inProtected({ cty: 'a/b/c' })],
    ['cty with a blank', 'ENVELOPE_HEADER_INVALID', inProtected({ cty: 'a/b ' })],
    ['cty a number', 'ENVELOPE_HEADER_INVALID', inProtected({ cty: 1 })],
    ['no scheme', 'ENVELOPE_HEADER_INVALID', inProtected({ [SCHEME]: undefined })],
    ['scheme null', 'ENVELOPE_HEADER_INVALID', inProtected({ [SCHEME]: null })],
    ['another scheme', 'ENVELOPE_SCHEME_UNSUPPORTED', inProtected({ [SCHEME]: 'notary.x510' })],
    ['a scheme of Object', 'ENVELOPE_SCHEME_UNSUPPORTED', inProtected({ [SCHEME]: 'toString' })],
    ['no time', 'ENVELOPE_HEADER_INVALID', inProtected({ [SIGNING_TIME]: undefined })],
    ['time null', 'ENVELOPE_TIME_INVALID', inProtected({ [SIGNING_TIME]: null })],
    ['time a number', 'ENVELOPE_TIME_INVALID', inProtected({ [SIGNING_TIME]: 1_735_689_600 })],
    ['zero time', 'ENVELOPE_TIME_INVALID', inProtected({ [SIGNING_TIME]: '0001-01-01T00:00:00Z' })],
    ['expiry null', 'ENVELOPE_TIME_INVALID', inProtected({ [EXPIRY]: null })],
    ['zero expiry', 'ENVELOPE_TIME_INVALID', inProtected({ [EXPIRY]: '0001-01-01T00:00:00Z' })],
    ['expiry at once', 'ENVELOPE_TIME_INVALID', inProtected({ [EXPIRY]: '2025-01-01T00:00:00Z' })],
    ['expiry before', 'ENVELOPE_TIME_INVALID', inProtected({ [EXPIRY]: '2024-12-31T23:59:59Z' })],
  ]));

test('a JWS signing time of the other scheme is refused', () =>
  assertAllRefused([
    [
      'authentic time claimed by a signer',
      'ENVELOPE_HEADER_INVALID',
      inProtected({ [AUTHENTIC_TIME]: '2025-01-01T00:00:00Z' }),
    ],
    [
      'both times under a signing authority',
      'ENVELOPE_HEADER_INVALID',
      inProtected({ ...AUTHORITY, [SIGNING_TIME]: '2025-01-01T00:00:00Z' }),
    ],
    [
      'no authentic time under a signing authority',
      'ENVELOPE_HEADER_INVALID',
      inProtected({ ...AUTHORITY, [AUTHENTIC_TIME]: undefined, crit: [SCHEME, EXPIRY] }),
    ],
  ]));

test('a JWS list of critical headers that is missing, incomplete or wrong is refused', () => {
  const code = 'ENVELOPE_CRITICAL_INVALID';
  return assertAllRefused([
    ['no crit', code, inProtected({ crit: undefined })],
    ['crit null', code, inProtected({ crit: null })],
    ['crit text', code, inProtected({ crit: SCHEME })],
    ['empty crit', code, inProtected({ crit: [] })],
    ['a number', code, inProtected({ crit: [SCHEME, EXPIRY, 1] })],
    ['a list', code, inProtected({ crit: [SCHEME, EXPIRY, [SCHEME]] })],
    ['scheme not in it', code, inProtected({ crit: [EXPIRY] })],
    ['expiry not in it', code, inProtected({ crit: [SCHEME] })],
    ['authentic time not in it', code, inProtected({ ...AUTHORITY, crit: [SCHEME, EXPIRY] })],
    ['an absent header', code, inProtected({ crit: [SCHEME, EXPIRY, 'absent'] })],
    ['an absent expiry', code, inProtected({ [EXPIRY]: undefined })],
    ['twice', code, inProtected({ crit: [SCHEME, EXPIRY, SCHEME] })],
    ['an extended one twice', code, inProtected({ a: 1, crit: [SCHEME, EXPIRY, 'a', 'a'] })],
    ['a claimed time', code, inProtected({ crit: [SCHEME, EXPIRY, SIGNING_TIME] })],
    ['alg', code, inProtected({ crit: [SCHEME, EXPIRY, 'alg'] })],
    ['crit itself', code, inProtected({ crit: [SCHEME, EXPIRY, 'crit'] })],
    ['a registered one', code, inProtected({ kid: 'x', crit: [SCHEME, EXPIRY, 'kid'] })],
  ]);
});

test('JWS extended attributes are kept with their criticality', async () => {
  const bytes = await forgeJws(
    await identity('EC-256'),
    inProtected({ plain: { a: [1] }, marked: null, crit: ['marked', EXPIRY, SCHEME] }),
  );
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.deepEqual(content.extendedAttributes, [
    { key: 'plain', critical: false, value: new Map([['a', [1]]]) },
    { key: 'marked', critical: true, value: null },
  ]);
});

test('a JWS header that only the case tells from a known one is refused', () =>
  assertAllRefused(
    ['CRIT', 'Alg', 'io.cncf.notary.Expiry', 'io.cncf.notary.ſigningTime'].map((name) => [
      name,
      'ENVELOPE_HEADER_INVALID',
      inProtected({ [name]: 'x' }),
    ]),
  ));

test('an unprotected JWS header that only the case tells from a known one is refused', () =>
  assertAllRefused(
    ['X5C', 'x5C', 'io.cncf.notary.TimestampSignature', 'io.cncf.notary.timestampſignature'].map(
      (name) => [name, 'ENVELOPE_HEADER_INVALID', { header: { [name]: null } }],
    ),
  ));

test('a JWS header parameter that is both protected and not is refused', () =>
  assertAllRefused([
    ['alg', 'ENVELOPE_HEADER_INVALID', { header: { alg: 'ES256' } }],
    ['crit', 'ENVELOPE_HEADER_INVALID', { header: { crit: [] } }],
    ['x5c', 'ENVELOPE_HEADER_INVALID', inProtected({ x5c: [] })],
    ['own', 'ENVELOPE_HEADER_INVALID', { protected: { a: 1 }, header: { a: 1 } }],
  ]));

test('JWS unprotected parameters of another type are refused, unknown ones ignored', async () => {
  await assertAllRefused([
    ['no x5c', 'ENVELOPE_HEADER_INVALID', { header: { x5c: undefined } }],
    ['x5c null', 'ENVELOPE_HEADER_INVALID', { header: { x5c: null } }],
    ['x5c text', 'ENVELOPE_HEADER_INVALID', { header: { x5c: 'MIIB' } }],
    ['empty x5c', 'ENVELOPE_HEADER_INVALID', { header: { x5c: [] } }],
    ['x5c of numbers', 'ENVELOPE_HEADER_INVALID', { header: { x5c: [1] } }],
    ['x5c of nothing', 'ENVELOPE_HEADER_INVALID', { header: { x5c: [''] } }],
    ['x5c with a line break', 'ENVELOPE_HEADER_INVALID', { header: { x5c: ['MAA\nwAAA'] } }],
    ['x5c unpadded', 'ENVELOPE_HEADER_INVALID', { header: { x5c: ['MA'] } }],
    ['x5c base64url', 'ENVELOPE_HEADER_INVALID', { header: { x5c: ['MA-_'] } }],
    ['x5c of other bytes', 'ENVELOPE_CHAIN_INVALID', { header: { x5c: ['MAAA'] } }],
    ['timestamp a number', 'ENVELOPE_HEADER_INVALID', { header: { [TIMESTAMP]: 1 } }],
    ['empty timestamp', 'ENVELOPE_HEADER_INVALID', { header: { [TIMESTAMP]: '' } }],
    ['timestamp not base64', 'ENVELOPE_HEADER_INVALID', { header: { [TIMESTAMP]: '=' } }],
  ]);
  const bytes = await forgeJws(await identity('EC-256'), {
    header: { other: { a: 1 }, [AGENT]: null, [TIMESTAMP]: 'AAEC' },
  });
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.equal(content.signingAgent, undefined);
  assert.deepEqual(content.timestampToken, Uint8Array.of(0, 1, 2));
});

test('a JWS envelope with a member too many, too few or of another type is refused', () =>
  assertAllRefused(
    [
      { extra: 1 },
      { signatures: [] },
      { payload: undefined },
      { protected: undefined },
      { header: undefined },
      { signature: undefined },
      { payload: null },
      { protected: {} },
      { header: [] },
      { signature: 1 },
      { protected: 'e30=' },
      { protected: 'ImEi' },
      { protected: 'W10' },
      { protected: 'e3' },
      { signature: '=' },
    ].map((members) => [JSON.stringify(members), 'ENVELOPE_MALFORMED', { members }]),
  ));

test('what is not strict JSON is no JWS envelope', async () => {
  const good = decodeUtf8(await forgeJws(await identity('EC-256')));
  for (const text of [
    '',
    'null',
    '[]',
    good.slice(0, -1),
    `${good} {}`,
    `\ufeff${good}`,
    good.replace('{"payload"', '{"payload":"e30","payload"'),
    good.replace('{"payload"', '{"\\u0070ayload":"e30","payload"'),
    good.replace('"x5c"', '"x5c":[],"x5c"'),
  ]) {
    await assertRefused(encodeUtf8(text), {
      mediaType: JWS_MEDIA_TYPE,
      code: 'ENVELOPE_MALFORMED',
      name: text.slice(0, 60),
    });
  }
  const protectedText = `{"alg":"ES256","alg":"ES256"}`;
  await assertAllRefused([['duplicate alg', 'ENVELOPE_MALFORMED', { protectedText }]]);
});

test('a JWS payload is decoded strictly, once the signature holds', async () => {
  const signer = await identity('EC-256');
  for (const payloadText of ['e30=', 'e3 0', 'e31', 'e', 'é', 'e30.e30']) {
    const bytes = await forgeJws(signer, { payloadText });
    assert.equal(await verifyOutcome(bytes, JWS_MEDIA_TYPE), 'ENVELOPE_MALFORMED', payloadText);
    const unsigned = await forgeJws(signer, {
      payloadText,
      sign: async () => new Uint8Array(64).fill(1),
    });
    assert.equal(await verifyOutcome(unsigned, JWS_MEDIA_TYPE), 'ENVELOPE_SIGNATURE_INVALID');
  }
  const empty = await forgeJws(signer, { payload: new Uint8Array() });
  assert.equal(await verifyOutcome(empty, JWS_MEDIA_TYPE), 'ENVELOPE_MALFORMED');
});

test('a JWS envelope past a limit is refused', async () => {
  const { chain } = await identity('EC-256');
  const certificate = Buffer.from(chain[0]?.der ?? []).toString('base64');
  const many = Object.fromEntries(
    Array.from({ length: ENVELOPE_LIMITS.maxHeaderParameters }, (_, i) => [`k${i}`, i]),
  );
  const code = 'ENVELOPE_LIMIT_EXCEEDED';
  const certificates = ENVELOPE_LIMITS.maxChainCertificates + 1;
  await assertAllRefused([
    ['certificates', code, { header: { x5c: Array(certificates).fill(certificate) } }],
    ['protected parameters', code, { protected: many }],
    ['unprotected parameters', code, { header: many }],
    ['depth', code, { protected: { a: JSON.parse('['.repeat(20) + ']'.repeat(20)) } }],
  ]);
  const large = new Uint8Array(ENVELOPE_LIMITS.maxEnvelopeBytes + 1).fill(0x20);
  await assertRefused(large, { mediaType: JWS_MEDIA_TYPE, code });
});
