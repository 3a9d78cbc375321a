// The cache of CRLs is one and the same for nv2 and notation-go: either reads what the other wrote.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeBase64 } from '@nv2/core';
import { type CrlCache, fileCrlCache } from '@nv2/notary';
import { makeChain, makeCrl, withTempDir } from '@nv2/testkit';
import { askPeerOnce } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';

const URL = 'http://crl.example/a b/leaf.crl?x=1&y=ü';
type CrlBundleBytes = Parameters<CrlCache['set']>[1];

const skip = await skipWithoutPeers('nv2-peer');

async function makeBundles(): Promise<Readonly<Record<string, CrlBundleBytes>>> {
  const { authorities } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
  const [issuer] = authorities;
  assert.ok(issuer);
  const list = { issuer, thisUpdate: Date.now() - 1000 };
  const base = await makeCrl(list);
  const delta = await makeCrl({ ...list, crlNumber: 2, baseCrlNumber: 1 });
  return { 'a base CRL': { base }, 'a base CRL with its delta': { base, delta } };
}

describe('the cache of CRLs, shared with notation-go', { skip }, async () => {
  for (const [what, bundle] of Object.entries(await makeBundles())) {
    const { base, delta } = bundle;

    test(`notation-go reads what nv2 wrote: ${what}`, async () => {
      await withTempDir(async (directory) => {
        await fileCrlCache(directory).set(URL, bundle);
        const read = await askPeerOnce('crl-cache', { directory, url: URL });
        assert.ok(read.ok, read.error);
        assert.equal(read.baseCRL, encodeBase64(base));
        assert.equal(read.deltaCRL, delta && encodeBase64(delta));
      });
    });

    test(`nv2 reads what notation-go wrote: ${what}, in the same file with the same bytes`, async () => {
      await withTempDir(async (directory) => {
        const [ours, theirs] = [join(directory, 'nv2'), join(directory, 'notation')];
        const request = { directory: theirs, url: URL, baseCRL: base, deltaCRL: delta };
        const written = await askPeerOnce('crl-cache', request);
        assert.ok(written.ok, written.error);
        assert.deepEqual(await fileCrlCache(theirs).get(URL), bundle);
        await fileCrlCache(ours).set(URL, bundle);
        const [name = ''] = await readdir(ours);
        assert.deepEqual(await readFile(join(ours, name)), await readFile(join(theirs, name)));
      });
    });
  }
});
