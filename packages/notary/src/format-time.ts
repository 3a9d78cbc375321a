import { formatUtc } from '@nv2/core';

/** Milliseconds since the epoch as RFC 3339 in UTC, with fractions only where there are any. */
export function formatTime(ms: number): string {
  const text = formatUtc(ms);
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
