import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreError, type DigestAlgorithm, formatDigest, isDigest, parseDigest } from '@nv2/core';
import fc from 'fast-check';

const LENGTHS = { sha256: 64, sha384: 96, sha512: 128 } as const;
const digest = fc.constantFrom<DigestAlgorithm>('sha256', 'sha384', 'sha512').chain((algorithm) =>
  fc
    .string({
      unit: fc.constantFrom(...'0123456789abcdef'),
      minLength: LENGTHS[algorithm],
      maxLength: LENGTHS[algorithm],
    })
    .map((hex) => ({ algorithm, hex })),
);

test('format then parse gives the digest', () => {
  fc.assert(
    fc.property(digest, (value) => {
      assert.deepEqual(parseDigest(formatDigest(value)), value);
      assert.ok(isDigest(formatDigest(value)));
    }),
  );
});

test('any text parses and formats to itself, or is refused; isDigest says the same', () => {
  const mutated = fc
    .tuple(digest, fc.nat(), fc.constantFrom('', ':', 'A', 'g', '\n', '00'))
    .map(([value, at, replacement]) => {
      const text = formatDigest(value);
      const index = at % text.length;
      return text.slice(0, index) + replacement + text.slice(index + 1);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string()), (text) => {
      try {
        assert.equal(formatDigest(parseDigest(text)), text);
        assert.ok(isDigest(text));
      } catch (error) {
        assert.ok(error instanceof CoreError && error.code === 'DIGEST_INVALID');
        assert.ok(!isDigest(text));
      }
    }),
  );
});

test('other algorithms, lengths, cases and surroundings are refused', () => {
  const hex = 'a'.repeat(64);
  const texts = [
    '',
    ':',
    'sha256',
    'sha256:',
    `sha256:${hex}a`,
    `sha256:${hex.slice(1)}`,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `md5:${'a'.repeat(32)}`,
    `sha1:${'a'.repeat(40)}`,
    `sha512:${hex}`,
    ` sha256:${hex}`,
    `sha256:${hex}\n`,
    `sha256:${hex}:x`,
    `${hex}`,
    `__proto__:${hex}`,
  ];
  for (const text of texts)
    assert.throws(() => parseDigest(text), { code: 'DIGEST_INVALID' }, text);
});
