import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cborTag, decodeCbor, decodeHex, decodeUtf8, encodeCbor, encodeUtf8 } from '@nv2/core';
import { skipWithoutVectors, vectorsDir } from '@nv2/testkit';
import { algorithmByName } from '../src/algorithms.ts';
import { encodeCose } from '../src/cose-encode.ts';
import type { EncodingRequest } from '../src/format.ts';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  JWS_MEDIA_TYPE,
  parseEnvelope,
  payloadOf,
  verifyEnvelope,
} from '../src/index.ts';
import { encodeJws } from '../src/jws-encode.ts';
import { parseOutcome, verifyOutcome } from './assertions.ts';

const skip = skipWithoutVectors();
const dir = join(vectorsDir() ?? '', 'envelopes');

function read(...path: string[]): Uint8Array {
  return new Uint8Array(readFileSync(join(dir, ...path)));
}

function encodingRequest(changes: Partial<EncodingRequest>): EncodingRequest {
  const algorithm = algorithmByName('PS384');
  if (algorithm === undefined) assert.fail();
  return {
    payload: encodeUtf8('hello COSE'),
    payloadType: 'application/vnd.cncf.notary.payload.v1+json',
    scheme: 'notary.x509',
    signingTime: 1_661_321_924_000,
    expiry: 1_661_408_324_000,
    utcOffsetMinutes: 0,
    extendedAttributes: [
      { key: 'signedCritKey1', critical: true, value: 'signedCritValue1' },
      { key: 'signedKey1', critical: false, value: 'signedValue1' },
    ],
    signingAgent: 'NotationConformanceTest/1.0.0',
    algorithm,
    certificates: [Uint8Array.of(1)],
    ...changes,
  };
}

test('a COSE envelope has the bytes of the golden one', { skip }, () => {
  const golden = JSON.parse(decodeUtf8(read('cose', 'conformance.json')));
  const expected = decodeCbor(decodeHex(golden.expectedOutput.cborHex));
  assert.ok(typeof expected === 'object' && expected !== null && 'tag' in expected);
  const signature = Array.isArray(expected.value) ? expected.value[3] : undefined;
  assert.ok(signature instanceof Uint8Array);

  const encoded = decodeCbor(encodeCose(encodingRequest({})).complete(signature));
  assert.ok(typeof encoded === 'object' && encoded !== null && 'tag' in encoded);
  assert.ok(Array.isArray(encoded.value));
  const [protectedBytes, unprotected, payload] = encoded.value;
  assert.deepEqual(protectedBytes, decodeHex(golden.protectedHeaders.cborHex));
  assert.ok(unprotected instanceof Map);
  // the golden envelope was made without a chain
  unprotected.delete(33);
  assert.deepEqual(encodeCbor(unprotected), decodeHex(golden.unprotectedHeaders.cborHex));
  assert.deepEqual(
    encodeCbor(cborTag(18, [protectedBytes, unprotected, payload, signature])),
    decodeHex(golden.expectedOutput.cborHex),
  );
});

test('a JWS envelope has the bytes of the golden one', { skip }, () => {
  const golden = JSON.parse(decodeUtf8(read('jws', 'conformance.json')));
  const algorithm = algorithmByName('ES256');
  if (algorithm === undefined) assert.fail();
  const signature = Buffer.from(golden.signature, 'base64url');
  const bytes = encodeJws(
    encodingRequest({
      payload: encodeUtf8('{"key":"hello JWS"}'),
      algorithm,
      signingTime: Date.UTC(2022, 7, 29, 13, 50),
      expiry: Date.UTC(2099, 7, 30, 13, 50),
      extendedAttributes: [
        { key: 'signedCritKey1', critical: true, value: 'signedCritValue1' },
        ...[1, 2, 3, 4].map((number) => ({
          key: `signedKey${number}`,
          critical: false,
          value: 'signedValue1',
        })),
      ],
    }),
  ).complete(new Uint8Array(signature));
  const { header, ...rest } = JSON.parse(decodeUtf8(bytes));
  const { header: goldenHeader, ...goldenRest } = golden;
  assert.deepEqual(rest, goldenRest);
  assert.deepEqual(header, { x5c: ['AQ=='], ...goldenHeader });
});

test('the mock envelopes verify, but the ones with a bad signature', { skip }, async () => {
  const names = readdirSync(join(dir, 'mock'));
  assert.equal(names.length, 17);
  for (const name of names) {
    const bytes = read('mock', name);
    const bad = name === 'ca_invalid_sig_env.json' || name === 'sa_invalid_sig_env.json';
    const expected = bad ? 'ENVELOPE_SIGNATURE_INVALID' : 'accepted';
    assert.equal(await verifyOutcome(bytes, JWS_MEDIA_TYPE), expected, name);
    if (bad) continue;
    const { content } = parseEnvelope(bytes, JWS_MEDIA_TYPE);
    assert.equal(
      content.scheme,
      name.startsWith('sa_') ? 'notary.x509.signingAuthority' : 'notary.x509',
    );
    assert.match(payloadOf(content).targetArtifact.digest, /^sha256:/);
  }
});

test('a payload that is not base64url is not even decoded before the signature fails', {
  skip,
}, () => {
  const bytes = read('mock', 'ca_invalid_sig_env.json');
  assert.equal(parseOutcome(bytes, JWS_MEDIA_TYPE), 'ENVELOPE_MALFORMED');
});

test('critical attributes of a mock envelope are surfaced for the verifier to refuse', {
  skip,
}, () => {
  const { content } = parseEnvelope(read('mock', 'ca_plugin_sig_env.json'), JWS_MEDIA_TYPE);
  assert.deepEqual(content.extendedAttributes, [
    { key: 'SomeKey', critical: true, value: 'SomeValue' },
    { key: 'io.cncf.notary.verificationPlugin', critical: true, value: 'plugin-name' },
  ]);
});

test('user metadata of a mock envelope is read', { skip }, async () => {
  const bytes = read('mock', 'sig_env_with_metadata.json');
  const { content } = await verifyEnvelope(bytes, JWS_MEDIA_TYPE);
  assert.equal(content.signingTimeText, '2023-01-11T10:02:54-08:00');
  assert.deepEqual(payloadOf(content).targetArtifact, {
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    digest: 'sha256:5a07385af4e6b6af81b0ebfd435aedccdfa3507f0609c658209e1aba57159b2b',
    size: 942,
    annotations: {
      'io.wabbit-networks.buildId': '123',
      'io.wabbit-networks.buildTime': '1672944615',
    },
  });
});

const SIGNED_BY_NOTATION: readonly (readonly [string, EnvelopeMediaType, boolean])[] = [
  ['jws_signature.sig', JWS_MEDIA_TYPE, false],
  ['cose_signature.sig', COSE_MEDIA_TYPE, false],
  ['timestamped/coseExpiredWithTimestamp.sig', COSE_MEDIA_TYPE, true],
  ['timestamped/coseWithTimestamp.sig', COSE_MEDIA_TYPE, true],
  ['timestamped/jwsExpiredWithTimestamp.sig', JWS_MEDIA_TYPE, true],
  ['timestamped/jwsWithTimestamp.sig', JWS_MEDIA_TYPE, true],
  ['timestamped/timestampAfterNotAfter.sig', COSE_MEDIA_TYPE, true],
  ['timestamped/timestampBeforeNotBefore.sig', JWS_MEDIA_TYPE, true],
  ['timestamped/withoutTimestamp.sig', JWS_MEDIA_TYPE, false],
];

test('envelopes that notation made verify, and their timestamps are handed on', {
  skip,
}, async () => {
  for (const [name, mediaType, timestamped] of SIGNED_BY_NOTATION) {
    const { content } = await verifyEnvelope(read(name), mediaType);
    assert.equal(content.timestampToken !== undefined, timestamped, name);
    assert.match(payloadOf(content).targetArtifact.digest, /^sha256:/);
  }
});
