import { Numbers } from './numbers.ts';

const BUCKET_BITS = 16;

/**
 * Rows of a table, counted from 0, by the hash of what each is found by: 8 bytes a row. With a million of
 * them, 16 are looked at each time.
 */
export class HashChains {
  /** By the upper bits of hashes; a row and 1, or 0 for none. */
  readonly #newest: Uint32Array = new Uint32Array(2 ** BUCKET_BITS);
  /** Of each row the next in its bucket, in the same form. */
  readonly #older: Numbers = new Numbers();
  readonly #hashes: Numbers = new Numbers();

  /** How many rows there are. */
  get size(): number {
    return this.#hashes.length;
  }

  /** Adds the next row. @param hash 32 bits without a sign */
  add(hash: number): void {
    const bucket = bucketOf(hash);
    this.#older.push(this.#newest[bucket] ?? 0);
    this.#hashes.push(hash);
    this.#newest[bucket] = this.size;
  }

  /** The rows of this very hash, the newest first. */
  *rowsOf(hash: number): Generator<number> {
    let next = this.#newest[bucketOf(hash)] ?? 0;
    while (next > 0) {
      const row = next - 1;
      if (this.#hashes.at(row) === hash) yield row;
      next = this.#older.at(row);
    }
  }
}

function bucketOf(hash: number): number {
  return hash >>> (32 - BUCKET_BITS);
}
