/** A key of a CBOR map: COSE labels are integers or text (RFC 9052 1.5). */
export type CborKey = number | bigint | string;

/** A CBOR map, in the order of the encoding. */
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** A tagged item (RFC 8949 3.4). */
export interface CborTag {
  readonly tag: number;
  readonly value: CborValue;
}

/**
 * A CBOR item of the subset that nv2 speaks. Integers within ±(2^53 - 1) are numbers, beyond that
 * bigints, to the -2^64 and 2^64 - 1 that CBOR's own integers reach.
 */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | CborMap
  | CborTag;

/** The major types of RFC 8949 3.1. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** How deep items may nest where the caller names no other number; a tag is a level too. */
export const DEFAULT_MAX_CBOR_DEPTH = 32;

/** How many elements and members an item may hold where the caller names no other number. */
export const DEFAULT_MAX_CBOR_ITEMS = 500_000;

/** No caller gets deeper than this, because both directions recurse. */
export const HARD_MAX_CBOR_DEPTH = 512;
