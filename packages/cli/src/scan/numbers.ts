/** Of numbers: memory that nothing was written to yet costs nothing. */
const BLOCK = 16_384;

type Row = Uint32Array | Float64Array;

/** Numbers in the order in which they came. They lie outside V8's heap, and stay where they are as more come. */
export class Numbers {
  readonly #newRow: new (
    length: number,
  ) => Row;
  readonly #rows: Row[] = [];
  #length = 0;

  /** @param newRow what holds them: by default whole numbers of 32 bits */
  constructor(newRow: new (length: number) => Row = Uint32Array) {
    this.#newRow = newRow;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const within = this.#length % BLOCK;
    if (within === 0) this.#rows.push(new this.#newRow(BLOCK));
    const row = this.#rows.at(-1);
    if (row !== undefined) row[within] = value;
    this.#length += 1;
  }

  /** The number of an index below {@link length}. */
  at(index: number): number {
    return this.#rows[Math.floor(index / BLOCK)]?.[index % BLOCK] ?? 0;
  }
}
