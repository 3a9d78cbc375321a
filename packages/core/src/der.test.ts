import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  CoreError,
  contextTag,
  DerReader,
  decodeHex,
  derBitString,
  derEncode,
  derInteger,
  derOid,
  encodeHex,
  TAG,
} from '@nv2/core';
import fc from 'fast-check';

const invalid = { name: 'CoreError', code: 'DER_INVALID' };
const CONSTRUCTED = 0x20;

/** An element as a tree: content, or the elements inside. */
interface Node {
  readonly tag: number;
  readonly content: Uint8Array | readonly Node[];
}

const primitiveTag = fc
  .nat(0xff)
  .filter((tag) => (tag & 0x1f) !== 0x1f && (tag & CONSTRUCTED) === 0);
const tree = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.record({ tag: primitiveTag, content: fc.uint8Array({ maxLength: 300, size: 'max' }) }),
    fc.record({
      tag: primitiveTag.map((tag) => tag | CONSTRUCTED),
      content: fc.array(tie('node'), { maxLength: 5 }),
    }),
  ),
})).node;

function encodeTree(node: Node): Uint8Array {
  return node.content instanceof Uint8Array
    ? derEncode(node.tag, node.content)
    : derEncode(node.tag, ...node.content.map(encodeTree));
}

/** Reads whatever comes, as deep as it goes: the worst that a caller of the reader can do. */
function readTree(reader: DerReader): Node {
  const tag = reader.peek();
  if ((tag & CONSTRUCTED) === 0) return { tag, content: reader.content(tag) };
  const inner = reader.enter(tag);
  const content: Node[] = [];
  while (!inner.done) content.push(readTree(inner));
  return { tag, content };
}

function readWhole(bytes: Uint8Array): Node {
  const reader = new DerReader(bytes);
  const node = readTree(reader);
  reader.finish();
  return node;
}

function plain(node: Node): unknown {
  return {
    tag: node.tag,
    content: node.content instanceof Uint8Array ? encodeHex(node.content) : node.content.map(plain),
  };
}

function read<T>(hex: string, how: (reader: DerReader) => T): T {
  return how(new DerReader(decodeHex(hex)));
}

describe('elements', () => {
  test('encode then read gives the tree', () => {
    fc.assert(
      fc.property(tree, (node) => {
        assert.deepEqual(plain(readWhole(encodeTree(node))), plain(node));
      }),
    );
  });

  test('security row 29: random and mutated bytes re-encode to themselves or are refused', () => {
    const mutated = fc
      .tuple(tree, fc.nat(), fc.nat(255), fc.constantFrom(0, 1))
      .map(([node, at, octet, skip]) => {
        const bytes = encodeTree(node);
        const index = at % bytes.length;
        return Uint8Array.of(...bytes.subarray(0, index), octet, ...bytes.subarray(index + skip));
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
        try {
          const node = readWhole(bytes);
          assert.deepEqual(encodeTree(node), bytes);
        } catch (error) {
          assert.ok(error instanceof CoreError, String(error));
          assert.equal(error.code, 'DER_INVALID');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('security row 29: a real key with any octet changed is read or refused, never worse', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
    for (let at = 0; at < spki.length; at++)
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const bytes = new Uint8Array(spki);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          assert.deepEqual(encodeTree(readWhole(bytes)), bytes);
        } catch (error) {
          assert.ok(error instanceof CoreError, String(error));
        }
      }
  });

  test('security row 29: nesting ends at 64, before a recursive caller runs out of stack', () => {
    const nested = (depth: number): Uint8Array => {
      let bytes = new Uint8Array();
      for (let i = 0; i < depth; i++) bytes = new Uint8Array(derEncode(TAG.sequence, bytes));
      return bytes;
    };
    readWhole(nested(64));
    assert.throws(() => readWhole(nested(65)), { code: 'LIMIT_EXCEEDED' });
    assert.throws(() => readWhole(nested(10_000)), { code: 'LIMIT_EXCEEDED' });
  });

  test('lengths that are not DER are refused', () => {
    const bad = {
      empty: '',
      'tag alone': '30',
      indefinite: '30800000',
      'long form for 127': `30817f${'00'.repeat(127)}`,
      'leading zero': `30820080${'00'.repeat(128)}`,
      'past the end': '3001',
      'past the end of its container': '30020402aabb',
      'five octets': '3085000000000100',
      'reserved 0xff': '30ff00',
      'truncated length': '3082',
      'four gigabytes': '3084ffffffff00',
      'high tag number': '1f0100',
    };
    for (const [name, hex] of Object.entries(bad))
      assert.throws(() => readWhole(decodeHex(hex)), invalid, name);
  });
});

describe('readers', () => {
  test('a reader reads its own range only', () => {
    const bytes = decodeHex('0201010201020500');
    const reader = new DerReader(bytes, 3, 6);
    assert.equal(reader.smallInteger(), 2);
    assert.ok(reader.done);
    assert.equal(reader.peek(), -1);
    assert.throws(() => reader.element(), invalid);
    assert.throws(() => new DerReader(bytes, 0, 9), invalid);
    assert.throws(() => new DerReader(bytes, -1), invalid);
  });

  test('finish refuses trailing bytes, and optional elements may be absent', () => {
    assert.throws(() => read('050000', (r) => [r.content(TAG.null), r.finish()]), invalid);
    const tag = contextTag(0, true);
    assert.equal(tag, 0xa0);
    assert.equal(contextTag(3, false), 0x83);
    assert.equal(
      read('0500', (r) => r.enterOptional(tag)),
      undefined,
    );
    assert.equal(
      read('a0020500', (r) => r.enterOptional(tag)?.position),
      2,
    );
  });

  test('the wrong tag is refused with its place', () => {
    assert.throws(() => read('30020500', (r) => r.enter(TAG.sequence).boolean()), {
      ...invalid,
      data: { offset: 2 },
    });
  });

  test('tags of several octets are not written', () => {
    for (const tag of [0x1f, 0x3f, 0x100, -1, 0.5]) assert.throws(() => derEncode(tag), invalid);
  });
});

describe('values', () => {
  test('INTEGER: encode then read gives the number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(), fc.constantFrom(0, 127, 128, 255, 256, 65535)), (value) => {
        assert.equal(new DerReader(derInteger(value)).smallInteger(), value);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (value) => {
        const hex = value.toString(16);
        const octets = decodeHex(hex.padStart(hex.length + (hex.length % 2), '0'));
        const content = new DerReader(derInteger(octets)).integer();
        assert.equal(BigInt(`0x${encodeHex(content)}`), value);
      }),
    );
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
      assert.throws(() => derInteger(value), invalid);
  });

  test('INTEGER: forms that are not minimal are refused', () => {
    for (const hex of ['0200', '02020001', '0202007f', '0202ff80', '0202ffff'])
      assert.throws(() => read(hex, (r) => r.integer()), invalid, hex);
    for (const hex of ['020100', '02020080', '0202ff7f', '0201ff'])
      assert.equal(read(hex, (r) => r.integer()).length, (hex.length - 4) / 2);
    for (const hex of ['0201ff', '02050080000000', '0204ffffffff'])
      assert.throws(() => read(hex, (r) => r.smallInteger()), invalid, hex);
  });

  test('BOOLEAN: 00 and ff only', () => {
    assert.equal(
      read('010100', (r) => r.boolean()),
      false,
    );
    assert.equal(
      read('0101ff', (r) => r.boolean()),
      true,
    );
    for (const hex of ['010101', '0100', '0102ffff', '0201ff'])
      assert.throws(() => read(hex, (r) => r.boolean()), invalid, hex);
  });

  test('BIT STRING: encode then read gives the bits; unused bits must be zero', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(7), (bytes, unused) => {
        const last = bytes.length - 1;
        bytes[last] = (bytes[last] ?? 0) & ~((1 << unused) - 1);
        const value = new DerReader(derBitString(bytes, unused)).bitString();
        assert.deepEqual(value, { bytes, unused });
      }),
    );
    for (const hex of ['0300', '030101', '03020801', '03020101', '030207ff'])
      assert.throws(() => read(hex, (r) => r.bitString()), invalid, hex);
    assert.throws(() => derBitString(Uint8Array.of(1), 1), invalid);
    assert.throws(() => derBitString(new Uint8Array(), 1), invalid);
    assert.throws(() => derBitString(Uint8Array.of(0), 8), invalid);
  });
});

describe('object identifiers', () => {
  const arc = fc.oneof(fc.nat(), fc.constantFrom(0n, 2n ** 53n, 2n ** 128n - 1n));
  const dotted = fc.oneof(
    fc.tuple(fc.constantFrom(0, 1), fc.nat(39), fc.array(arc, { maxLength: 3 })),
    fc.tuple(fc.constant(2), arc, fc.array(arc, { maxLength: 2 })),
  );

  test('encode then read gives the text, however long its arcs', () => {
    fc.assert(
      fc.property(dotted, ([first, second, rest]) => {
        const text = [first, second, ...rest].join('.');
        assert.equal(new DerReader(derOid(text)).oid(), text);
      }),
    );
  });

  test('security row 2: a text that is longer than any is refused unread', () => {
    const longest = `2.${'127.'.repeat(62)}127`;
    assert.equal(derOid(longest).length, 2 + 64);
    for (const text of [`1.2.${'9'.repeat(1_000_000)}`, `1.2${'.1'.repeat(1_000_000)}`])
      assert.throws(() => derOid(text), { code: 'DER_INVALID' });
  });

  test('any content reads and re-encodes to itself, or is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (content) => {
        const bytes = derEncode(TAG.oid, content);
        try {
          assert.deepEqual(derOid(new DerReader(bytes).oid()), bytes);
        } catch (error) {
          assert.ok(error instanceof CoreError && error.code === 'DER_INVALID');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('known forms, and malformed ones', () => {
    assert.equal(encodeHex(derOid('1.2.840.113549.1.1.1')), '06092a864886f70d010101');
    assert.equal(encodeHex(derOid('2.999.3')), '0603883703');
    for (const hex of ['0600', '060180', '06022a80', '06032a8001', `0641${'01'.repeat(65)}`])
      assert.throws(() => read(hex, (r) => r.oid()), invalid, hex);
    for (const text of [
      '',
      '1',
      '3.1',
      '1.40',
      '1.2.',
      '.1.2',
      '1.02',
      '2.03',
      '1.2.-1',
      '1.2.x',
      'a.b',
    ])
      assert.throws(() => derOid(text), invalid, text);
  });
});
