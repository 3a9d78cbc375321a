/**
 * Header fields of an answer, names without regard to case. The part of the platform's `Headers`
 * that is needed here; the platform's own is not used because it loads the whole of fetch.
 */
export class HttpHeaders {
  readonly #fields: ReadonlyMap<string, readonly string[]>;

  /** @param fields names and values in order; a name may occur more than once */
  constructor(fields: Iterable<readonly [string, string]> = []) {
    const map = new Map<string, string[]>();
    for (const [name, value] of fields) {
      const key = name.toLowerCase();
      const values = map.get(key);
      if (values) values.push(value);
      else map.set(key, [value]);
    }
    this.#fields = map;
  }

  /** All values of a field joined by a comma, or null. */
  get(name: string): string | null {
    return this.#fields.get(name.toLowerCase())?.join(', ') ?? null;
  }

  /** The values of a field, one for each line it came on. */
  getAll(name: string): readonly string[] {
    return this.#fields.get(name.toLowerCase()) ?? [];
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  /** Names in lower case with joined values. */
  *[Symbol.iterator](): Generator<[string, string]> {
    for (const [name, values] of this.#fields) yield [name, values.join(', ')];
  }
}
