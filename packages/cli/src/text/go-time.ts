const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;
const OFFSET = /([+-])([0-9]{2}):([0-9]{2})$/;

/** The offset from UTC in minutes that an RFC 3339 time was written with. */
export function offsetOf(rfc3339: string): number {
  const [, sign, hours, minutes] = OFFSET.exec(rfc3339) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** `Tue Jan  7 08:42:43 2025`, in a zone so many minutes east of UTC (Go's time.ANSIC). */
export function formatAnsiC(milliseconds: number, offsetMinutes = 0): string {
  const t = shifted(milliseconds, offsetMinutes);
  const day = String(t.getUTCDate()).padStart(2, ' ');
  return `${DAYS[t.getUTCDay()]} ${MONTHS[t.getUTCMonth()]} ${day} ${clock(t)} ${year(t)}`;
}

/** `Tue, 27 Jun 2023 06:10:00 +0000` (Go's time.RFC1123Z, in UTC). */
export function formatRfc1123(milliseconds: number): string {
  const t = new Date(milliseconds);
  const date = `${pad(t.getUTCDate())} ${MONTHS[t.getUTCMonth()]} ${year(t)}`;
  return `${DAYS[t.getUTCDay()]}, ${date} ${clock(t)} +0000`;
}

/** `2023-12-25 08:15:42 +0000 UTC` (Go's time.Time.String, in UTC). */
export function formatGoString(milliseconds: number): string {
  const t = new Date(milliseconds);
  return `${isoDate(t)} ${clock(t)} +0000 UTC`;
}

/**
 * `2025-01-07T08:42:43Z`, or with the offset of a zone so many minutes east of UTC. Milliseconds
 * are there if they are not 0, without trailing zeros (Go's time.RFC3339Nano).
 */
export function formatRfc3339(milliseconds: number, offsetMinutes = 0): string {
  const t = shifted(milliseconds, offsetMinutes);
  const fraction = t.getUTCMilliseconds() / 1000;
  return `${isoDate(t)}T${clock(t)}${fraction === 0 ? '' : String(fraction).slice(1)}${zone(offsetMinutes)}`;
}

function zone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z';
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function shifted(milliseconds: number, offsetMinutes: number): Date {
  return new Date(milliseconds + offsetMinutes * 60_000);
}

function isoDate(t: Date): string {
  return `${year(t)}-${pad(t.getUTCMonth() + 1)}-${pad(t.getUTCDate())}`;
}

function clock(t: Date): string {
  return `${pad(t.getUTCHours())}:${pad(t.getUTCMinutes())}:${pad(t.getUTCSeconds())}`;
}

function year(t: Date): string {
  return String(t.getUTCFullYear()).padStart(4, '0');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
