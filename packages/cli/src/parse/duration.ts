import { quote } from '../text/quote.ts';

const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const MAX_INT64 = (1n << 63n) - 1n;
const TERM = /^([0-9]*)(?:\.([0-9]*))?/;
const UNIT = /^[^0-9.]+/;

/**
 * A duration as Go's `time.ParseDuration` reads it (`1h30m`, `-1.5s`, `0`), in nanoseconds.
 * Fractions are cut to whole nanoseconds.
 * @throws RangeError with Go's words for anything else
 */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid(text);
  let total = 0n;
  while (rest !== '') {
    const term = readTerm(rest, text);
    total += term.nanoseconds;
    rest = term.rest;
    if (total > MAX_INT64 + (negative ? 1n : 0n)) throw invalid(text);
  }
  return negative ? -total : total;
}

function readTerm(rest: string, text: string): { nanoseconds: bigint; rest: string } {
  const [matched = '', whole = '', fraction] = TERM.exec(rest) ?? [];
  if (whole === '' && (fraction === undefined || fraction === '')) throw invalid(text);
  const afterNumber = rest.slice(matched.length);
  const [unit] = UNIT.exec(afterNumber) ?? [];
  if (unit === undefined) throw new RangeError(`time: missing unit in duration ${quote(text)}`);
  const scale = NANOSECONDS.get(unit);
  if (scale === undefined) {
    throw new RangeError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
  }
  const digits = fraction ?? '';
  const part = digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
  return {
    nanoseconds: BigInt(whole === '' ? '0' : whole) * scale + part,
    rest: afterNumber.slice(unit.length),
  };
}

function invalid(text: string): RangeError {
  return new RangeError(`time: invalid duration ${quote(text)}`);
}
