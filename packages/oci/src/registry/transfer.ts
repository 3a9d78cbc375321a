import { DEFAULT_TIMEOUTS, type Timeouts } from '@nv2/http';

/** A transfer that is slower than this on the whole is given up. */
const MIN_BYTES_PER_SECOND = 64 * 1024;
/** What a timer of the runtime can hold: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The time that a blob of so many bytes may take: silence is noticed as always. */
export function transferTimeouts(bytes: number): Partial<Timeouts> {
  const neededMs = (bytes / MIN_BYTES_PER_SECOND) * 1000;
  return { totalMs: Math.min(DEFAULT_TIMEOUTS.totalMs + Math.ceil(neededMs), MAX_TIMER_MS) };
}
