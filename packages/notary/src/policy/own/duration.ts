import { quoted } from '@nv2/core';
import { mapped, mistake, type Shape, text } from './shape.ts';

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 60 * 60],
  ['d', 24 * 60 * 60],
]);

/** Nothing that is measured here lasts longer: 100 years. */
const MAX_SECONDS = 100 * 365 * 24 * 60 * 60;

const DURATION = /^(?:\d{1,9}[dhms])+$/;

/** A length of time such as `90s`, `12h` or `1d12h`; seconds, at least 1. */
export const duration: Shape<number> = durationTo(MAX_SECONDS, '36500d');

/** One that is not longer than so many seconds, of which `max` is the text. */
export function durationTo(maxSeconds: number, max: string): Shape<number> {
  return mapped(
    text(`a length of time such as 90s, 12h or 30d, at most ${max}`, DURATION),
    (value, at) => {
      let seconds = 0;
      for (const [, count, unit] of value.matchAll(/(\d+)([dhms])/g)) {
        seconds += Number(count) * (UNIT_SECONDS.get(unit ?? '') ?? 0);
      }
      if (seconds >= 1 && seconds <= maxSeconds) return seconds;
      throw mistake(at, `expected from 1s to ${max}, got ${quoted(value)}`);
    },
  );
}
