import { oidText } from './der-oid.ts';
import { CoreError } from './errors.ts';

/** Identifier octets of the universal tags that nv2 reads and writes (X.680 8.6). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific tag, e.g. `[0]` constructed is 0xa0. */
export function contextTag(number: number, constructed: boolean): number {
  return (constructed ? 0xa0 : 0x80) | number;
}

function fail(reason: string, offset: number): never {
  throw new CoreError('DER_INVALID', `DER: ${reason} at byte ${offset}`, { data: { offset } });
}

function tooDeep(offset: number): never {
  throw new CoreError('LIMIT_EXCEEDED', `DER: nesting deeper than ${MAX_DEPTH} at byte ${offset}`, {
    data: { offset, maxDepth: MAX_DEPTH },
  });
}

/** How many elements deep `enter` goes: three times what a timestamped CMS message needs. */
const MAX_DEPTH = 64;

/**
 * Reads DER (X.690 10) from front to back without copying: values are views into the input.
 * Refused: indefinite and non-minimal lengths, high tag numbers, lengths past the end.
 * Every method throws CoreError `DER_INVALID` with `data.offset`, which counts octets of `bytes`;
 * entering more than 64 elements inside one another throws `LIMIT_EXCEEDED`, so that a reader that
 * recurses with its input ends before the stack does.
 */
export class DerReader {
  readonly bytes: Uint8Array;
  #position: number;
  readonly #end: number;
  #depth = 0;

  /** Reads `bytes` from `start` (included) to `end` (excluded). */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    if (start < 0 || end > bytes.length) fail('range outside the input', start);
    this.bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /** Offset in `bytes` of the next element. */
  get position(): number {
    return this.#position;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  /** The identifier octet of the next element, or -1 at the end. */
  peek(): number {
    return this.#position < this.#end ? (this.bytes[this.#position] ?? -1) : -1;
  }

  /** Nothing may follow. */
  finish(): void {
    if (!this.done) fail('trailing bytes', this.#position);
  }

  /** Steps over one element with this tag; the reader that comes back stands on its content. */
  enter(tag: number): DerReader {
    const start = this.#header(tag);
    const inner = new DerReader(this.bytes, start, this.#position);
    inner.#nest(this.#depth + 1);
    return inner;
  }

  /** Like `enter` when the next tag is `tag`; otherwise undefined, and nothing is read. */
  enterOptional(tag: number): DerReader | undefined {
    return this.peek() === tag ? this.enter(tag) : undefined;
  }

  /** The content octets of the next element, a view. */
  content(tag: number): Uint8Array {
    const start = this.#header(tag);
    return this.bytes.subarray(start, this.#position);
  }

  /** The next element whole, header and content, whatever its tag, a view. */
  element(): Uint8Array {
    const start = this.#position;
    this.#header(this.peek());
    return this.bytes.subarray(start, this.#position);
  }

  /** A BOOLEAN: 0xff or 0x00 only (X.690 11.1). */
  boolean(): boolean {
    const at = this.#position;
    const value = this.content(TAG.boolean);
    if (value.length !== 1 || (value[0] !== 0 && value[0] !== 0xff)) fail('bad BOOLEAN', at);
    return value[0] === 0xff;
  }

  /** The content of an INTEGER: minimal two's complement, big-endian (X.690 8.3.2). */
  integer(tag: number = TAG.integer): Uint8Array {
    const at = this.#position;
    const value = this.content(tag);
    const [first = -1, second = 0] = value;
    if (first < 0) fail('empty INTEGER', at);
    if (value.length > 1 && (first === 0 || first === 0xff) && first >> 7 === second >> 7)
      fail('non-minimal INTEGER', at);
    return value;
  }

  /** A non-negative INTEGER below 2^31. */
  smallInteger(tag: number = TAG.integer): number {
    const at = this.#position;
    const value = this.integer(tag);
    if (value.length > 4 || (value[0] ?? 0) >= 0x80) fail('INTEGER out of range', at);
    let result = 0;
    for (const byte of value) result = result * 256 + byte;
    return result;
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  oid(tag: number = TAG.oid): string {
    const at = this.#position;
    const start = this.#header(tag);
    return oidText(this.bytes, start, this.#position) ?? fail('bad OBJECT IDENTIFIER', at);
  }

  /** A BIT STRING: its octets, and how many bits of the last one do not count. */
  bitString(tag: number = TAG.bitString): { readonly bytes: Uint8Array; readonly unused: number } {
    const at = this.#position;
    const value = this.content(tag);
    const unused = value[0] ?? 8;
    const last = value.length > 1 ? (value[value.length - 1] ?? 0) : 0;
    if (unused > 7 || (value.length === 1 && unused > 0) || (last & ((1 << unused) - 1)) !== 0)
      fail('bad BIT STRING', at);
    return { bytes: value.subarray(1), unused };
  }

  #nest(depth: number): void {
    if (depth > MAX_DEPTH) tooDeep(this.#position);
    this.#depth = depth;
  }

  #header(tag: number): number {
    const at = this.#position;
    const bytes = this.bytes;
    if (at + 2 > this.#end) fail('truncated element', at);
    const found = bytes[at] ?? 0;
    if (found !== tag) fail(`expected tag 0x${tag.toString(16)}, got 0x${found.toString(16)}`, at);
    if ((found & 0x1f) === 0x1f) fail('high tag number', at);
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      length = this.#longLength(at, count);
      start += count;
    }
    if (start + length > this.#end) fail('element exceeds its container', at);
    this.#position = start + length;
    return start;
  }

  /** The long form of a length (X.690 8.1.3.5): `count` octets after the first, minimal (10.1). */
  #longLength(at: number, count: number): number {
    if (count === 0) fail('indefinite length', at);
    if (count > 4 || at + 2 + count > this.#end) fail('length out of range', at);
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (this.bytes[at + 2 + i] ?? 0);
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) fail('non-minimal length', at);
    return length;
  }
}
