import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CborValue } from '@nv2/core';
import fc from 'fast-check';
import {
  type AttributeValue,
  COSE_MEDIA_TYPE,
  EnvelopeError,
  encodePayload,
  type HeaderLabel,
  JWS_MEDIA_TYPE,
  localSigner,
  parsePayload,
  type SignRequest,
  signEnvelope,
  verifyEnvelope,
} from '../src/index.ts';
import { codeOf } from './assertions.ts';
import { identity } from './fixtures.ts';
import { PAYLOAD, PAYLOAD_TYPE } from './forge.ts';

const FORMATS = [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const;

/** Text of any UTF-16 units, halves of surrogates among them. */
const anyText = fc
  .array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff }), fc.nat(0x7f)))
  .map((units) => String.fromCharCode(...units));
const scalar = fc.oneof(
  anyText,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    scalar,
    fc.array(tie('value')),
    fc.array(fc.tuple(scalar, tie('value'))).map((entries) => new Map(entries)),
    fc.record({ tag: fc.oneof(fc.nat(), fc.double()), value: tie('value') }),
    fc.constant(nested(40)),
  ),
}));
const time = fc.oneof(fc.date(), fc.date({ min: new Date(0), max: new Date('9999-12-31') }));
const attribute = fc.record({
  key: fc.oneof(anyText, fc.double(), fc.integer({ min: -20, max: 20 })),
  critical: fc.boolean(),
  value: value as fc.Arbitrary<AttributeValue>,
});

/** A list in a list, so many times. */
function nested(levels: number): CborValue {
  return levels === 0 ? 0 : [nested(levels - 1)];
}

/** What is as it should be more often than not, so that many requests are good in every part. */
function mostly<T>(good: fc.Arbitrary<T>, any: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: any });
}

function requests(signingTime: Date): fc.Arbitrary<SignRequest> {
  const later = fc
    .nat(1e9)
    .map((seconds) => new Date(signingTime.getTime() + 1000 * (seconds + 1)));
  return fc.record(
    {
      payload: mostly(fc.constant(PAYLOAD), fc.oneof(fc.uint8Array(), anyText.map(looseUtf8))),
      payloadType: mostly(fc.constant(PAYLOAD_TYPE), anyText),
      scheme: fc.constantFrom('notary.x509', 'notary.x509.signingAuthority'),
      signingTime: mostly(fc.constant(signingTime), time),
      expiry: mostly(later, time),
      extendedAttributes: fc.array(attribute, { maxLength: 2 }),
      signingAgent: mostly(fc.string({ unit: 'binary' }), anyText),
      utcOffsetMinutes: mostly(
        fc.integer({ min: -1439, max: 1439 }),
        fc.oneof(fc.integer({ min: -1500, max: 1500 }), fc.double()),
      ),
    },
    { requiredKeys: ['payload', 'payloadType', 'scheme', 'signingTime'] },
  );
}

function looseUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('what is asked to be signed', () => {
  for (const format of FORMATS)
    test(`is signed as ${format} and reads back, or is refused with a code of this package`, async () => {
      const { chain, key, now } = await identity('EC-256');
      const signer = localSigner(key, chain);
      await fc.assert(
        fc.asyncProperty(requests(new Date(now)), async (request) => {
          let bytes: Uint8Array;
          try {
            bytes = await signEnvelope(format, request, { signer });
          } catch (error) {
            assert.ok(error instanceof EnvelopeError, String(error));
            return;
          }
          const { content } = await verifyEnvelope(bytes, format);
          assert.deepEqual(content.payload, request.payload);
          assert.equal(content.signingAgent, request.signingAgent);
          const labels = (request.extendedAttributes ?? []).map(({ key }) => String(key));
          const read = content.extendedAttributes.map(({ key }) => String(key));
          assert.deepEqual(read.toSorted(), labels.toSorted());
        }),
        { numRuns: 400 },
      );
    });

  const round: unknown[] = [];
  round.push(round);
  const values: Readonly<Record<string, unknown>> = {
    undefined: undefined,
    'a function': () => 1,
    'a symbol': Symbol('x'),
    'an object that is no Map': { a: 1 },
    'a list with a hole': new Array(1),
    'a list that holds itself': round,
    'not a number': Number.NaN,
    'half a surrogate': ['\udc00'],
    'a map with such a label': new Map([['\udc00', 1]]),
    'a list too deep': nested(5000),
  };
  for (const [what, value] of Object.entries(values))
    test(`an attribute that is ${what} is refused before anything is signed`, async () => {
      const { chain, key, now } = await identity('EC-256');
      const { algorithm } = localSigner(key, chain);
      const signer = { algorithm, sign: () => assert.fail('nothing is to be signed') };
      for (const format of FORMATS)
        for (const label of ['io.example.x', 40] satisfies HeaderLabel[]) {
          const request: SignRequest = {
            payload: PAYLOAD,
            payloadType: PAYLOAD_TYPE,
            scheme: 'notary.x509',
            signingTime: new Date(now),
            extendedAttributes: [{ key: label, critical: false, value: value as AttributeValue }],
          };
          await assert.rejects(signEnvelope(format, request, { signer }), (error) =>
            ['ENVELOPE_REQUEST_INVALID', 'ENVELOPE_LIMIT_EXCEEDED'].includes(codeOf(error)),
          );
        }
    });

  test('a payload with half a surrogate is refused', () => {
    const target = { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
    for (const changes of [{ mediaType: 'a/\ud800' }, { annotations: { a: '\udfff' } }])
      assert.throws(() => encodePayload({ ...target, ...changes }, JWS_MEDIA_TYPE), {
        code: 'ENVELOPE_REQUEST_INVALID',
      });
  });

  test('a member named like what every object has is an annotation like any other', () => {
    const annotations = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const target = { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 1, annotations };
    for (const format of FORMATS) {
      const { targetArtifact } = parsePayload(encodePayload(target, format));
      assert.deepEqual(Object.entries(targetArtifact.annotations ?? {}), [
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]);
    }
  });
});
