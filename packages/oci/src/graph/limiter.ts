/** Runs work, so many at the same time at most; the rest waits in order. */
export class Limiter {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @throws RangeError unless something can run at all */
  constructor(concurrency: number) {
    if (!(concurrency >= 1))
      throw new RangeError(`expected a concurrency of 1 or more, got ${concurrency}`);
    this.#free = concurrency;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
