import { HttpError } from '../errors.ts';
import type { Clock } from './types.ts';

/** What a timer of the platform can wait for at most, some 25 days; one that is set longer ends at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  setTimer(callback, delayMs, background = false) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    if (background) timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Returns after so many milliseconds. @throws the signal's reason as `HTTP_ABORTED` or itself */
export function sleep(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError(signal));
    const stop = clock.setTimer(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    function onAbort(): void {
      stop();
      reject(abortError(signal));
    }
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The reason of an aborted signal as an error of this package. */
export function abortError(signal: AbortSignal): HttpError {
  if (signal.reason instanceof HttpError) return signal.reason;
  return new HttpError('HTTP_ABORTED', 'the request was ended by its caller', {
    cause: signal.reason,
  });
}
