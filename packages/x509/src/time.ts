import { type DerReader, derEncode, TAG } from '@nv2/core';
import { malformed, X509Error } from './errors.ts';

/** From this year on validity is written as GeneralizedTime (RFC 5280 4.1.2.5). */
const FIRST_GENERALIZED_YEAR = 2050;

/** Two decimal digits at `at`; NaN if they are not digits. */
function twoDigits(value: Uint8Array, at: number): number {
  const tens = (value[at] ?? 0) - 0x30;
  const ones = (value[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Octets from `start` (included) to `end` (excluded). */
export interface OctetRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * A Time of a certificate or CRL, in milliseconds since the epoch (RFC 5280 4.1.2.5):
 * `YYMMDDHHMMSSZ` as UTCTime through 2049, `YYYYMMDDHHMMSSZ` as GeneralizedTime from 2050. No other
 * form is accepted: no zone, no fraction, no missing seconds, no GeneralizedTime for an earlier year.
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function readTime(reader: DerReader): number {
  const tag = reader.peek() === TAG.generalizedTime ? TAG.generalizedTime : TAG.utcTime;
  return decodeTime(wholeOf(reader.content(tag)), tag);
}

/**
 * The content octets of a Time, as {@link readTime} has it, from UTCTime or GeneralizedTime.
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function decodeTime(content: OctetRange, tag: number): number {
  if (tag === TAG.utcTime) return decodeClock(content, 2);
  const { bytes, start } = content;
  const time = decodeClock(content, 4);
  if (twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2) < FIRST_GENERALIZED_YEAR)
    malformed('a year before 2050 is written as GeneralizedTime');
  return time;
}

/**
 * A GeneralizedTime where no other type is allowed, in milliseconds since the epoch, of any year:
 * `YYYYMMDDHHMMSSZ` (RFC 5280 4.1.2.5.2, 5.3.2; RFC 6960 4.2.2.1).
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function readGeneralizedTime(reader: DerReader): number {
  return decodeClock(wholeOf(reader.content(TAG.generalizedTime)), 4);
}

function wholeOf(bytes: Uint8Array): OctetRange {
  return { bytes, start: 0, end: bytes.length };
}

/** A year of so many digits, then `MMDDHHMMSSZ`. Nothing is allocated: CRLs have many times. */
export function decodeClock({ bytes, start, end }: OctetRange, yearDigits: 2 | 4): number {
  const at = start + yearDigits;
  if (end !== at + 11 || bytes[at + 10] !== 0x5a)
    malformed('a time is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ');
  const low = twoDigits(bytes, at - 2);
  // RFC 5280 4.1.2.5.1: 50 to 99 mean the twentieth century.
  const century = yearDigits === 4 ? twoDigits(bytes, start) : low >= 50 ? 19 : 20;
  const year = century * 100 + low;
  const month = twoDigits(bytes, at);
  const day = twoDigits(bytes, at + 2);
  const hour = twoDigits(bytes, at + 4);
  const minute = twoDigits(bytes, at + 6);
  const second = twoDigits(bytes, at + 8);
  const ofCalendar =
    month >= 1 && month <= 12 && day >= 1 && day <= daysOf(month, year) && year >= 100;
  if (!(ofCalendar && hour < 24 && minute < 60 && second < 60))
    malformed('a time is not a time of the calendar');
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function daysOf(month: number, year: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Encodes a Time: the inverse of {@link readTime}. Milliseconds are cut off.
 * @throws X509Error `X509_TEMPLATE_INVALID` outside the years 1950 to 9999
 */
export function encodeTime(milliseconds: number): Uint8Array {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999))
    throw new X509Error('X509_TEMPLATE_INVALID', 'time is outside the years 1950 to 9999');
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  const generalized = year >= FIRST_GENERALIZED_YEAR;
  const text = generalized ? digits : digits.slice(2);
  return derEncode(generalized ? TAG.generalizedTime : TAG.utcTime, new TextEncoder().encode(text));
}
