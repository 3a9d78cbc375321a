import type { Place } from './found.ts';
import { HashChains } from './hash-chains.ts';
import { Numbers } from './numbers.ts';
import { keyedTextHash, type TextHash } from './text-hash.ts';
import { Texts } from './texts.ts';

/** Of each reference; it may stand in more. */
const MAX_PLACES = 16;

/**
 * References, each once, and where they stand, in the order in which they came. Besides its text a
 * reference takes 22 bytes, all outside V8's heap, which grows by a multiple of what is alive in it.
 */
export class ReferenceTable {
  readonly #hash: TextHash;
  readonly #rows: HashChains = new HashChains();
  readonly #texts: Texts = new Texts();
  readonly #sources: string[] = [];
  /** The first place of each: its source, from 1, and its line; 0 for none. */
  readonly #sourceOf: Numbers = new Numbers();
  readonly #lineOf: Numbers = new Numbers();
  /** Places that are not the first, or within a document. */
  readonly #others: Map<number, Place[]> = new Map();

  /** @param hash whatever it gives, two references stay two */
  constructor(hash: TextHash = keyedTextHash()) {
    this.#hash = hash;
  }

  /** How many references there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** Adds a place of a reference, up to 16 of each. @returns whether the reference is new */
  add(reference: string, place: Place): boolean {
    const hash = this.#hash(reference);
    const known = this.#find(reference, hash);
    if (known !== undefined) {
      this.#addPlace(known, place);
      return false;
    }
    const row = this.size;
    this.#rows.add(hash);
    this.#texts.push(reference);
    const isOther = place.path !== undefined;
    if (isOther) this.#others.set(row, [place]);
    this.#sourceOf.push(isOther ? 0 : this.#numberOf(place.source));
    this.#lineOf.push(isOther ? 0 : (place.line ?? 0));
    return true;
  }

  /** Each reference, and where it stands. */
  *[Symbol.iterator](): Generator<readonly [reference: string, places: readonly Place[]]> {
    for (let row = 0; row < this.size; row++) yield [this.#texts.at(row), this.#placesOf(row)];
  }

  #find(reference: string, hash: number): number | undefined {
    for (const row of this.#rows.rowsOf(hash)) if (this.#texts.at(row) === reference) return row;
    return undefined;
  }

  #addPlace(row: number, place: Place): void {
    const others = this.#others.get(row);
    const first = this.#sourceOf.at(row) === 0 ? 0 : 1;
    if (others === undefined) this.#others.set(row, [place]);
    else if (first + others.length < MAX_PLACES) others.push(place);
  }

  #placesOf(row: number): readonly Place[] {
    const others = this.#others.get(row) ?? [];
    const source = this.#sources[this.#sourceOf.at(row) - 1];
    const line = this.#lineOf.at(row);
    return source === undefined ? others : [{ source, ...(line > 0 && { line }) }, ...others];
  }

  // sources come one after the other
  #numberOf(source: string): number {
    if (this.#sources.at(-1) !== source) this.#sources.push(source);
    return this.#sources.length;
  }
}
