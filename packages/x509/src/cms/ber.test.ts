import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeHex, derEncode, encodeHex, TAG } from '@nv2/core';
import { toBer } from '@nv2/testkit';
import fc from 'fast-check';
import { X509Error } from '../errors.ts';
import { type BerProblem, berToDer } from './ber.ts';

/** Any DER of the tags that matter, SETs in order. */
const der: fc.Arbitrary<Uint8Array> = fc.letrec<{ readonly element: Uint8Array }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc
      .tuple(
        fc.constantFrom(TAG.integer, TAG.octetString, TAG.oid, TAG.utf8String, 0x80, 0x86),
        fc.uint8Array({ maxLength: 200 }),
      )
      .map(([tag, content]) => derEncode(tag, content)),
    fc
      .tuple(fc.constantFrom(TAG.sequence, 0xa0, 0xa3), fc.array(tie('element'), { maxLength: 5 }))
      .map(([tag, members]) => derEncode(tag, ...members)),
    fc
      .array(tie('element'), { maxLength: 5 })
      .map((members) => derEncode(TAG.set, ...members.sort(Buffer.compare))),
  ),
})).element;

function problem(bytes: Uint8Array, expected: BerProblem, limits = {}): void {
  assert.throws(
    () => berToDer(bytes, limits),
    (error: unknown) => {
      assert.ok(error instanceof X509Error, String(error));
      assert.equal(error.code, 'X509_BER_INVALID');
      assert.equal(error.data['reason'], expected, error.message);
      return true;
    },
  );
}

describe('BER to DER', () => {
  test('DER comes back as it is, uncopied', () => {
    fc.assert(
      fc.property(der, (bytes) => {
        const out = berToDer(bytes);
        assert.equal(out.buffer, bytes.buffer);
        assert.deepEqual(out, bytes);
      }),
    );
  });

  test('every other form of the same value comes out in DER', () => {
    const forms = fc.record({
      indefinite: fc.boolean(),
      longLengths: fc.boolean(),
      reverseSets: fc.boolean(),
    });
    const segment = fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined });
    fc.assert(
      fc.property(der, forms, segment, (bytes, form, octets) => {
        const ber = toBer(bytes, octets === undefined ? form : { ...form, segment: octets });
        assert.deepEqual(berToDer(ber), bytes);
      }),
    );
  });

  test('any bytes come out in DER or are refused by name', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let out: Uint8Array;
        try {
          out = berToDer(bytes);
        } catch (error) {
          assert.ok(error instanceof X509Error && error.code === 'X509_BER_INVALID', String(error));
          return;
        }
        assert.deepEqual(berToDer(out), out);
      }),
      { numRuns: 2000 },
    );
  });

  const forms: Readonly<Record<string, readonly [string, string]>> = {
    'TRUE is 0xff': ['010101', '0101ff'],
    'FALSE stays': ['010100', '010100'],
    'segments of an octet string are joined, also segments of segments': [
      '2480 040101 2404 04020203 040104 0000',
      '040401020304',
    ],
    'segments of a bit string are joined': ['2309 03020001 0303040 2f0', '0304040102f0'],
    'text in segments is joined': ['2c07 040141 04024243', '0c03414243'],
    'an empty string of no segments is empty': ['24800000', '0400'],
    'a SET is put in order': ['3106 020102 020101', '3106020101020102'],
    'nested indefinite lengths end at their own ends': ['3080 3080 0000 0000', '30023000'],
  };
  for (const [name, [ber, expected]] of Object.entries(forms))
    test(name, () => {
      assert.equal(encodeHex(berToDer(decodeHex(ber.replaceAll(' ', '')))), expected);
    });

  const problems: Readonly<Record<string, readonly [string, BerProblem]>> = {
    nothing: ['', 'empty'],
    'a tag alone': ['30', 'truncated'],
    'a high tag number': ['1f8101 00', 'identifier'],
    'an end of contents on its own': ['0000', 'identifier'],
    'an end of contents in a definite length': ['3002 0000', 'identifier'],
    'a short length past the end': ['0402 01', 'short-length-exceeds'],
    'a long length past the end': ['04820100 01', 'long-length-exceeds'],
    'a length of four gigabytes': ['0484ffffffff 01', 'long-length-exceeds'],
    'a length in more octets than there are': ['0485 01', 'length'],
    'the reserved length': ['04ff 01', 'length'],
    'a primitive of indefinite length': ['0480 0000', 'indefinite-primitive'],
    'an indefinite length without end': ['3080 020101', 'truncated'],
    'something after the element': ['0500 00', 'trailing'],
    'a segment of another type': ['2403 0c0141', 'segment'],
    'a bit string whose first segment is no whole octets': ['2308 03020400 03020000', 'segment'],
    'a bit string with an empty segment': ['2302 0300', 'segment'],
    'a member past the end of its container': ['3003 0402 01', 'short-length-exceeds'],
  };
  for (const [name, [hex, reason]] of Object.entries(problems))
    test(`${name} is refused`, () => problem(decodeHex(hex.replaceAll(' ', '')), reason));

  test('limits hold for size, depth and number of elements', () => {
    problem(new Uint8Array(1024 * 1024 + 1), 'limit');
    problem(decodeHex('300430023000'), 'limit', { maxDepth: 2 });
    problem(decodeHex('3006050005000500'), 'limit', { maxElements: 3 });
    berToDer(decodeHex('300430023000'), { maxDepth: 3 });
    const nulls = derEncode(TAG.sequence, new Uint8Array(1024 * 1024 - 8));
    problem(
      nulls.fill(5, 5).map((octet, i) => (i > 4 && i % 2 === 0 ? 0 : octet)),
      'limit',
    );
  });

  test('security row 29: nesting of any kind ends at the depth cap, not at the stack', () => {
    for (const tag of [0x30, 0x24, 0xa0])
      problem(
        Uint8Array.from({ length: 400_000 }, (_, i) => (i % 2 === 0 ? tag : 0x80)),
        'limit',
      );
  });
});
