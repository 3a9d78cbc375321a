import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatUtc } from './utc.ts';

test('a time is written as toISOString writes it', () => {
  const time = fc.date({ noInvalidDate: true }).map((date) => date.getTime());
  const near = fc.tuple(time, fc.integer({ min: -200_000_000, max: 200_000_000 }));
  fc.assert(
    fc.property(near, ([ms, by]) => {
      for (const at of [ms, ms + by, ms]) {
        if (Math.abs(at) > 8.64e15) continue;
        assert.equal(formatUtc(at), new Date(at).toISOString());
      }
    }),
  );
  for (const ms of [0, -0.5, -1, 999.9, 86_399_999, -62_198_755_200_001, 253_402_300_800_000]) {
    assert.equal(formatUtc(ms), new Date(ms).toISOString());
  }
});

test('every day of the four hundred years after which the calendar repeats is written', () => {
  for (let ms = Date.UTC(1599, 11, 31); ms < Date.UTC(2000, 2, 2); ms += 86_400_000)
    assert.equal(formatUtc(ms), new Date(ms).toISOString());
});

test('what is no time is refused', () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) {
    assert.throws(() => formatUtc(ms), RangeError);
  }
});
