import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha1 } from './sha1.ts';

test('SHA-1 of any octets is what node:crypto makes of them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      assert.deepEqual(sha1(data), new Uint8Array(createHash('sha1').update(data).digest()));
    }),
  );
});

test('SHA-1 pads every length of the last block', () => {
  for (let length = 0; length <= 130; length++) {
    const data = new Uint8Array(length).fill(0xa5);
    assert.deepEqual(sha1(data), new Uint8Array(createHash('sha1').update(data).digest()));
  }
});
