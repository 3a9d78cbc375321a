import { HashChains } from './hash-chains.ts';
import { Numbers } from './numbers.ts';
import type { TextHash } from './text-hash.ts';

/** Where in a journal a record is, in bytes. */
export interface RecordPlace {
  readonly at: number;
  readonly length: number;
}

/**
 * Where in a journal the record of each reference is, in 20 bytes outside V8's heap: the reference itself
 * stands in the record.
 */
export class JournalIndex {
  readonly #hash: TextHash;
  readonly #rows: HashChains = new HashChains();
  readonly #starts: Numbers = new Numbers(Float64Array);
  readonly #lengths: Numbers = new Numbers();

  constructor(hash: TextHash) {
    this.#hash = hash;
  }

  add(reference: string, { at, length }: RecordPlace): void {
    this.#rows.add(this.#hash(reference));
    this.#starts.push(at);
    this.#lengths.push(length);
  }

  /** The records that may be of a reference, the newest first; one of another is hardly ever among them. */
  *find(reference: string): Generator<RecordPlace> {
    for (const row of this.#rows.rowsOf(this.#hash(reference))) {
      yield { at: this.#starts.at(row), length: this.#lengths.at(row) };
    }
  }
}
