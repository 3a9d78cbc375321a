import type { ServerLimits } from './limits.ts';

/** Measures how long one client keeps the server waiting, and for how many bytes. */
export interface Pace {
  /** From now on the server waits for the client. */
  begin(): void;
  /** The client sent or took so many bytes: the wait is over. */
  end(bytes: number): void;
  /** Stops measuring. */
  stop(): void;
}

interface Entry {
  waitedMs: number;
  bytes: number;
  since: number | undefined;
  readonly tooSlow: () => void;
}

/**
 * Watches all clients of one server with one timer that runs while there is a client to watch, so
 * that a chunk costs two additions and no timer of its own.
 */
export class PaceKeeper {
  readonly #limits: ServerLimits;
  readonly #entries = new Set<Entry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** Calls `tooSlow` once as soon as the client falls below the limits. */
  watch(tooSlow: () => void): Pace {
    const entry: Entry = { waitedMs: 0, bytes: 0, since: undefined, tooSlow };
    this.#entries.add(entry);
    const interval = Math.min(1000, this.#limits.idleTimeoutMs);
    this.#timer ??= setInterval(() => this.#check(), interval).unref();
    return {
      begin: () => {
        entry.since = performance.now();
      },
      end: (bytes) => {
        if (entry.since !== undefined) entry.waitedMs += performance.now() - entry.since;
        entry.since = undefined;
        entry.bytes += bytes;
      },
      stop: () => this.#forget(entry),
    };
  }

  #check(): void {
    for (const entry of this.#entries) {
      if (!this.#isTooSlow(entry)) continue;
      this.#forget(entry);
      entry.tooSlow();
    }
  }

  #isTooSlow(entry: Entry): boolean {
    if (entry.since === undefined) return false;
    const waiting = performance.now() - entry.since;
    if (waiting >= this.#limits.idleTimeoutMs) return true;
    const waitedMs = entry.waitedMs + waiting;
    if (waitedMs < this.#limits.slowGraceMs) return false;
    return entry.bytes * 1000 < waitedMs * this.#limits.minBytesPerSecond;
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry);
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
