import { formatUtc } from '@nv2/core';

/** The last second that RFC 3339 and the reference can write, 9999-12-31T23:59:59Z, in ms. */
export const LATEST_TIME_MS = 253_402_300_799_000;

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

const MINUTE_MS = 60_000;

/**
 * Milliseconds since the epoch of an RFC 3339 5.6 date-time, or undefined for anything else:
 * upper-case `T` and `Z`, days that exist, no leap second, years 1970 to 9999. A fraction is
 * allowed (the specification says it SHOULD NOT be used) and cut to milliseconds.
 */
export function parseRfc3339(text: string): number | undefined {
  if (!DATE_TIME.test(text)) return undefined;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  const hour = Number(text.slice(11, 13));
  const minute = Number(text.slice(14, 16));
  const second = Number(text.slice(17, 19));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  // a day or month that does not exist is rolled over by Date.UTC
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const zoneStart = text.length - (text.endsWith('Z') ? 1 : 6);
  const offset = offsetMinutes(text.slice(zoneStart));
  if (offset === undefined) return undefined;
  // after the point; nothing where there is none
  const fraction = Number(text.slice(20, zoneStart).padEnd(3, '0').slice(0, 3));
  const ms = date.getTime() + (hour * 60 + minute - offset) * MINUTE_MS + second * 1000 + fraction;
  return year >= 1970 && ms >= 0 && ms <= LATEST_TIME_MS + 999 ? ms : undefined;
}

/** Of `Z` or `+08:00`. */
function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * An instant as an RFC 3339 date-time of whole seconds, in the zone that many minutes east of UTC:
 * `2025-01-07T08:42:43Z`, or `2025-01-07T16:42:43+08:00` for 480.
 */
export function formatRfc3339(ms: number, utcOffsetMinutes = 0): string {
  const local = formatUtc(ms + utcOffsetMinutes * MINUTE_MS).slice(0, 19);
  if (utcOffsetMinutes === 0) return `${local}Z`;
  const minutes = Math.abs(utcOffsetMinutes);
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  const mm = String(minutes % 60).padStart(2, '0');
  return `${local}${utcOffsetMinutes < 0 ? '-' : '+'}${hh}:${mm}`;
}
