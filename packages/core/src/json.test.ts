import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreError, type JsonValue, parseJson } from '@nv2/core';
import fc from 'fast-check';

const invalid = { name: 'CoreError', code: 'JSON_INVALID' };

/** What JSON.parse would have made of the same text. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) {
    const object: Record<string, unknown> = {};
    for (const [key, member] of value)
      Object.defineProperty(object, key, {
        value: plain(member),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return object;
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

/** Mutations that stay near JSON: one character replaced, removed or inserted. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 4, stringUnit: 'binary' }),
    fc.nat(),
    fc.constantFrom('replace', 'insert'),
    fc.constantFrom(...'[]{}:,"\\ \n\t0123456789.eE+-tfnu/\ufeff\ud800\udc00\u0000', ''),
  )
  .map(([text, at, how, character]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + character + text.slice(index + (how === 'replace' ? 1 : 0));
  });

test('a value that JSON.stringify wrote is read as that value', () => {
  const wellFormed = fc.string({ unit: 'binary' });
  const value = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' });
  fc.assert(
    fc.property(value, wellFormed, fc.constantFrom(0, 2), (data, key, indent) => {
      const text = JSON.stringify({ [key]: data }, null, indent);
      let parsed: JsonValue;
      try {
        parsed = parseJson(text);
      } catch (error) {
        // Doubles of 2^53 and more are the only values refused.
        assert.ok(error instanceof CoreError && error.code === 'JSON_INVALID');
        assert.match(error.message, /double/);
        return;
      }
      assert.deepEqual(plain(parsed), JSON.parse(text));
      assert.deepEqual(parseJson(Buffer.from(text)), parsed);
    }),
  );
});

test('wherever a text is accepted, JSON.parse gives the same value; otherwise it is refused', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyJson, fc.json(), fc.string()), (text) => {
      try {
        const parsed = parseJson(text);
        assert.deepEqual(plain(parsed), JSON.parse(text));
      } catch (error) {
        assert.ok(error instanceof CoreError, String(error));
        assert.equal(typeof error.data['line'], 'number');
      }
    }),
    { numRuns: 3000 },
  );
});

test('any octets are read or refused with an error of this package', () => {
  const mutated = fc
    .tuple(fc.json({ stringUnit: 'binary' }), fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([text, at, octet]) => {
      const bytes = new Uint8Array(Buffer.from(text));
      bytes[at % bytes.length] = octet;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
      try {
        const parsed = parseJson(bytes);
        assert.deepEqual(plain(parsed), JSON.parse(Buffer.from(bytes).toString()));
      } catch (error) {
        assert.ok(error instanceof CoreError, String(error));
        assert.ok(Number(error.data['offset']) <= bytes.length);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a key is a duplicate however it is escaped, at any depth', () => {
  const texts = [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":1}',
    '{"/":1,"\\/":1}',
    '[{"x":{"b":[],"c":0,"b":[]}}]',
    '{"":0,"":0}',
    '{"__proto__":1,"__proto__":1}',
    '{"\\ud83d\\ude00":1,"😀":1}',
  ];
  for (const text of texts)
    assert.throws(() => parseJson(text), { code: 'JSON_DUPLICATE_KEY' }, text);
});

test('keys that only look alike are different', () => {
  const object = parseJson('{"a":1,"A":2,"a ":3,"é":4,"e\u0301":5}');
  assert.ok(object instanceof Map);
  assert.equal(object.size, 5);
});

test('names of object internals are ordinary keys', () => {
  const object = parseJson('{"__proto__":{"x":1},"constructor":2}');
  assert.ok(object instanceof Map);
  assert.equal(object.get('constructor'), 2);
  assert.equal(object.get('x'), undefined);
});

test('numbers that a double does not hold as written are refused', () => {
  const texts = [
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
    '123456789012345678901234567890',
    '1e16',
    '1e400',
    '-1e400',
    '1e-400',
    '0.10000000000000001',
    '0.1234567890123456789',
    '1.0000000000000000001',
  ];
  for (const text of texts) assert.throws(() => parseJson(text), invalid, text);
});

test('any decimal of up to fifteen digits is read, and is the double that JSON.parse gives', () => {
  const digits = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }).map(String);
  const literal = fc
    .tuple(fc.constantFrom('', '-'), digits, fc.nat(15))
    .map(([sign, text, decimals]) => {
      const padded = text.padStart(decimals + 1, '0');
      const point = padded.length - decimals;
      return `${sign}${padded.slice(0, point)}${decimals > 0 ? '.' : ''}${padded.slice(point)}`;
    });
  fc.assert(
    fc.property(literal, (text) => {
      assert.ok(Object.is(parseJson(text), JSON.parse(text)), text);
    }),
    { numRuns: 2000 },
  );
});

test('numbers that a double holds are read', () => {
  const texts = [
    '0',
    '-0',
    '0.0',
    '9007199254740991',
    '-9007199254740991',
    '0.1',
    '0.10',
    '1E2',
    '1.5e+3',
    '5e-324',
    '100000e-5',
    '0e999',
    '1000000000000000',
    '3.141592653589793',
  ];
  for (const text of texts) assert.ok(Object.is(parseJson(text), JSON.parse(text)), text);
});

test('texts outside the grammar are refused', () => {
  const texts = [
    '',
    ' ',
    '01',
    '-',
    '-01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '+1',
    '0x10',
    'NaN',
    'Infinity',
    'tru',
    'truex',
    'nul',
    '"a',
    '"\\',
    '"\\x"',
    '"\\u12"',
    '"\\u 123"',
    '"\n"',
    '"\u0000"',
    "'a'",
    '[1,]',
    '[,1]',
    '[1 2]',
    '[',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{"a":1 "b":2}',
    '[]]',
    '{} {}',
    '1 2',
    '// x\n1',
    '\u00a01',
    '\u000b1',
  ];
  for (const text of texts) assert.throws(() => parseJson(text), invalid, JSON.stringify(text));
});

test('a byte order mark is refused at the front and is text inside a string', () => {
  assert.throws(() => parseJson('\ufeff1'), invalid);
  assert.throws(() => parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)), invalid);
  assert.equal(parseJson('"\ufeff"'), '\ufeff');
});

test('surrogates without their other half are refused, escaped or not', () => {
  const texts = [
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud800\\ud800"',
    '"\\ud800x\\udc00"',
    '"\\udc00\\ud800"',
    '"\\ud83d\ude00"',
    '"\ud83d\\ude00"',
    '"\ud800"',
    '"\udc00"',
  ];
  for (const text of texts) assert.throws(() => parseJson(text), invalid, JSON.stringify(text));
  assert.equal(parseJson('"\\ud83d\\ude00"'), '😀');
});

test('octets that are not UTF-8 are refused where they are', () => {
  const bytes = Buffer.from('{"é":\n "xy"}');
  bytes[bytes.indexOf('y')] = 0xff;
  assert.throws(() => parseJson(bytes), { ...invalid, data: { offset: 10, line: 2, column: 4 } });
});

test('the error says where: octets for octets, UTF-16 units for a string', () => {
  const text = '{\n  "é": 1,\n  "é": 2\n}';
  const where = { line: 3, column: 3 };
  assert.throws(() => parseJson(text), { data: { offset: 14, ...where } });
  assert.throws(() => parseJson(Buffer.from(text)), { data: { offset: 15, ...where } });
});

test('nesting is capped, by default and at most', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const limit = { code: 'LIMIT_EXCEEDED' };
  parseJson(nested(64));
  assert.throws(() => parseJson(nested(65)), limit);
  assert.throws(() => parseJson('{"a":'.repeat(65)), limit);
  assert.throws(() => parseJson('[1]', { maxDepth: 0 }), limit);
  parseJson(nested(512), { maxDepth: 1e9 });
  assert.throws(() => parseJson(nested(1_000_000), { maxDepth: 1e9 }), limit);
});

test('items are counted at all depths together, by default and at most as given', () => {
  const limit = { code: 'LIMIT_EXCEEDED' };
  const text = '{"a":[1,{"b":2}],"c":{}}';
  parseJson(text, { maxItems: 5 });
  for (const maxItems of [0, 1, 2, 3, 4, Number.NaN])
    assert.throws(() => parseJson(text, { maxItems }), limit, String(maxItems));
  for (const empty of ['[]', '{}', '1']) parseJson(empty, { maxItems: 0 });
  const list = (length: number) => `[${'{},'.repeat(length - 1)}0]`;
  assert.deepEqual(Array.isArray(parseJson(list(500_000))), true);
  assert.throws(() => parseJson(list(500_001)), { ...limit, message: /more than 500000 items/ });
});

test('size is counted in octets, and its limit holds before anything is parsed', () => {
  const limit = { code: 'LIMIT_EXCEEDED' };
  assert.equal(parseJson('"éé"', { maxBytes: 6 }), 'éé');
  assert.throws(() => parseJson('"éé"', { maxBytes: 5 }), limit);
  assert.throws(() => parseJson(Buffer.from('"éé"'), { maxBytes: 5 }), limit);
  assert.throws(() => parseJson(new Uint8Array(4 * 1024 * 1024 + 1)), limit);
});

test('where whole numbers are asked for, fractions and exponents are refused in any form', () => {
  for (const text of ['1.0', '1e3', '[1E0]', '{"a":-0.5}', '123456789012345e1'])
    assert.throws(() => parseJson(text, { wholeNumbers: true }), { code: 'JSON_INVALID' }, text);
  assert.deepEqual(
    parseJson('[0,-1,9007199254740991]', { wholeNumbers: true }),
    [0, -1, 9_007_199_254_740_991],
  );
});
