/**
 * Public keys of recent use, imported: that costs as much as a verification does, and who
 * verifies much meets the same authorities again. A key is imported for good when it is met the
 * second time, so that one that is met once costs nothing here. Bounded; the longest unused go.
 */
export class KnownKeys<Key> {
  readonly #maxKeys: number;
  readonly #keys: Map<string, Key | undefined> = new Map();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** The key of these very octets, or `undefined` when they are met for the first time. */
  get(octets: string, importKey: () => Key): Key | undefined {
    if (this.#maxKeys === 0) return undefined;
    const met = this.#keys.has(octets);
    const key = met ? (this.#keys.get(octets) ?? importKey()) : undefined;
    this.#keys.delete(octets);
    this.#keys.set(octets, key);
    if (this.#keys.size > this.#maxKeys) {
      const [oldest] = this.#keys.keys();
      if (oldest !== undefined) this.#keys.delete(oldest);
    }
    return key;
  }
}
