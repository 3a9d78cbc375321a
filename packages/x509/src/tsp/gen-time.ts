import { type DerReader, TAG } from '@nv2/core';
import { X509Error } from '../errors.ts';
import { decodeClock } from '../time.ts';

/** A moment as a timestamp has it. */
export interface PreciseTime {
  /** Whole milliseconds since the epoch. */
  readonly milliseconds: number;
  /** What comes on top, below one millisecond: 0 to 999,999. */
  readonly nanoseconds: number;
}

/** `YYYYMMDDHHMMSS`, before a fraction and `Z`. */
const CLOCK_OCTETS = 14;

/**
 * Reads a GeneralizedTime of RFC 3161 2.4.2: `YYYYMMDDhhmmss[.s…]Z`, in UTC, with seconds, the
 * fraction of up to nine digits without trailing zeros.
 * @throws X509Error `X509_TIMESTAMP_INVALID`, `X509_CERTIFICATE_INVALID` for no time of the calendar
 */
export function readGenTime(reader: DerReader): PreciseTime {
  const value = reader.content(TAG.generalizedTime);
  const clock = new Uint8Array(CLOCK_OCTETS + 1).fill(0x5a);
  clock.set(value.subarray(0, CLOCK_OCTETS));
  const second = decodeClock({ bytes: clock, start: 0, end: clock.length }, 4);
  const fraction = String.fromCharCode(...value.subarray(CLOCK_OCTETS, CLOCK_OCTETS + 12));
  const digits = /^(?:\.([0-9]{0,8}[1-9]))?Z$/.exec(fraction);
  if (digits === null)
    throw new X509Error(
      'X509_TIMESTAMP_INVALID',
      'timestamp: a time is not of the form YYYYMMDDhhmmss[.s]Z',
    );
  const nanoseconds = Number((digits[1] ?? '').padEnd(9, '0'));
  return {
    milliseconds: second + Math.floor(nanoseconds / 1e6),
    nanoseconds: nanoseconds % 1e6,
  };
}
