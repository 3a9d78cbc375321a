import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import fc from 'fast-check';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE } from './content.ts';
import { EnvelopeError, type EnvelopeErrorCode } from './errors.ts';
import { ENVELOPE_LIMITS } from './limits.ts';
import { encodePayload, parsePayload, type TargetArtifact } from './payload.ts';

const DIGEST = 'sha256:73c803930ea3ba1e54bc25c2bdc53edd0284c62ed651fe7b00369da519a3c333';
const TARGET: TargetArtifact = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: DIGEST,
  size: 16_724,
  annotations: { 'z<&>': '\u2028', a: '1', é: '2', B: '3' },
};

const refused = (code: EnvelopeErrorCode) => (error: unknown) =>
  error instanceof EnvelopeError && error.code === code;

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

test('a payload has the bytes that the reference signs, in each format', () => {
  assert.equal(
    text(encodePayload(TARGET, COSE_MEDIA_TYPE)),
    `{"targetArtifact":{"mediaType":"${TARGET.mediaType}","digest":"${DIGEST}","size":16724,` +
      String.raw`"annotations":{"B":"3","a":"1","z\u003c\u0026\u003e":"\u2028",` +
      `"é":"2"}}}`,
  );
  assert.equal(
    text(encodePayload(TARGET, JWS_MEDIA_TYPE)),
    String.raw`{"targetArtifact":{"annotations":{"B":"3","a":"1","z\u003c\u0026\u003e":"\u2028",` +
      `"é":"2"},"digest":"${DIGEST}","mediaType":"${TARGET.mediaType}","size":16724}}`,
  );
});

test('annotations that are empty are left out', () => {
  assert.equal(
    text(encodePayload({ ...TARGET, annotations: {} }, COSE_MEDIA_TYPE)),
    `{"targetArtifact":{"mediaType":"${TARGET.mediaType}","digest":"${DIGEST}","size":16724}}`,
  );
});

test('whatever is encoded is decoded to the same, and encodes to the same bytes again', () => {
  const target = fc.record(
    {
      mediaType: fc.string({ minLength: 1, unit: 'binary' }),
      digest: fc.constantFrom(DIGEST, `sha512:${'0f'.repeat(64)}`, `sha384:${'a0'.repeat(48)}`),
      size: fc.maxSafeNat(),
      annotations: fc
        .uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), {
          minLength: 1,
          maxLength: 5,
          selector: ([key]) => key,
        })
        .map((entries): Record<string, string> => Object.fromEntries(entries)),
    },
    { requiredKeys: ['mediaType', 'digest', 'size'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(target, fc.constantFrom(JWS_MEDIA_TYPE, COSE_MEDIA_TYPE), (value, format) => {
      const bytes = encodePayload(value, format);
      const { targetArtifact } = parsePayload(bytes);
      assert.deepEqual(targetArtifact, value);
      assert.deepEqual(encodePayload(targetArtifact, format), bytes);
    }),
  );
});

test('any bytes at all are decoded or refused with an error of this package', () => {
  const nearly = fc
    .tuple(fc.nat(400), fc.nat(255))
    .map(([at, byte]) => encodePayload(TARGET, JWS_MEDIA_TYPE).with(at % 160, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), nearly), (bytes) => {
      try {
        parsePayload(bytes);
      } catch (error) {
        assert.ok(error instanceof EnvelopeError);
      }
    }),
  );
});

test('members that the specification does not name are ignored', () => {
  const payload = `{"targetArtifact":{"mediaType":"m","digest":"${DIGEST}","size":1,
    "artifactType":"x","urls":["u"],"data":"e30=","other":1},"more":{}}`;
  assert.deepEqual(parsePayload(encodeUtf8(payload)), {
    targetArtifact: { mediaType: 'm', digest: DIGEST, size: 1 },
  });
});

test('a payload with a member missing, of another type or out of range is refused', () => {
  const good = { mediaType: 'm', digest: DIGEST, size: 1 };
  for (const payload of [
    null,
    [],
    'x',
    {},
    { targetArtifact: null },
    { targetArtifact: [good] },
    { targetArtifact: { ...good, mediaType: undefined } },
    { targetArtifact: { ...good, mediaType: '' } },
    { targetArtifact: { ...good, mediaType: 1 } },
    { targetArtifact: { ...good, digest: undefined } },
    { targetArtifact: { ...good, digest: 'sha256:00' } },
    { targetArtifact: { ...good, digest: DIGEST.toUpperCase() } },
    { targetArtifact: { ...good, digest: DIGEST.replace('sha256', 'md5') } },
    { targetArtifact: { ...good, size: undefined } },
    { targetArtifact: { ...good, size: '1' } },
    { targetArtifact: { ...good, size: -1 } },
    { targetArtifact: { ...good, size: 1.5 } },
    { targetArtifact: { ...good, annotations: null } },
    { targetArtifact: { ...good, annotations: ['a'] } },
    { targetArtifact: { ...good, annotations: { a: 1 } } },
    { targetArtifact: good, TargetArtifact: { ...good, size: 2 } },
    { targetArtifact: { ...good, Digest: DIGEST } },
    { targetArtifact: { ...good, annotationſ: {} } },
  ]) {
    const bytes = encodeUtf8(JSON.stringify(payload));
    assert.throws(() => parsePayload(bytes), refused('ENVELOPE_PAYLOAD_INVALID'));
  }
});

test('duplicate members, trailing text and broken UTF-8 are refused', () => {
  const inner = `"mediaType":"m","digest":"${DIGEST}","size":1`;
  for (const payload of [
    `{"targetArtifact":{${inner},"size":2}}`,
    `{"targetArtifact":{${inner}},"targetArtifact":{${inner}}}`,
    `{"targetArtifact":{${inner},"\\u0073ize":2}}`,
    `{"targetArtifact":{${inner}}}{}`,
    `\ufeff{"targetArtifact":{${inner}}}`,
    `{"targetArtifact":{${inner.replace(':1', ':9007199254740993')}}}`,
  ]) {
    assert.throws(() => parsePayload(encodeUtf8(payload)), refused('ENVELOPE_PAYLOAD_INVALID'));
  }
  const broken = encodeUtf8(`{"targetArtifact":{${inner}}}`).with(33, 0xff);
  assert.throws(() => parsePayload(broken), refused('ENVELOPE_PAYLOAD_INVALID'));
});

test('a payload larger or deeper than its limit is refused', () => {
  const large = encodeUtf8(`{"x":"${'a'.repeat(ENVELOPE_LIMITS.maxPayloadBytes)}"}`);
  assert.throws(() => parsePayload(large), refused('ENVELOPE_LIMIT_EXCEEDED'));
  const depth = ENVELOPE_LIMITS.maxNestingLevels + 1;
  const deep = encodeUtf8('['.repeat(depth) + ']'.repeat(depth));
  assert.throws(() => parsePayload(deep), refused('ENVELOPE_LIMIT_EXCEEDED'));
});
