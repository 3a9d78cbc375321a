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

/**
 * Reads DER (X.690 10) from front to back without copying: values are views into the input.
 * Refused: indefinite and non-minimal lengths, high tag numbers, lengths past the end.
 * Every method throws CoreError `DER_INVALID`.
 */
export class DerReader {
  readonly bytes: Uint8Array;
  #position: number;
  readonly #end: number;

  /** Reads `bytes` from `start` (included) to `end` (excluded). */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
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
    return new DerReader(this.bytes, start, this.#position);
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
    return oidFromContent(this.content(tag), at);
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

function oidFromContent(value: Uint8Array, at: number): string {
  if (value.length === 0 || value.length > 64) fail('bad OBJECT IDENTIFIER', at);
  let text = '';
  let arc = 0;
  let fresh = true;
  for (const byte of value) {
    if (fresh && byte === 0x80) fail('non-minimal OBJECT IDENTIFIER', at);
    if (arc > 2 ** 45) fail('OBJECT IDENTIFIER arc out of range', at);
    arc = arc * 128 + (byte & 0x7f);
    fresh = byte < 0x80;
    if (!fresh) continue;
    if (text === '') {
      const first = Math.min(2, Math.floor(arc / 40));
      text = `${first}.${arc - first * 40}`;
    } else text += `.${arc}`;
    arc = 0;
  }
  if (!fresh) fail('truncated OBJECT IDENTIFIER', at);
  return text;
}

/** Encodes one element: the identifier octet, a minimal length, the parts one after the other. */
export function derEncode(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthOctets: number[] = [];
  if (length < 0x80) lengthOctets.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256))
      lengthOctets.unshift(rest % 256);
    lengthOctets.unshift(0x80 | lengthOctets.length);
  }
  const out = new Uint8Array(1 + lengthOctets.length + length);
  out[0] = tag;
  out.set(lengthOctets, 1);
  let at = 1 + lengthOctets.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Encodes an OBJECT IDENTIFIER given in dotted form. */
export function derOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const group = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128))
      group.unshift(0x80 | (high % 128));
    octets.push(...group);
  }
  return derEncode(TAG.oid, Uint8Array.from(octets));
}

/** Encodes a non-negative INTEGER from a number, or from big-endian octets taken as unsigned. */
export function derInteger(value: number | Uint8Array): Uint8Array {
  let octets: Uint8Array;
  if (typeof value === 'number') {
    const digits: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    octets = Uint8Array.from(digits);
  } else octets = value;
  let skip = 0;
  while (skip < octets.length && octets[skip] === 0) skip++;
  octets = octets.subarray(skip);
  const padding = octets.length === 0 || (octets[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : undefined;
  return padding ? derEncode(TAG.integer, padding, octets) : derEncode(TAG.integer, octets);
}

/** Encodes a BIT STRING. */
export function derBitString(bytes: Uint8Array, unused = 0): Uint8Array {
  return derEncode(TAG.bitString, Uint8Array.of(unused), bytes);
}
