import { Numbers } from './numbers.ts';

const BLOCK_BYTES = 2 ** 20;
/** Where a text begins is a number of 32 bits. */
const MAX_BLOCKS = 2 ** 12;
/** Of a text's length, before its octets. */
const LENGTH_BYTES = 2;
const MAX_TEXT_BYTES = 2 ** 16 - 1;

/**
 * Texts in the order in which they came, in UTF-8 outside V8's heap: each takes its octets and 6 more.
 * There is room for 4 GiB.
 */
export class Texts {
  readonly #blocks: Buffer[] = [];
  readonly #starts: Numbers = new Numbers();
  #end = 0;

  /** @throws RangeError if the text is longer than 65,535 octets, or there is no room left */
  push(text: string): void {
    const length = Buffer.byteLength(text);
    if (length > MAX_TEXT_BYTES) throw new RangeError(`a text of ${length} octets`);
    const start = this.#roomFor(LENGTH_BYTES + length);
    const { block, at } = this.#find(start);
    block.writeUInt16LE(length, at);
    block.write(text, at + LENGTH_BYTES);
    this.#starts.push(start);
    this.#end = start + LENGTH_BYTES + length;
  }

  /** The text of an index at which there is one. */
  at(index: number): string {
    const { block, at } = this.#find(this.#starts.at(index));
    const start = at + LENGTH_BYTES;
    return block.toString('utf8', start, start + block.readUInt16LE(at));
  }

  // no text goes over the end of a block
  #roomFor(length: number): number {
    const end = this.#blocks.length * BLOCK_BYTES;
    if (this.#end + length <= end) return this.#end;
    if (this.#blocks.length === MAX_BLOCKS) throw new RangeError('more than 4 GiB of texts');
    this.#blocks.push(Buffer.alloc(BLOCK_BYTES));
    return end;
  }

  #find(start: number): { readonly block: Buffer; readonly at: number } {
    const block = this.#blocks[Math.floor(start / BLOCK_BYTES)];
    if (block === undefined) throw new RangeError('no such text');
    return { block, at: start % BLOCK_BYTES };
  }
}
