/** Keeps a number of values by key; one too many makes it forget the one that was longest not used. */
export class RecentlyUsed<K, V> {
  readonly #max: number;
  readonly #values: Map<K, V> = new Map();

  /** @param max how many values are kept, at least 1 */
  constructor(max: number) {
    this.#max = max;
  }

  /** Whether nothing is kept. */
  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** The value of a key, which counts as a use of it. */
  get(key: K): V | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#max && oldest !== undefined) this.#values.delete(oldest);
  }

  /** Forgets a value, under whatever keys it is kept. */
  forget(value: V): void {
    for (const [key, kept] of this.#values) if (kept === value) this.#values.delete(key);
  }
}
