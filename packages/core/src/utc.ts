const DAY_MS = 86_400_000;

/** The last day that was written, since most of what is written at a time is of few days. */
let known = { day: Number.NaN, text: '' };

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/**
 * An instant in UTC as RFC 3339 has it, of whole milliseconds: `2025-01-07T08:42:43.050Z`, as
 * `toISOString`, in a fifth of its time.
 *
 * @param ms since the epoch
 * @throws RangeError if it is no time, as `toISOString`
 */
export function formatUtc(ms: number): string {
  const at = Math.trunc(ms);
  const day = Math.floor(at / DAY_MS);
  if (day !== known.day) known = { day, text: new Date(at).toISOString().slice(0, -13) };
  const inDay = at - day * DAY_MS;
  const hours = TWO_DIGITS[Math.trunc(inDay / 3_600_000)];
  const minutes = TWO_DIGITS[Math.trunc(inDay / 60_000) % 60];
  const seconds = TWO_DIGITS[Math.trunc(inDay / 1000) % 60];
  return `${known.text}${hours}:${minutes}:${seconds}.${String(inDay % 1000).padStart(3, '0')}Z`;
}
