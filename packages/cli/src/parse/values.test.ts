import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseDuration } from './duration.ts';
import { parseBool, parseInteger } from './values.ts';

const SECOND = 1_000_000_000n;

describe('durations', () => {
  const good: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['+0', 0n],
    ['24h', 86_400n * SECOND],
    ['1h30m', 5_400n * SECOND],
    ['1.5h', 5_400n * SECOND],
    ['.5s', SECOND / 2n],
    ['1.s', SECOND],
    ['-1s', -SECOND],
    ['1h2h', 10_800n * SECOND],
    ['3us', 3_000n],
    ['3µs', 3_000n],
    ['1ns', 1n],
    ['2562047h47m16.854775807s', (1n << 63n) - 1n],
  ];
  for (const [text, nanoseconds] of good) {
    test(`${text} is read as Go reads it`, () => assert.equal(parseDuration(text), nanoseconds));
  }
  const bad: readonly (readonly [string, string])[] = [
    ['', 'time: invalid duration ""'],
    ['x', 'time: invalid duration "x"'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['1', 'time: missing unit in duration "1"'],
    ['1h2', 'time: missing unit in duration "1h2"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1h-2m', 'time: unknown unit "h-" in duration "1h-2m"'],
    ['99999999999h', 'time: invalid duration "99999999999h"'],
  ];
  for (const [text, message] of bad) {
    test(`${JSON.stringify(text)} is refused in Go's words`, () =>
      assert.throws(() => parseDuration(text), { name: 'RangeError', message }));
  }
  test('any text is read or refused with a RangeError', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0159.+-hmsnu µ'.split('')) }), (text) => {
        try {
          assert.equal(typeof parseDuration(text), 'bigint');
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
    );
  });
});

describe('integers', () => {
  const good: readonly (readonly [string, number])[] = [
    ['5', 5],
    ['-5', -5],
    ['+5', 5],
    ['0', 0],
    ['010', 8],
    ['0o17', 15],
    ['0x10', 16],
    ['0b11', 3],
    ['1_000', 1000],
    ['0x_f', 15],
  ];
  for (const [text, value] of good) {
    test(`${text} is read with its base`, () => assert.equal(parseInteger(text), value));
  }
  for (const text of ['', 'a', '08', '1_', '_1', '1__0', '1e3', '0x', ' 1']) {
    test(`${JSON.stringify(text)} is no integer`, () => {
      const message = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
      assert.throws(() => parseInteger(text), { message });
    });
  }
  test('what does not fit is out of range', () => {
    const message = 'strconv.ParseInt: parsing "99999999999999999999": value out of range';
    assert.throws(() => parseInteger('99999999999999999999'), { message });
  });
});

test('booleans have the spellings of Go and no others', () => {
  for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True']) assert.equal(parseBool(text), true);
  for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False'])
    assert.equal(parseBool(text), false);
  for (const text of ['', 'yes', 'tRUE', 'on']) assert.throws(() => parseBool(text), RangeError);
});
