import type { FlagSpec } from '../table/types.ts';
import { quote } from '../text/quote.ts';
import { parseDuration } from './duration.ts';

/** The value of a flag: what its type says, durations in nanoseconds. */
export type FlagValue = boolean | string | readonly string[] | number | bigint;

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
const MAX_INT64 = (1n << 63n) - 1n;
// Go's ParseInt with base 0: a sign, a base prefix, and single underscores between digits.
const INTEGER =
  /^([+-]?)(?:(0[xX])_?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|(0[bB])_?([01]+(?:_[01]+)*)|(0[oO]?)_?([0-7]+(?:_[0-7]+)*)|([0-9]|[1-9][0-9]*(?:_[0-9]+)*))$/;

/** The value that a flag has when it is not on the command line. */
export function defaultValue(flag: FlagSpec): FlagValue {
  switch (flag.type) {
    case 'bool':
      return false;
    case 'string':
      return String(flag.default ?? '');
    case 'stringArray':
      return [];
    case 'int':
      return Number(flag.default ?? 0);
    case 'duration':
      return 0n;
  }
}

/**
 * The value after the flag was given once more: scalars are replaced, arrays grow.
 * @throws RangeError with Go's words when the text is not of the flag's type
 */
export function nextValue(flag: FlagSpec, text: string, before: FlagValue): FlagValue {
  switch (flag.type) {
    case 'bool':
      return parseBool(text);
    case 'string':
      return text;
    case 'stringArray':
      return [...(Array.isArray(before) ? before : []), text];
    case 'int':
      return parseInteger(text);
    case 'duration':
      return parseDuration(text);
  }
}

/** A boolean as Go's `strconv.ParseBool` reads it. */
export function parseBool(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new RangeError(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}

/** An integer as Go's `strconv.ParseInt(text, 0, 64)` reads it; beyond 2^53 it is out of range. */
export function parseInteger(text: string): number {
  const match = INTEGER.exec(text);
  if (match === null) {
    throw new RangeError(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  }
  const [, sign, , hex, , binary, , octal, decimal] = match;
  const digits = (prefix: string, found: string): bigint =>
    BigInt(prefix + found.replaceAll('_', ''));
  const magnitude =
    hex !== undefined
      ? digits('0x', hex)
      : binary !== undefined
        ? digits('0b', binary)
        : octal !== undefined
          ? digits('0o', octal)
          : digits('', decimal ?? '');
  const value = Number(sign === '-' ? -magnitude : magnitude);
  if (magnitude > MAX_INT64 || !Number.isSafeInteger(value)) {
    throw new RangeError(`strconv.ParseInt: parsing ${quote(text)}: value out of range`);
  }
  return value;
}
