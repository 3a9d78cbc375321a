import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashChains } from './hash-chains.ts';
import { keyedTextHash } from './text-hash.ts';

test('each hash of texts has a key of its own, and spreads texts that are alike', () => {
  const texts = Array.from({ length: 4096 }, (_, index) => `r.example/app${index}:v1`);
  const hash = keyedTextHash();
  const other = keyedTextHash();
  const hashes = texts.map(hash);
  assert.deepEqual(hashes, texts.map(hash));
  assert.notDeepEqual(hashes, texts.map(other));
  assert.ok(hashes.every((one) => one >= 0 && one < 2 ** 32 && Number.isInteger(one)));
});

test('chains give the rows of the very hash, the newest first', () => {
  const chains = new HashChains();
  // the upper bits, by which chains are found, are the same
  const hashes = [1, 2, 1, 0xffff_ffff, 0, 1];
  for (const hash of hashes) chains.add(hash);
  assert.equal(chains.size, hashes.length);
  assert.deepEqual([...chains.rowsOf(1)], [5, 2, 0]);
  assert.deepEqual([...chains.rowsOf(0)], [4]);
  assert.deepEqual([...chains.rowsOf(0xffff_ffff)], [3]);
  assert.deepEqual([...chains.rowsOf(3)], []);
});
