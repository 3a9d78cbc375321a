import type { Clock } from '@nv2/http';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time forward and fires the timers that fall due, in order. */
  advance(ms: number): void;
  /** Sets the time of day, forward or back, in which no time goes by. */
  set(ms: number): void;
  /** Resolves after so many milliseconds of this clock. */
  sleep(ms: number): Promise<void>;
  /** The delays of all timers that were set in the foreground, in order. */
  readonly delays: readonly number[];
}

/** Options of {@link fakeClock}. */
export interface FakeClockOptions {
  /** Milliseconds since the epoch. Default 2026-01-01. */
  readonly startMs?: number;
  /**
   * Whenever all else is done, jump to the next timer that somebody waits for. Timers in the
   * background, which guard against what does not happen, are not waited for.
   */
  readonly automatic?: boolean;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
  readonly background: boolean;
}

/** A clock for tests. Nothing ever waits in real time. */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  const timers = new Set<Timer>();
  const delays: number[] = [];
  let elapsedMs = 0;
  let startMs = options.startMs ?? Date.UTC(2026, 0, 1);
  let isScheduled = false;

  function next(accept: (timer: Timer) => boolean): Timer | undefined {
    return [...timers].filter(accept).sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  function fire(timer: Timer): void {
    timers.delete(timer);
    elapsedMs = Math.max(elapsedMs, timer.dueMs);
    timer.callback();
  }

  function schedule(): void {
    if (options.automatic !== true || isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const timer = next(({ background }) => !background);
      if (timer === undefined) return;
      fire(timer);
      schedule();
    });
  }

  function setTimer(callback: () => void, delayMs: number, background = false): () => void {
    const timer = { dueMs: elapsedMs + delayMs, callback, background };
    timers.add(timer);
    if (!background) {
      delays.push(delayMs);
      schedule();
    }
    return () => timers.delete(timer);
  }

  return {
    delays,
    now: () => startMs + elapsedMs,
    elapsed: () => elapsedMs,
    setTimer,
    sleep: (ms) => new Promise((resolve) => setTimer(resolve, ms)),
    advance(ms) {
      const endMs = elapsedMs + ms;
      for (;;) {
        const timer = next(({ dueMs }) => dueMs <= endMs);
        if (timer === undefined) break;
        fire(timer);
      }
      elapsedMs = endMs;
    },
    set(ms) {
      startMs = ms - elapsedMs;
    },
  };
}
