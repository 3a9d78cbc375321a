import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownKeys } from './known-keys.ts';

function counting(maxKeys: number): { get(octets: string): string | undefined; imports: string[] } {
  const known = new KnownKeys<string>(maxKeys);
  const imports: string[] = [];
  return {
    imports,
    get: (octets) =>
      known.get(octets, () => {
        imports.push(octets);
        return `key of ${octets}`;
      }),
  };
}

test('a key is imported when it is met again, and then no more', () => {
  const { get, imports } = counting(4);
  assert.deepEqual(
    ['a', 'a', 'b', 'a'].map((octets) => get(octets)),
    [undefined, 'key of a', undefined, 'key of a'],
  );
  assert.deepEqual(imports, ['a']);
});

test('the longest unused key goes first, and no more than the bound stay', () => {
  const { get, imports } = counting(2);
  for (const octets of ['a', 'a', 'b', 'b', 'a', 'c', 'c', 'a', 'b']) get(octets);
  assert.deepEqual(imports, ['a', 'b', 'c']);
  assert.equal(get('b'), 'key of b');
  assert.deepEqual(imports, ['a', 'b', 'c', 'b']);
});

test('without room nothing is kept', () => {
  const { get, imports } = counting(0);
  assert.deepEqual(
    ['a', 'a', 'a'].map((octets) => get(octets)),
    [undefined, undefined, undefined],
  );
  assert.deepEqual(imports, []);
});

test('a key that cannot be imported is refused each time', () => {
  const known = new KnownKeys<string>(2);
  const fail = (): never => {
    throw new Error('not a key');
  };
  assert.equal(known.get('a', fail), undefined);
  assert.throws(() => known.get('a', fail));
  assert.throws(() => known.get('a', fail));
});
