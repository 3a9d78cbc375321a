import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSome } from './list-some.ts';

test('as many texts as are allowed are listed, and how many there are besides', () => {
  assert.equal(listSome([], 2), '');
  assert.equal(listSome(['a', 'b'], 2), 'a, b');
  assert.equal(listSome(['a', 'b', 'c', 'd'], 2), 'a, b and 2 more');
});
