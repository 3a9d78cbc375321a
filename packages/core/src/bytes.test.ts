import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CoreError,
  compareBytes,
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
} from '@nv2/core';
import fc from 'fast-check';

const bytes = fc.uint8Array({ maxLength: 40 });

test('concatenation, order and equality agree with Buffer', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), bytes, bytes, (parts, a, b) => {
      assert.deepEqual(Buffer.from(concatBytes(...parts)), Buffer.concat(parts));
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0);
      assert.ok(equalBytes(a, Uint8Array.from(a)));
    }),
  );
});

test('a prefix sorts first and octets compare unsigned', () => {
  assert.ok(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0);
  assert.ok(compareBytes(Uint8Array.of(0xff), Uint8Array.of(0x7f)) > 0);
});

test('UTF-8: encode then decode gives the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(decodeUtf8(encodeUtf8(text)), text);
    }),
  );
});

test('UTF-8: any octets decode and re-encode to themselves, or are refused at the right place', () => {
  const mutated = fc
    .tuple(fc.string({ unit: 'binary' }), fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([text, at, value]) => {
      const out = encodeUtf8(text);
      if (out.length > 0) out[at % out.length] = value;
      return out;
    });
  fc.assert(
    fc.property(fc.oneof(bytes, mutated), (octets) => {
      let text: string;
      try {
        text = decodeUtf8(octets);
      } catch (error) {
        assert.ok(error instanceof CoreError && error.code === 'ENCODING_INVALID');
        const offset = Number(error.data['offset']);
        // Everything before is text, and one octet more of it no longer starts any text.
        decodeUtf8(octets.subarray(0, offset));
        assert.ok(offset < octets.length);
        return;
      }
      assert.deepEqual(encodeUtf8(text), octets);
    }),
    { numRuns: 1000 },
  );
});

test('UTF-8: a byte order mark is kept', () => {
  assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\ufeffA');
});

test('UTF-8: overlong forms, surrogates and values above U+10FFFF are refused', () => {
  const cases = [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0x80],
    [0xe2, 0x82],
  ];
  for (const octets of cases)
    assert.throws(() => decodeUtf8(Uint8Array.from([0x41, ...octets])), {
      code: 'ENCODING_INVALID',
      data: { offset: 1 },
    });
});

test('UTF-8: a lone surrogate cannot be encoded', () => {
  for (const text of ['\ud800', 'a\udc00', '\udc00\ud800'])
    assert.throws(() => encodeUtf8(text), { code: 'ENCODING_INVALID' });
});
