import { HttpError } from '../errors.ts';
import { abortError } from './clock.ts';
import { maskUrl } from './secrets.ts';
import type { Clock } from './types.ts';

/** Limits in time of one exchange, redirects, retries and the reading of its body included. */
export interface Timeouts {
  /** From the call until the body is read. */
  readonly totalMs: number;
  /** Without a byte from the host, while one is waited for. */
  readonly idleMs: number;
}

/** Five minutes in all, 30 s without a byte. */
export const DEFAULT_TIMEOUTS: Timeouts = { totalMs: 300_000, idleMs: 30_000 };

/**
 * Ends an exchange when its caller does, when it takes too long in all, or when the host is silent
 * for too long. The time that the caller takes between reads counts for the total only.
 */
export class Deadline {
  readonly #controller: AbortController = new AbortController();
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #what: { readonly method: string; readonly url: URL };
  readonly #waits: Set<(error: HttpError) => void> = new Set();
  /** When the host last took something in, or was last waited for anew, as {@link Clock.elapsed}. */
  #progressAt: number = Number.NEGATIVE_INFINITY;
  readonly #stopTotal: () => void;
  #stopIdle: () => void;
  readonly #unlink: (() => void) | undefined;

  constructor(
    what: { readonly method: string; readonly url: URL },
    options: {
      readonly clock: Clock;
      readonly timeouts: Timeouts;
      readonly signal?: AbortSignal | undefined;
    },
  ) {
    const { clock, timeouts, signal } = options;
    this.#clock = clock;
    this.#idleMs = timeouts.idleMs;
    this.#what = what;
    const { totalMs } = timeouts;
    // in the background: an answer that is never read must not keep the process running
    this.#stopTotal = clock.setTimer(() => this.#expire('total', totalMs), totalMs, true);
    this.#stopIdle = this.#watchIdle(this.#idleMs);
    if (signal === undefined) return;
    const onAbort = (): void => this.#abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#unlink = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  }

  /** Aborts when the exchange has to end; its reason is an error of this package or the caller's. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for something that the host has to send. @throws HttpError `HTTP_TIMEOUT` */
  waitFor<T>(promise: Promise<T>): Promise<T> {
    if (this.#waits.size === 0) this.progress();
    // written out: this is on the path of every chunk, where a race costs as much as its parsing
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          this.#waits.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#waits.delete(reject);
          reject(error);
        },
      );
      if (this.signal.aborted) reject(abortError(this.signal));
      else this.#waits.add(reject);
    });
  }

  /** The host took in part of a request's body: it is not silent, though it has not answered. */
  progress(): void {
    this.#progressAt = this.#clock.elapsed();
  }

  /** To be called when the exchange is over: no timer stays behind. */
  end(): void {
    this.#stopTotal();
    this.#stopIdle();
    this.#unlink?.();
  }

  // One timer for all waits: there is one for every chunk, and hardly one of them takes long.
  #watchIdle(delayMs: number): () => void {
    const look = (): void => {
      const silentMs = this.#waits.size === 0 ? 0 : this.#clock.elapsed() - this.#progressAt;
      if (silentMs >= this.#idleMs) this.#expire('idle', this.#idleMs);
      else this.#stopIdle = this.#watchIdle(this.#idleMs - silentMs);
    };
    return this.#clock.setTimer(look, delayMs, true);
  }

  #abort(reason: unknown): void {
    this.end();
    this.#controller.abort(reason);
    for (const fail of this.#waits) fail(abortError(this.signal));
    this.#waits.clear();
  }

  #expire(phase: 'total' | 'idle', limitMs: number): void {
    const { method } = this.#what;
    const url = maskUrl(this.#what.url);
    const problem = phase === 'total' ? 'not done' : 'no answer';
    this.#abort(
      new HttpError('HTTP_TIMEOUT', `${method} ${url}: ${problem} within ${limitMs} ms`, {
        hint: 'the host is overloaded or out of reach: try again later',
        data: { method, url, phase, limitMs },
      }),
    );
  }
}
