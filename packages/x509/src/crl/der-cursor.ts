import type { OctetRange } from '../time.ts';
import { crlInvalid } from './crl-invalid.ts';

/**
 * Walks over DER elements without making an object for each, under the rules of `DerReader`: for
 * the one list that has a hundred thousand of them. `start` and `end` bound the content of the
 * element stepped over last, `position` is where the next one begins; to go into an element, set
 * `position` to its `start`.
 */
export class DerCursor implements OctetRange {
  readonly bytes: Uint8Array;
  position = 0;
  start = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The identifier octet of the next element, or -1 if `limit` is reached. */
  peek(limit: number): number {
    return this.position < limit ? (this.bytes[this.position] ?? -1) : -1;
  }

  /**
   * Steps over one element with this tag that ends at `limit` or before.
   * @throws X509Error `X509_CRL_INVALID`
   */
  next(tag: number, limit: number): void {
    const { bytes, position: at } = this;
    if (at + 2 > limit) refuse('truncated element', at);
    if (bytes[at] !== tag)
      refuse(`expected tag 0x${tag.toString(16)}, got 0x${(bytes[at] ?? 0).toString(16)}`, at);
    let length = bytes[at + 1] ?? 0;
    this.start = at + 2;
    if (length >= 0x80) length = this.#longLength(length & 0x7f, limit);
    if (this.start + length > limit) refuse('element exceeds its container', at);
    this.end = this.start + length;
    this.position = this.end;
  }

  /** X.690 8.1.3.5 and 10.1: `count` octets after the first, minimal. */
  #longLength(count: number, limit: number): number {
    const at = this.start;
    if (count === 0 || count > 4 || at + count > limit) refuse('bad length', at);
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (this.bytes[at + i] ?? 0);
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) refuse('non-minimal length', at);
    this.start = at + count;
    return length;
  }
}

function refuse(reason: string, offset: number): never {
  crlInvalid(`DER: ${reason} at byte ${offset}`, { data: { offset } });
}
