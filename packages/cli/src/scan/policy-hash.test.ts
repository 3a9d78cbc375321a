import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonValue, parseJson } from '@nv2/core';
import {
  compileOwnPolicy,
  directoryRevocation,
  memoryTrustStore,
  type VerifyOptions,
} from '@nv2/notary';
import { makeChain, makeCrl, withTempDir } from '@nv2/testkit';
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

function withRevocation(revocation: object): VerifyOptions {
  const signers = [{ name: 's', keys: [`sha256:${'0'.repeat(64)}`] }];
  const one = { name: 'all', scopes: [{ any: true }], level: 'strict', signers, revocation };
  const document: JsonValue = parseJson(JSON.stringify({ version: 'nv2/1', statements: [one] }));
  return { ...options, policy: compileOwnPolicy(document) };
}

test('how revocation is asked about is part of it', async () => {
  const rule = (failure: string) => ({ softFail: [{ any: true, failures: [failure] }] });
  const all = [{ timeout: '3s' }, { timeout: '4s' }, rule('timeout'), rule('refused')];
  const hashes = await Promise.all(all.map((one) => policyHash(withRevocation(one))));
  assert.equal(new Set(hashes).size, all.length);
});

test('what answers are kept in a directory is part of it: a scan does not resume over others', async () => {
  const { authorities } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
  const [issuer] = authorities;
  assert.ok(issuer);
  await withTempDir(async (directory) => {
    const hash = (): Promise<string> =>
      policyHash({
        ...withRevocation({ offline: { directory, maxAge: '1d' } }),
        offlineRevocation: directoryRevocation(),
      });
    const before = await hash();
    await writeFile(join(directory, 'a.crl'), await makeCrl({ issuer, thisUpdate: Date.now() }));
    const after = await hash();
    await writeFile(join(directory, 'b.crl'), 'nothing that can be read');
    assert.equal(new Set([before, after, await hash()]).size, 3);
    assert.equal(await hash(), await hash());
  });
});
