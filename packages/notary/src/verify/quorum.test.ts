import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countSigners, type Vote } from './quorum.ts';

function vote(key: string, ...signers: readonly string[]): Vote {
  return { key, signers };
}

test('security row 11: one key counts once, however often and for whomever it signed', () => {
  assert.equal(countSigners([vote('k', 'a'), vote('k', 'a')]), 1);
  assert.equal(countSigners([vote('k', 'a', 'b')]), 1);
  assert.equal(countSigners([vote('k', 'a'), vote('k', 'b')]), 1);
});

test('security row 11: one signer counts once, however many keys it has', () => {
  assert.equal(countSigners([vote('k', 'a'), vote('l', 'a')]), 1);
});

test('a signature that may be of several signers counts for the one that lacks another', () => {
  assert.equal(countSigners([vote('k', 'a', 'b'), vote('l', 'a')]), 2);
  assert.equal(countSigners([vote('l', 'a'), vote('k', 'a', 'b'), vote('m', 'b', 'c')]), 3);
});

test('nobody signed, nobody counts', () => {
  assert.equal(countSigners([]), 0);
  assert.equal(countSigners([vote('k')]), 0);
});

/** The same by trying everything. */
function bruteForce(votes: readonly Vote[]): number {
  const keys = [...new Set(votes.map(({ key }) => key))];
  const search = (index: number, used: ReadonlySet<string>): number => {
    const key = keys[index];
    if (key === undefined) return used.size;
    const signers = votes.filter((one) => one.key === key).flatMap((one) => one.signers);
    return Math.max(
      search(index + 1, used),
      ...signers
        .filter((signer) => !used.has(signer))
        .map((signer) => search(index + 1, new Set([...used, signer]))),
    );
  };
  return search(0, new Set());
}

test('the count is the largest that any assignment of keys to signers gives', () => {
  const letters = (all: string): fc.Arbitrary<string> => fc.constantFrom(...all);
  const votes = fc.array(
    fc.record({ key: letters('klmnp'), signers: fc.array(letters('abcde'), { maxLength: 3 }) }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(votes, (some) => {
      assert.equal(countSigners(some), bruteForce(some));
    }),
  );
});
