import type { Clock } from '@nv2/http';
import type { AskContext } from './ask-context.ts';
import type { CrlCache } from './crl-cache.ts';

const TIMEOUT_MS = 2000;

/**
 * A cache that is waited for no longer than its kind may take, and is left of the time for all
 * questions about a chain, and until the caller gives up. One that was silent for so long, as on a
 * mount that hangs, is from then on as none.
 */
export function cacheInTime(
  cache: CrlCache,
  by: Pick<AskContext, 'remainingMs' | 'log'> & {
    readonly clock: Clock;
    readonly signal: AbortSignal | undefined;
  },
): CrlCache {
  const { clock, signal, remainingMs, log } = by;
  let isSilent = false;
  const inTime = <T>(url: string, act: () => Promise<T>): Promise<T | undefined> => {
    const leftMs = Math.min(TIMEOUT_MS, remainingMs());
    if (isSilent || leftMs <= 0 || signal?.aborted === true) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        stopTimer();
        signal?.removeEventListener('abort', end);
        resolve(undefined);
      };
      const stopTimer = clock.setTimer(() => {
        if (!isSilent) log?.({ event: 'silent', url });
        isSilent = true;
        end();
      }, leftMs);
      signal?.addEventListener('abort', end);
      act().then(resolve, reject).finally(end);
    });
  };
  return {
    get: (url) => inTime(url, async () => await cache.get(url)),
    set: (url, bundle) => inTime(url, async () => await cache.set(url, bundle)),
  };
}
