import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileOwnPolicy, memoryTrustStore, type VerifyOptions } from '@nv2/notary';
import { policyHash } from './policy-hash.ts';

const statement = new Map<string, string | readonly ReadonlyMap<string, true>[]>([
  ['name', 'all'],
  ['scopes', [new Map<string, true>([['any', true]])]],
  ['level', 'skip'],
]);
const policy = compileOwnPolicy(
  new Map<string, string | readonly (typeof statement)[]>([
    ['version', 'nv2/1'],
    ['statements', [statement]],
  ]),
);
const options: VerifyOptions = { policy, trustStore: memoryTrustStore({}) };

test('what was denied since is another policy: a scan does not resume over it', async () => {
  const before = await policyHash(options);
  const one = await policyHash({ ...options, denials: new Map([['sha256:00', 'a']]) });
  const two = await policyHash({ ...options, denials: new Map([['sha256:01', 'a']]) });
  assert.equal(new Set([before, one, two]).size, 3);
  assert.equal(await policyHash({ ...options, denials: new Map([['sha256:00', 'a']]) }), one);
});
