import { compareBytes, derEncode, joinBytes, TAG } from '@nv2/core';
import { X509Error } from '../errors.ts';

/** Limits of {@link berToDer}. */
export interface BerLimits {
  /** Octets of the input. Default {@link MAX_BER_BYTES}. */
  readonly maxBytes?: number;
  /** Elements inside one another. Default 64, as deep as `DerReader` goes. */
  readonly maxDepth?: number;
  /** Elements in all. Default 65,536: a token with its certificates has some hundred. */
  readonly maxElements?: number;
}

/** A timestamp response may have 1 MiB; those in use have 2 to 10 KiB. */
export const MAX_BER_BYTES: number = 1024 * 1024;

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 65_536;

/** What is wrong with bytes that are not BER; `data.reason` of `X509_BER_INVALID`. */
export type BerProblem =
  | 'empty'
  | 'identifier'
  | 'truncated'
  | 'length'
  /** A length of one octet, or of several, that goes past the end of what holds it. */
  | 'short-length-exceeds'
  | 'long-length-exceeds'
  | 'indefinite-primitive'
  | 'segment'
  | 'trailing'
  | 'limit';

interface State {
  readonly bytes: Uint8Array;
  readonly maxDepth: number;
  readonly maxElements: number;
  position: number;
  elements: number;
}

function fail(reason: BerProblem, message: string, offset: number): never {
  throw new X509Error('X509_BER_INVALID', `BER: ${message} at byte ${offset}`, {
    data: { reason, offset },
  });
}

/**
 * Turns one element in BER (X.690 8) into DER (X.690 10, 11): indefinite and non-minimal lengths,
 * constructed strings, elements of a SET that are out of order, and TRUE other than 0xff. Bytes that
 * are in DER come back as they are, uncopied. Only timestamp tokens are read this way (RFC 5652
 * allows them BER); what they sign is in DER by itself.
 *
 * Not seen through are types under a context tag, whose own type an element does not tell: `[0]
 * IMPLICIT OCTET STRING` in segments, or the order of `[0] IMPLICIT SET OF`. What is inside a string
 * is left alone. Time is linear in the size, for a given depth.
 * @throws X509Error `X509_BER_INVALID`; data `reason` ({@link BerProblem}), `offset`
 */
export function berToDer(bytes: Uint8Array, limits: BerLimits = {}): Uint8Array {
  const { maxBytes = MAX_BER_BYTES, maxDepth = MAX_DEPTH, maxElements = MAX_ELEMENTS } = limits;
  if (bytes.length > maxBytes)
    fail('limit', `expected at most ${maxBytes} bytes, got ${bytes.length}`, 0);
  if (bytes.length === 0) fail('empty', 'no bytes', 0);
  const state: State = { bytes, maxDepth, maxElements, position: 0, elements: 0 };
  const der = transcode(state, bytes.length, 1);
  if (state.position < bytes.length) fail('trailing', 'trailing bytes', state.position);
  return der;
}

/** The next element in DER; a view into the input if it is in DER already. */
function transcode(state: State, end: number, depth: number): Uint8Array {
  const { bytes } = state;
  const start = state.position;
  if (depth > state.maxDepth) fail('limit', `nesting deeper than ${state.maxDepth}`, start);
  if (++state.elements > state.maxElements)
    fail('limit', `more than ${state.maxElements} elements`, start);
  const tag = readTag(state, end);
  const { length, minimal } = readLength(state, end);
  if ((tag & 0x20) !== 0) {
    const content = transcodeMembers(state, length === undefined ? end : state.position + length, {
      depth,
      indefinite: length === undefined,
    });
    return assemble(tag, content, minimal ? bytes.subarray(start, state.position) : undefined);
  }
  if (length === undefined) fail('indefinite-primitive', 'primitive of indefinite length', start);
  const content = bytes.subarray(state.position, state.position + length);
  state.position += length;
  // X.690 8.2.2, 11.1: whatever is not zero is TRUE.
  if (tag === TAG.boolean && length === 1 && content[0] !== 0 && content[0] !== 0xff)
    return derEncode(tag, Uint8Array.of(0xff));
  return minimal ? bytes.subarray(start, state.position) : derEncode(tag, content);
}

interface Members {
  readonly members: readonly Uint8Array[];
  /** All of them were in DER already. */
  readonly unchanged: boolean;
  readonly start: number;
}

function transcodeMembers(
  state: State,
  end: number,
  { depth, indefinite }: { readonly depth: number; readonly indefinite: boolean },
): Members {
  const { bytes } = state;
  const start = state.position;
  const members: Uint8Array[] = [];
  let unchanged = !indefinite;
  while (indefinite ? !endOfContents(state, end) : state.position < end) {
    const from = state.position;
    const member = transcode(state, end, depth + 1);
    if (member.buffer !== bytes.buffer || member.length !== state.position - from)
      unchanged = false;
    members.push(member);
  }
  return { members, unchanged, start };
}

/** X.690 8.1.5: two zero octets, which belong to the element they end. */
function endOfContents(state: State, end: number): boolean {
  const { bytes, position } = state;
  if (position + 2 > end) fail('truncated', 'no end of an indefinite length', position);
  if (bytes[position] !== 0 || bytes[position + 1] !== 0) return false;
  state.position += 2;
  return true;
}

/** `original` is the element as it came, if its length is in DER. */
function assemble(
  tag: number,
  { members, unchanged, start }: Members,
  original: Uint8Array | undefined,
): Uint8Array {
  if (STRING_TAGS.has(tag)) return joinSegments(tag & ~0x20, members, start);
  if (tag === TAG.set && !isAscending(members))
    return derEncode(tag, joinBytes(members.toSorted(compareBytes)));
  return unchanged && original !== undefined ? original : derEncode(tag, joinBytes(members));
}

/** X.690 11.6. */
function isAscending(members: readonly Uint8Array[]): boolean {
  return members.every((member, index) => {
    const previous = members[index - 1];
    return previous === undefined || compareBytes(previous, member) <= 0;
  });
}

const CONSTRUCTED_BIT_STRING = 0x23;

/** Constructed forms of the string and time types, X.690 8.6, 8.7, 8.23, 8.25. */
const STRING_TAGS: ReadonlySet<number> = new Set([
  CONSTRUCTED_BIT_STRING,
  ...[0x24, 0x2c, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3e],
]);

/** X.690 8.6.4, 8.7.3, 8.23.1: segments of bit strings are bit strings, of others octet strings. */
function joinSegments(tag: number, segments: readonly Uint8Array[], start: number): Uint8Array {
  const expected = tag === TAG.bitString ? TAG.bitString : TAG.octetString;
  const contents = segments.map((segment) => {
    if (segment[0] !== expected)
      fail(
        'segment',
        `a segment of a string has the tag 0x${(segment[0] ?? 0).toString(16)}`,
        start,
      );
    return segment.subarray(headerLength(segment));
  });
  if (tag !== TAG.bitString) return derEncode(tag, joinBytes(contents));
  const unused = contents.at(-1)?.[0] ?? 0;
  // X.690 8.6.4.2: each segment but the last is whole octets.
  if (
    contents.some(
      (content, i) => content.length === 0 || (i < contents.length - 1 && content[0] !== 0),
    )
  )
    fail('segment', 'a segment of a bit string does not end at an octet', start);
  return derEncode(
    tag,
    Uint8Array.of(unused),
    joinBytes(contents.map((content) => content.subarray(1))),
  );
}

/** Octets before the content of an element in DER. */
function headerLength(der: Uint8Array): number {
  const first = der[1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}

function readTag(state: State, end: number): number {
  const at = state.position;
  if (at + 2 > end) fail('truncated', 'truncated element', at);
  const tag = state.bytes[at] ?? 0;
  if ((tag & 0x1f) === 0x1f) fail('identifier', 'high tag number', at);
  if (tag === 0) fail('identifier', 'end of contents outside an indefinite length', at);
  state.position = at + 1;
  return tag;
}

/** X.690 8.1.3; an indefinite length is undefined. The content fits in what holds it. */
function readLength(
  state: State,
  end: number,
): { readonly length: number | undefined; readonly minimal: boolean } {
  const at = state.position;
  const first = state.bytes[at] ?? 0;
  state.position = at + 1;
  if (first === 0x80) return { length: undefined, minimal: false };
  if (first < 0x80) {
    if (first > end - state.position)
      fail('short-length-exceeds', 'element exceeds its container', at);
    return { length: first, minimal: true };
  }
  const count = first & 0x7f;
  if (first === 0xff || count > end - state.position) fail('length', 'truncated length', at);
  let length = 0;
  for (let i = 0; i < count; i++) {
    length = length * 256 + (state.bytes[at + 1 + i] ?? 0);
    if (length > state.bytes.length)
      fail('long-length-exceeds', 'element exceeds its container', at);
  }
  state.position = at + 1 + count;
  if (length > end - state.position)
    fail('long-length-exceeds', 'element exceeds its container', at);
  return { length, minimal: length >= 0x80 && length >= 2 ** (8 * (count - 1)) };
}
