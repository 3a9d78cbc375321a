import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatRfc3339, LATEST_TIME_MS, parseRfc3339 } from './rfc3339.ts';

test('a date-time is read in its zone', () => {
  assert.equal(parseRfc3339('2022-04-06T07:01:20Z'), 1_649_228_480_000);
  assert.equal(parseRfc3339('2022-04-06T07:01:20+08:00'), 1_649_199_680_000);
  assert.equal(parseRfc3339('2022-04-06T07:01:20-08:30'), 1_649_259_080_000);
  assert.equal(parseRfc3339('2022-04-06T07:01:20-00:00'), 1_649_228_480_000);
  assert.equal(parseRfc3339('2024-02-29T00:00:00Z'), 1_709_164_800_000);
});

test('a fraction is cut to milliseconds', () => {
  assert.equal(parseRfc3339('2022-04-06T07:01:20.5Z'), 1_649_228_480_500);
  assert.equal(parseRfc3339('2022-04-06T07:01:20.123999999Z'), 1_649_228_480_123);
});

test('what is not a date-time of RFC 3339 is refused', () => {
  for (const text of [
    '',
    '2022-04-06',
    '2022-04-06t07:01:20Z',
    '2022-04-06T07:01:20z',
    '2022-04-06 07:01:20Z',
    '2022-04-06T07:01:20',
    '2022-04-06T07:01:60Z',
    '2022-04-06T07:60:20Z',
    '2022-04-06T24:01:20Z',
    '2022-02-30T07:01:20Z',
    '2023-02-29T00:00:00Z',
    '2022-13-01T07:01:20Z',
    '2022-00-01T07:01:20Z',
    '2022-04-00T07:01:20Z',
    '2022-04-06T07:01:20+24:00',
    '2022-04-06T07:01:20+08:60',
    '2022-04-06T07:01:20+0800',
    '2022-04-06T07:01:20,5Z',
    '2022-04-06T07:01:20.Z',
    '2022-04-06T07:01:20.1234567890Z',
    '2022-04-06T7:01:20Z',
    ' 2022-04-06T07:01:20Z',
    '2022-04-06T07:01:20Z\n',
    '٢٠٢٢-04-06T07:01:20Z',
    '0001-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+00:01',
    '10000-01-01T00:00:00Z',
  ]) {
    assert.equal(parseRfc3339(text), undefined, text);
  }
});

test('what is written is read back as the same instant, in any zone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 86_400, max: LATEST_TIME_MS / 1000 - 86_400 }),
      fc.integer({ min: -1439, max: 1439 }),
      (seconds, offset) => {
        const text = formatRfc3339(seconds * 1000, offset);
        assert.equal(parseRfc3339(text), seconds * 1000);
        assert.equal(Date.parse(text), seconds * 1000);
      },
    ),
  );
});

test('any text at all is read as Date.parse reads it, or refused', () => {
  const digits = fc.stringMatching(
    /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/,
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits), (text) => {
      const ms = parseRfc3339(text);
      if (ms !== undefined) assert.equal(ms, Date.parse(text));
    }),
  );
});
