import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CborKey,
  type CborValue,
  CoreError,
  cborTag,
  decodeCbor,
  decodeHex,
  encodeCbor,
  encodeHex,
} from '@nv2/core';
import { decode as cborgDecode, encode as cborgEncode, Tagged } from 'cborg';
import fc from 'fast-check';

const invalid = { name: 'CoreError', code: 'CBOR_INVALID' };

// RFC 8949 appendix A, the rows that are in the subset.
const APPENDIX_A: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['c249010000000000000000', cborTag(2, decodeHex('010000000000000000'))],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['c349010000000000000000', cborTag(3, decodeHex('010000000000000000'))],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['c074323031332d30332d32315432303a30343a30305a', cborTag(0, '2013-03-21T20:04:00Z')],
  ['c11a514b67b0', cborTag(1, 1363896240)],
  ['d74401020304', cborTag(23, decodeHex('01020304'))],
  ['d818456449455446', cborTag(24, decodeHex('6449455446'))],
  ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', cborTag(32, 'http://www.example.com')],
  ['40', new Uint8Array()],
  ['4401020304', decodeHex('01020304')],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', 'ü'],
  ['63e6b0b4', '水'],
  ['64f0908591', '𐅑'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  [
    '98190102030405060708090a0b0c0d0e0f101112131415161718181819',
    Array.from({ length: 25 }, (_, i) => i + 1),
  ],
  ['a0', new Map()],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
  [
    'a26161016162820203',
    new Map<CborKey, CborValue>([
      ['a', 1],
      ['b', [2, 3]],
    ]),
  ],
  ['826161a161626163', ['a', new Map([['b', 'c']])]],
  [
    'a56161614161626142616361436164614461656145',
    new Map([
      ['a', 'A'],
      ['b', 'B'],
      ['c', 'C'],
      ['d', 'D'],
      ['e', 'E'],
    ]),
  ],
];

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, -24, -25, -257),
);
const big = fc
  .bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n })
  .filter((value) => !Number.isSafeInteger(Number(value)));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const key: fc.Arbitrary<CborKey> = fc.oneof(integer, big, text);
const leaf = fc.oneof(integer, big, text, fc.boolean(), fc.constant(null), fc.uint8Array());

const value = fc.letrec<{ item: CborValue }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    leaf,
    fc.array(tie('item'), { maxLength: 30 }),
    fc
      .array(fc.tuple(key, tie('item')), { maxLength: 8 })
      .map((entries) => sorted(new Map(entries))),
    fc
      .tuple(fc.maxSafeInteger().map(Math.abs), tie('item'))
      .map(([tag, item]) => cborTag(tag, item)),
  ),
})).item;

/** In the order of the encoding, which is the order that decoding gives. */
function sorted(map: ReadonlyMap<CborKey, CborValue>): Map<CborKey, CborValue> {
  const order = (one: CborKey): Buffer => Buffer.from(encodeCbor(one));
  return new Map([...map].sort(([a], [b]) => Buffer.compare(order(a), order(b))));
}

function mutate(bytes: Uint8Array, at: number, octet: number, how: string): Uint8Array {
  const index = at % (bytes.length + 1);
  const kept = bytes.subarray(index + (how === 'insert' ? 0 : 1));
  return Uint8Array.from([
    ...bytes.subarray(0, index),
    ...(how === 'drop' ? [] : [octet]),
    ...kept,
  ]);
}
const nearlyCbor = fc
  .tuple(value, fc.nat(), fc.nat(255), fc.constantFrom('replace', 'insert', 'drop'))
  .map(([item, at, octet, how]) => mutate(encodeCbor(item), at, octet, how));

/** What cborg makes of a value, in its own types. */
function oracleValue(item: CborValue): unknown {
  if (item === null || typeof item !== 'object') return item;
  if (item instanceof Uint8Array) return new Uint8Array(item);
  if (item instanceof Map)
    return new Map([...item].map(([name, member]) => [name, oracleValue(member)]));
  if (Array.isArray(item)) return item.map(oracleValue);
  return 'tag' in item ? new Tagged(item.tag, oracleValue(item.value)) : item;
}

/** cborg reads tags that it is told of. */
const tags = Tagged.preserve(0, 1, 2, 3, 18, 23, 24, 32);
const oracleOptions = { useMaps: true, strict: true, rejectDuplicateMapKeys: true, tags };

test('the rows of RFC 8949 appendix A that are in the subset hold both ways', () => {
  for (const [hex, item] of APPENDIX_A) {
    assert.deepEqual(decodeCbor(decodeHex(hex)), item, hex);
    assert.equal(encodeHex(encodeCbor(item)), hex);
  }
});

test('encode then decode gives the value', () => {
  fc.assert(
    fc.property(value, (item) => {
      assert.deepEqual(decodeCbor(encodeCbor(item)), item);
    }),
    { numRuns: 300 },
  );
});

test('whatever decodes re-encodes to the same bytes; anything else is refused', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyCbor, fc.uint8Array({ maxLength: 30 })), (bytes) => {
      let item: CborValue;
      try {
        item = decodeCbor(bytes);
      } catch (error) {
        assert.ok(error instanceof CoreError, String(error));
        assert.ok(error.code === 'CBOR_INVALID' || error.code === 'LIMIT_EXCEEDED');
        return;
      }
      assert.deepEqual(encodeCbor(item), bytes);
    }),
    { numRuns: 3000 },
  );
});

test('wherever bytes are accepted, cborg reads the same value', () => {
  const hasForeignTag = (item: CborValue): boolean => {
    if (item === null || typeof item !== 'object' || item instanceof Uint8Array) return false;
    if (item instanceof Map) return [...item.values()].some(hasForeignTag);
    if (Array.isArray(item)) return item.some(hasForeignTag);
    return 'tag' in item && (!(item.tag in tags) || hasForeignTag(item.value));
  };
  fc.assert(
    fc.property(fc.oneof(nearlyCbor, value.map(encodeCbor)), (bytes) => {
      let item: CborValue;
      try {
        item = decodeCbor(bytes);
      } catch {
        return;
      }
      fc.pre(!hasForeignTag(item));
      assert.deepEqual(cborgDecode(bytes, oracleOptions), oracleValue(item));
    }),
    { numRuns: 1000 },
  );
});

test('maps are written in the octet order that go-cose writes', () => {
  // RFC 8949 4.2.1, the example of the order; floating point and others left out.
  const map = new Map<CborKey, CborValue>([
    ['aa', 0],
    [-1, 0],
    ['z', 0],
    [100, 0],
    [10, 0],
  ]);
  assert.equal(encodeHex(encodeCbor(map)), 'a50a00186400200061' + '7a006261' + '6100');
  const headers = new Map<CborKey, CborValue>([
    ['io.cncf.notary.signingTime', cborTag(1, 1)],
    [3, 'x'],
    [1, -37],
    [2, ['io.cncf.notary.signingScheme']],
    ['io.cncf.notary.signingScheme', 'notary.x509'],
  ]);
  const decoded = decodeCbor(encodeCbor(headers));
  assert.ok(decoded instanceof Map);
  assert.deepEqual(
    [...decoded.keys()],
    [1, 2, 3, 'io.cncf.notary.signingTime', 'io.cncf.notary.signingScheme'],
  );
});

test('what is not deterministic is refused', () => {
  const bad = {
    empty: '',
    'one octet for 23': '1817',
    'two octets for 255': '1900ff',
    'four octets for 65535': '1a0000ffff',
    'eight octets for 2^32 - 1': '1b00000000ffffffff',
    'long length of bytes': '580100',
    'long length of text': '780161',
    'long count of array': '980101',
    'long tag': 'd80100',
    'indefinite bytes': '5f4100ff',
    'indefinite text': '7f6161ff',
    'indefinite array': '9f01ff',
    'indefinite map': 'bf0102ff',
    break: 'ff',
    'reserved 28': '1c',
    'reserved 30': '5e',
    'keys out of order': 'a203040102',
    // RFC 7049 3.9 sorts -1 (one octet) before 100 (two octets); RFC 8949 4.2.1 does not.
    'keys in length-first order': 'a22000186400',
    'duplicate integer': 'a201000100',
    'duplicate text': 'a2616100616100',
    'key of bytes': 'a1410000',
    'key of null': 'a1f600',
    'key of array': 'a18000',
    'trailing bytes': '0000',
    'half float': 'f93c00',
    'single float': 'fa47c35000',
    'double float': 'fb3ff199999999999a',
    undefined: 'f7',
    'simple 16': 'f0',
    'simple 255': 'f8ff',
    'text not UTF-8': '61ff',
    'text a surrogate': '63eda080',
    'truncated head': '19ff',
    'truncated bytes': '4401',
    'truncated array': '8201',
    'truncated map': 'a101',
    'tag without item': 'c1',
    'tag above 2^53': 'dbffffffffffffffff00',
  };
  for (const [name, hex] of Object.entries(bad))
    assert.throws(() => decodeCbor(decodeHex(hex)), invalid, name);
});

test('a length or count that lies takes no memory', () => {
  for (const hex of ['5affffffff', '7bffffffffffffffff', '9affffffff', 'bb00ffffffffffffff'])
    assert.throws(() => decodeCbor(decodeHex(`${hex}00`)), invalid);
});

test('a list longer than a call takes arguments is written and read', () => {
  const list = new Array(200_000).fill(1);
  assert.deepEqual(decodeCbor(encodeCbor(list)), list);
});

test('nesting is capped, by default and at most, both ways', () => {
  const limit = { code: 'LIMIT_EXCEEDED' };
  const nested = (depth: number) => new Uint8Array(depth + 1).fill(0x81).fill(0, depth);
  decodeCbor(nested(32));
  assert.throws(() => decodeCbor(nested(33)), limit);
  assert.throws(() => decodeCbor(new Uint8Array(100_000).fill(0xc1)), limit);
  assert.throws(() => decodeCbor(nested(1), { maxDepth: 0 }), limit);
  decodeCbor(nested(512), { maxDepth: 1e9 });
  assert.throws(() => decodeCbor(nested(100_000), { maxDepth: 1e9 }), limit);
  const cycle: CborValue[] = [];
  cycle.push(cycle);
  assert.throws(() => encodeCbor(cycle), limit);
});

test('items are counted at all depths together, by default and at most as given', () => {
  const limit = { code: 'LIMIT_EXCEEDED' };
  const bytes = encodeCbor([new Map([[1, [true]]]), cborTag(1, [])]);
  decodeCbor(bytes, { maxItems: 4 });
  for (const maxItems of [0, 1, 2, 3, Number.NaN])
    assert.throws(() => decodeCbor(bytes, { maxItems }), limit, String(maxItems));
  for (const empty of [[], new Map(), 1]) decodeCbor(encodeCbor(empty), { maxItems: 0 });
  const list = (length: number) => encodeCbor(Array<CborValue>(length).fill([]));
  decodeCbor(list(500_000));
  assert.throws(() => decodeCbor(list(500_001)), { ...limit, message: /more than 500000 items/ });
});

test('values outside the subset are not written', () => {
  const values: CborValue[] = [
    0.5,
    Number.NaN,
    2 ** 53,
    2n ** 64n,
    -(2n ** 64n) - 1n,
    '\ud800',
    cborTag(-1, 0),
    cborTag(0.5, 0),
    new Map<CborKey, CborValue>([
      [1, 0],
      [1n, 0],
    ]),
  ];
  for (const item of values) assert.throws(() => encodeCbor(item), invalid);
});

test('cborg writes integers, text, bytes and tags the same way', () => {
  fc.assert(
    fc.property(fc.oneof(integer, big, text, fc.uint8Array()), (item) => {
      assert.deepEqual(new Uint8Array(cborgEncode(item)), encodeCbor(item));
      const tagged = new Uint8Array(cborgEncode(new Tagged(18, item)));
      assert.deepEqual(tagged, encodeCbor(cborTag(18, item)));
    }),
  );
});

test('byte strings are views into what was decoded', () => {
  const bytes = decodeHex('4401020304');
  const item = decodeCbor(bytes);
  assert.ok(item instanceof Uint8Array);
  assert.equal(item.buffer, bytes.buffer);
});
