import { compareBytes, encodeUtf8, isWellFormed, joinBytes } from './bytes.ts';
import {
  type CborMap,
  type CborTag,
  type CborValue,
  HARD_MAX_CBOR_DEPTH,
  MAJOR,
} from './cbor-types.ts';
import { CoreError } from './errors.ts';

/** A tagged item, e.g. `cborTag(18, …)` for COSE_Sign1 (RFC 9052 2). */
export function cborTag(tag: number, value: CborValue): CborTag {
  return { tag, value };
}

/**
 * Writes deterministic CBOR (RFC 8949 4.2.1): the one encoding that `decodeCbor` reads. Maps may be
 * in any order; keys are sorted by their octets.
 * @throws CoreError `CBOR_INVALID` for what the subset does not hold (fractions, numbers beyond
 * 2^53 - 1, bigints beyond 64 bits, lone surrogates, one key as number and as bigint),
 * `LIMIT_EXCEEDED` for nesting beyond 512
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  encodeItem(value, 0, parts);
  return joinBytes(parts);
}

function fail(reason: string): never {
  throw new CoreError('CBOR_INVALID', `CBOR: ${reason}`);
}

function encodeItem(value: CborValue, depth: number, parts: Uint8Array[]): void {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      parts.push(encodeInteger(value));
      return;
    case 'string':
      encodeText(value, parts);
      return;
    case 'boolean':
      parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
      return;
    case 'object':
      if (value === null) parts.push(Uint8Array.of(0xf6));
      else if (value instanceof Uint8Array) parts.push(head(MAJOR.bytes, value.length), value);
      else encodeNested(value, depth + 1, parts);
      return;
    default:
      fail(`value is of no CBOR type, but ${typeof value}`);
  }
}

function encodeNested(
  value: readonly CborValue[] | CborMap | CborTag,
  depth: number,
  parts: Uint8Array[],
): void {
  if (depth > HARD_MAX_CBOR_DEPTH)
    throw new CoreError('LIMIT_EXCEEDED', `CBOR: nesting deeper than ${HARD_MAX_CBOR_DEPTH}`);
  if (isArray(value)) {
    parts.push(head(MAJOR.array, value.length));
    for (const item of value) encodeItem(item, depth, parts);
  } else if (value instanceof Map) {
    encodeMap(value, depth, parts);
  } else if ('tag' in value) {
    if (!Number.isSafeInteger(value.tag) || value.tag < 0) fail(`tag ${value.tag} is not a tag`);
    parts.push(head(MAJOR.tag, value.tag));
    encodeItem(value.value, depth, parts);
  } else fail('value is of no CBOR type');
}

// Array.isArray does not narrow a readonly array.
function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function encodeText(text: string, parts: Uint8Array[]): void {
  if (!isWellFormed(text)) fail('text has a surrogate without its other half');
  const octets = encodeUtf8(text);
  parts.push(head(MAJOR.text, octets.length), octets);
}

function encodeMap(map: CborMap, depth: number, parts: Uint8Array[]): void {
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  parts.push(head(MAJOR.map, entries.length));
  for (const [i, { key, value }] of entries.entries()) {
    const next = entries[i + 1];
    if (next !== undefined && compareBytes(key, next.key) === 0) fail('map key twice');
    parts.push(key);
    encodeItem(value, depth, parts);
  }
}

function encodeInteger(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    fail(`${value} is not an integer within ±(2^53 - 1)`);
  if (value >= 0) return head(MAJOR.unsigned, value);
  return head(MAJOR.negative, typeof value === 'number' ? -1 - value : -1n - value);
}

/** A head with its argument in the shortest form (RFC 8949 4.2.1). */
function head(major: number, argument: number | bigint): Uint8Array {
  const first = major << 5;
  if (argument < 24) return Uint8Array.of(first | Number(argument));
  if (argument < 0x100) return Uint8Array.of(first | 24, Number(argument));
  const octets = argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
  if (argument >= 2n ** 64n) fail(`integer ${argument} needs more than 64 bits`);
  const out = new Uint8Array(1 + octets);
  const view = new DataView(out.buffer);
  out[0] = first | (octets === 2 ? 25 : octets === 4 ? 26 : 27);
  if (octets === 2) view.setUint16(1, Number(argument));
  else if (octets === 4) view.setUint32(1, Number(argument));
  else view.setBigUint64(1, BigInt(argument));
  return out;
}
