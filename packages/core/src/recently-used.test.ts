import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentlyUsed } from './recently-used.ts';

test('of what was used, the longest unused is forgotten first', () => {
  const kept = new RecentlyUsed<string, number>(2);
  kept.set('a', 1);
  kept.set('b', 2);
  assert.equal(kept.get('a'), 1);
  kept.set('c', 3);
  assert.deepEqual([kept.get('a'), kept.get('b'), kept.get('c')], [1, undefined, 3]);
});

test('a value that is forgotten is so under all its keys', () => {
  const kept = new RecentlyUsed<string, object>(3);
  const value = {};
  kept.set('a', value);
  kept.set('b', value);
  kept.set('c', {});
  kept.forget(value);
  assert.deepEqual([kept.get('a'), kept.get('b'), kept.get('c')], [undefined, undefined, {}]);
});
