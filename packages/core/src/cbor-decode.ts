import { decodeUtf8 } from './bytes.ts';
import {
  type CborKey,
  type CborMap,
  type CborValue,
  DEFAULT_MAX_CBOR_DEPTH,
  DEFAULT_MAX_CBOR_ITEMS,
  HARD_MAX_CBOR_DEPTH,
  MAJOR,
} from './cbor-types.ts';
import { CoreError } from './errors.ts';

/**
 * Reads one item of deterministic CBOR (RFC 8949 4.2.1): shortest heads, definite lengths, map keys
 * in ascending order of their octets and therefore none twice, text in UTF-8. Nothing may follow.
 *
 * Byte strings are views into `bytes`. Not in the subset, and refused: floating point and
 * `undefined` (no header of a COSE signature has either), other simple values, and map keys that
 * are neither integers nor text. Tags are passed on unread. `maxDepth` is 32 where not given, and
 * never more than 512. `maxItems` counts the elements of arrays and the members of maps, at all
 * depths together, and is 500,000 where not given.
 *
 * @throws CoreError `CBOR_INVALID` with `data.offset`, `LIMIT_EXCEEDED` for nesting and the number of items
 */
export function decodeCbor(
  bytes: Uint8Array,
  options: { readonly maxDepth?: number; readonly maxItems?: number } = {},
): CborValue {
  const maxDepth = Math.min(options.maxDepth ?? DEFAULT_MAX_CBOR_DEPTH, HARD_MAX_CBOR_DEPTH);
  const { maxItems = DEFAULT_MAX_CBOR_ITEMS } = options;
  return new Decoder(bytes, { maxDepth, maxItems }).document();
}

function fail(reason: string, offset: number, cause?: unknown): never {
  throw new CoreError('CBOR_INVALID', `CBOR: ${reason} at byte ${offset}`, {
    cause,
    data: { offset },
  });
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #maxDepth: number;
  readonly #maxItems: number;
  #itemsLeft: number;
  #at = 0;

  constructor(
    bytes: Uint8Array,
    { maxDepth, maxItems }: { readonly maxDepth: number; readonly maxItems: number },
  ) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
    this.#maxItems = maxItems;
    this.#itemsLeft = maxItems;
  }

  document(): CborValue {
    const value = this.#item(0);
    if (this.#at < this.#bytes.length) fail('trailing bytes', this.#at);
    return value;
  }

  #item(depth: number): CborValue {
    const at = this.#at;
    const initial = this.#bytes[at] ?? fail('unexpected end', at);
    const argument = this.#argument(initial);
    switch (initial >> 5) {
      case MAJOR.unsigned:
        return argument;
      case MAJOR.negative:
        return negative(argument);
      case MAJOR.bytes:
        return this.#string(argument, at);
      case MAJOR.text:
        return this.#text(argument, at);
      case MAJOR.array:
        return this.#array(this.#count(argument, at, 1), this.#deeper(depth, at));
      case MAJOR.map:
        return this.#map(this.#count(argument, at, 2), this.#deeper(depth, at));
      case MAJOR.tag:
        if (typeof argument === 'bigint') fail('tag out of range', at);
        return { tag: argument, value: this.#item(this.#deeper(depth, at)) };
      default:
        return simple(initial, at);
    }
  }

  /** The argument of a head (RFC 8949 3), which must be in its shortest form (4.2.1). */
  #argument(initial: number): number | bigint {
    const at = this.#at;
    const additional = initial & 0x1f;
    this.#at = at + 1;
    // Simple values and floating point have no argument that counts; `simple` judges them.
    if (additional < 24 || initial >> 5 === MAJOR.simple) return additional;
    if (additional > 27) fail(additional === 31 ? 'indefinite length' : 'reserved head', at);
    const octets = 1 << (additional - 24);
    if (at + 1 + octets > this.#bytes.length) fail('truncated head', at);
    let value = 0;
    for (let i = 1; i <= Math.min(octets, 4); i++) value = value * 256 + (this.#bytes[at + i] ?? 0);
    this.#at = at + 1 + octets;
    if (octets === 8) return this.#longArgument(value, at);
    if (value < (octets === 1 ? 24 : 2 ** (4 * octets))) fail('head is not the shortest', at);
    return value;
  }

  #longArgument(high: number, at: number): number | bigint {
    if (high === 0) fail('head is not the shortest', at);
    let low = 0;
    for (let i = 5; i <= 8; i++) low = low * 256 + (this.#bytes[at + i] ?? 0);
    return high < 2 ** 21 ? high * 2 ** 32 + low : BigInt(high) * 2n ** 32n + BigInt(low);
  }

  #string(length: number | bigint, at: number): Uint8Array {
    const start = this.#at;
    if (length > this.#bytes.length - start) fail('string exceeds the input', at);
    this.#at = start + Number(length);
    return this.#bytes.subarray(start, this.#at);
  }

  #text(length: number | bigint, at: number): string {
    const octets = this.#string(length, at);
    try {
      return decodeUtf8(octets);
    } catch (cause) {
      return fail('text is not UTF-8', at, cause);
    }
  }

  /** A number of items that the rest of the input and the budget can hold, before any is read. */
  #count(count: number | bigint, at: number, octetsEach: number): number {
    if (count > (this.#bytes.length - this.#at) / octetsEach) fail('more items than bytes', at);
    this.#itemsLeft -= Number(count);
    if (!(this.#itemsLeft >= 0)) {
      throw new CoreError('LIMIT_EXCEEDED', `CBOR: more than ${this.#maxItems} items`, {
        data: { offset: at, maxItems: this.#maxItems },
      });
    }
    return Number(count);
  }

  #deeper(depth: number, at: number): number {
    if (depth < this.#maxDepth) return depth + 1;
    throw new CoreError('LIMIT_EXCEEDED', `CBOR: nesting deeper than ${this.#maxDepth}`, {
      data: { offset: at, maxDepth: this.#maxDepth },
    });
  }

  #array(count: number, depth: number): readonly CborValue[] {
    const array: CborValue[] = [];
    for (let i = 0; i < count; i++) array.push(this.#item(depth));
    return array;
  }

  #map(count: number, depth: number): CborMap {
    const map = new Map<CborKey, CborValue>();
    let previous = -1;
    let previousEnd = -1;
    for (let i = 0; i < count; i++) {
      const at = this.#at;
      const key = this.#item(depth);
      if (typeof key !== 'number' && typeof key !== 'string' && typeof key !== 'bigint')
        fail('map key is neither integer nor text', at);
      if (i > 0 && !this.#ascends(previous, previousEnd, at)) fail('map keys not ascending', at);
      previous = at;
      previousEnd = this.#at;
      map.set(key, this.#item(depth));
    }
    return map;
  }

  /** Whether one encoded key sorts before the next, octet by octet (RFC 8949 4.2.1). */
  #ascends(start: number, end: number, next: number): boolean {
    const bytes = this.#bytes;
    // No key is a prefix of another, so that the first octet to differ decides.
    for (let i = start, j = next; i < end && j < this.#at; i++, j++) {
      const difference = (bytes[j] ?? 0) - (bytes[i] ?? 0);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }
}

function negative(argument: number | bigint): number | bigint {
  if (typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER) return -1 - argument;
  return -1n - BigInt(argument);
}

function simple(initial: number, at: number): boolean | null {
  switch (initial) {
    case 0xf4:
      return false;
    case 0xf5:
      return true;
    case 0xf6:
      return null;
    case 0xf9:
    case 0xfa:
    case 0xfb:
      return fail('floating point is not in the subset', at);
    default:
      return fail('simple value is not in the subset', at);
  }
}
