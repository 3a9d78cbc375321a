import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '@nv2/core';
import { memoryTrustStore } from '../truststore/trust-store.ts';
import { lintPolicy } from './lint.ts';
import { compileOwnPolicy } from './own/compile.ts';

/** Of each signer the keys by number, or a trust store. */
async function isImpossible(
  signers: readonly (readonly number[] | 'store')[],
  require: string | { readonly atLeast: number } = 'all',
): Promise<boolean> {
  const policy = compileOwnPolicy(
    parseJson(
      JSON.stringify({
        version: 'nv2/1',
        statements: [
          {
            name: 'app',
            scopes: [{ any: true }],
            level: 'strict',
            require,
            signers: signers.map((known, index) => ({
              name: `s${index}`,
              ...(known === 'store'
                ? { stores: ['ca:acme'], identities: [{ any: true }] }
                : { keys: known.map((key) => `sha256:${String(key).repeat(64)}`) }),
            })),
          },
        ],
      }),
    ),
  );
  const by = { trustStore: memoryTrustStore({}), now: new Date(0) };
  const findings = await lintPolicy(policy, by);
  return findings.some(({ rule }) => rule === 'signers-impossible');
}

test('signers without a key of their own are impossible, whoever else has to sign', async () => {
  assert.equal(await isImpossible([[1], [1]]), true);
  assert.equal(await isImpossible([[1], [1], 'store']), true);
  assert.equal(await isImpossible(['store', [1], 'store', [1]]), true);
  // enough keys by number, too few for these two
  assert.equal(await isImpossible([[1], [1], [2, 3, 4]]), true);
  assert.equal(await isImpossible([[1], [1], 'store'], { atLeast: 3 }), true);
});

test('signers who may have a key of their own are possible', async () => {
  assert.equal(await isImpossible([[1], [1], 'store'], { atLeast: 2 }), false);
  assert.equal(await isImpossible([[1], [1]], 'any'), false);
  assert.equal(await isImpossible([[1], [1, 2], [1, 2, 3]]), false);
  assert.equal(await isImpossible(['store', 'store']), false);
  assert.equal(await isImpossible([[1], 'store']), false);
});
