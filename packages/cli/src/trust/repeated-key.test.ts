import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { NotaryError } from '@nv2/notary';
import fc from 'fast-check';
import { isMap, Pair, parseDocument, Scalar, visit, YAMLMap } from 'yaml';
import { CliError } from '../errors.ts';
import { repeatedKey } from './repeated-key.ts';
import { readYaml } from './yaml-document.ts';
import { formatPolicyText } from './yaml-text.ts';

const FILE = { name: 'policy.yaml', correction: 'correct it' };

function refusal(text: string): unknown {
  try {
    readYaml(encodeUtf8(text), FILE);
  } catch (error) {
    return error instanceof NotaryError && error.message;
  }
  return undefined;
}

test('equal keys are refused at the second, however they are written', () => {
  for (const [text, place] of [
    ['a: 1\nb: 2\na: 3', '3:1'],
    ['a: 1\n"a": 2', '2:1'],
    ['{ a: 1, b: { c: 1, "\\u0063": 2 } }', '1:20'],
    ['- a: 1\n- a: 1\n  b: 1\n  b: 1', '4:3'],
    ['{"":1,"":2}', '1:7'],
    ['__proto__: 1\n__proto__: 2', '2:1'],
  ]) {
    assert.equal(refusal(String(text)), `policy.yaml:${place}: Map keys must be unique`, text);
    assert.throws(
      () => formatPolicyText(encodeUtf8(String(text))),
      (error) => error instanceof CliError && error.code === 'CLI_POLICY_UNFORMATTED',
      text,
    );
  }
  assert.equal(refusal('a: 1\nA: 2\nb: { a: 1 }'), undefined);
});

test('a second document is refused, and not passed over', () => {
  for (const [text, place] of [
    ['a: 1\n---\na: 2', '2:1'],
    ['a: 1\n...\nb: [', '3:1'],
    ['{}\n{}', '2:1'],
  ]) {
    assert.match(String(refusal(String(text))), new RegExp(`^policy.yaml:${place}: `), text);
  }
  for (const text of ['---\na: 1\n', 'a: 1\n...\n# end\n']) assert.equal(refusal(text), undefined);
});

test('a key is equal to another exactly where the library says so', () => {
  const key = fc.constantFrom('a', '"a"', "'a'", 'b', '1', '"1"', '01', 'null', '~', 'true');
  fc.assert(
    fc.property(fc.array(key, { maxLength: 6 }), (keys) => {
      const text = `{ ${keys.map((one) => `${one}: { x: 1 }`).join(', ')} }`;
      const options = { version: '1.2', schema: 'core', logLevel: 'silent' } as const;
      let isRepeated = false;
      visit(parseDocument(text, { ...options, uniqueKeys: false }), {
        Map: (_, map) => {
          isRepeated ||= repeatedKey(map) !== undefined;
        },
      });
      assert.equal(isRepeated, parseDocument(text, options).errors.length > 0, text);
    }),
  );
});

test('every key is read once, whatever their number', () => {
  let reads = 0;
  const map = new YAMLMap<Scalar, number>();
  for (let number = 0; number < 1000; number += 1) {
    const key = new Scalar(number);
    Object.defineProperty(key, 'value', {
      get: () => {
        reads += 1;
        return number;
      },
    });
    map.items.push(new Pair(key, 1));
  }
  assert.ok(isMap(map));
  assert.equal(repeatedKey(map), undefined);
  assert.equal(reads, 1000);
});
