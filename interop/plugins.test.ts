// A plugin written with nv2 under notation-go's plugin manager.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Site, withSite } from '../test/embedded-registry.ts';
import { writeExamplePlugin } from '../test/example-plugin.ts';
import { runExample } from '../test/run-process.ts';
import { askPeerOnce, type PeerSigned } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';

const skip = await skipWithoutPeers('nv2-peer');

async function withPlugins(use: (site: Site, plugins: string) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const plugins = join(site.dir, 'plugins');
    await writeExamplePlugin(plugins);
    await use(site, plugins);
  });
}

function signWith(
  site: Site,
  plugins: string,
  { format, pluginConfig }: { readonly format: string; readonly pluginConfig: object },
): Promise<PeerSigned> {
  return askPeerOnce('sign', {
    reference: site.image,
    plainHttp: true,
    ...{ plugins, plugin: 'keyfile', keyId: site.key, pluginConfig, format },
  });
}

describe('a plugin of nv2 under notation-go', { skip }, () => {
  test('says what it is', async () => {
    await withPlugins(async (_, plugins) => {
      const { ok, error, metadata } = await askPeerOnce('plugin-metadata', {
        plugins,
        plugin: 'keyfile',
      });
      assert.ok(ok, error);
      assert.deepEqual(metadata, {
        name: 'keyfile',
        description: 'Signs with private keys in files',
        version: '1.0.0',
        url: 'https://github.com/example/notation-keyfile',
        supportedContractVersions: ['1.0'],
        capabilities: ['SIGNATURE_GENERATOR.RAW'],
      });
    });
  });

  for (const format of ['jws', 'cose']) {
    test(`signs ${format}, and nv2 verifies the signature`, async () => {
      await withPlugins(async (site, plugins) => {
        const pluginConfig = { chain: site.chain };
        const signed = await signWith(site, plugins, { format, pluginConfig });
        assert.ok(signed.ok, signed.error);
        assert.equal(signed.subject, site.digest);
        const args = [site.image, site.policy, site.trustStore];
        const { code, output } = await runExample('verify.ts', args);
        assert.equal(code, 0, output);
      });
    });
  }

  test('says what is wrong, and notation-go hands it on', async () => {
    await withPlugins(async (site, plugins) => {
      const { ok, error } = await signWith(site, plugins, { format: 'jws', pluginConfig: {} });
      assert.equal(ok, false);
      assert.match(error ?? '', /give --plugin-config chain=PATH/);
    });
  });
});
