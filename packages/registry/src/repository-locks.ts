/** Lets one at a time through per name; those who wait are served in order. */
export class RepositoryLocks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `action` when no one else runs one under the same name. */
  async run<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const mine = before.then(action, action);
    this.#tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(name) === mine) this.#tails.delete(name);
    }
  }
}
