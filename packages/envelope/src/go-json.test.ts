import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '@nv2/core';
import fc from 'fast-check';
import { EnvelopeError } from './errors.ts';
import { encodeGoJson, sortMembers } from './go-json.ts';

test('text is escaped as Go escapes it', () => {
  // what encoding/json of Go 1.26 printed for the same value
  assert.equal(
    encodeGoJson('<a href="x">&\u2028\u2029\b\f\n\r\t\0\u001f\u007f\\/é😀'),
    String.raw`"\u003ca href=\"x\"\u003e\u0026\u2028\u2029\b\f\n\r\t\u0000\u001f` +
      `\u007f\\\\/é😀"`,
  );
});

test('members are sorted by their UTF-8 bytes and numbers printed as Go does', () => {
  const value = new Map<string, JsonValue>([
    ['b', 1],
    ['a', -0.5],
    ['é', 1e21],
    ['😀', 1e-7],
    ['\ufffd', 123_456_789_012],
    [
      'Z',
      [
        null,
        true,
        false,
        'x',
        -0,
        new Map([
          ['y', 1],
          ['x', 2],
        ]),
      ],
    ],
  ]);
  assert.equal(
    encodeGoJson(sortMembers(value)),
    '{"Z":[null,true,false,"x",-0,{"x":2,"y":1}],"a":-0.5,"b":1,"é":1e+21,' +
      '"\ufffd":123456789012,"😀":1e-7}',
  );
});

test('the order of members is kept where nothing sorts them', () => {
  assert.equal(
    encodeGoJson(
      new Map([
        ['b', 1],
        ['a', 2],
      ]),
    ),
    '{"b":1,"a":2}',
  );
});

test('a lone surrogate and a number that is not finite are refused', () => {
  for (const value of ['\ud800', new Map([['\udc00', 1]]), Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => encodeGoJson(value),
      (error) => error instanceof EnvelopeError && error.code === 'ENVELOPE_REQUEST_INVALID',
    );
  }
});

test('whatever is written means the same to JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = encodeGoJson(toJsonValue(value));
      assert.deepEqual(JSON.parse(text), value);
      assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
    }),
  );
});

function toJsonValue(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, toJsonValue(item)]));
  }
  return value as JsonValue;
}
