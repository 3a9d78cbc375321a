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

/**
 * A Time of a certificate, in milliseconds since the epoch (RFC 5280 4.1.2.5): `YYMMDDHHMMSSZ` as
 * UTCTime through 2049, `YYYYMMDDHHMMSSZ` as GeneralizedTime from 2050. No other form is accepted:
 * no zone, no fraction, no missing seconds, no GeneralizedTime for an earlier year.
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function readTime(reader: DerReader): number {
  const generalized = reader.peek() === TAG.generalizedTime;
  const value = reader.content(generalized ? TAG.generalizedTime : TAG.utcTime);
  const at = generalized ? 4 : 2;
  if (value.length !== at + 11 || value[at + 10] !== 0x5a)
    malformed('a time is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ');
  const low = twoDigits(value, at - 2);
  // RFC 5280 4.1.2.5.1: 50 to 99 mean the twentieth century.
  const year = generalized ? twoDigits(value, 0) * 100 + low : low + (low >= 50 ? 1900 : 2000);
  const month = twoDigits(value, at);
  const day = twoDigits(value, at + 2);
  const hour = twoDigits(value, at + 4);
  const minute = twoDigits(value, at + 6);
  const second = twoDigits(value, at + 8);
  if (generalized && year < FIRST_GENERALIZED_YEAR)
    malformed('a year before 2050 is written as GeneralizedTime');
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  // Date.UTC carries over what is out of range, so the day of 30 February shows here; so does NaN.
  if (
    !(hour < 24 && minute < 60 && second < 60) ||
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day
  )
    malformed('a time is not a time of the calendar');
  return time;
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
