// A plugin on the Notary Project's plugin framework under our command line.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeTarGz, makeZip } from '@nv2/testkit';
import { type Site, withSite } from '../test/embedded-registry.ts';
import { runProcess } from '../test/run-process.ts';
import { execute, NOTATION } from './execute.ts';
import { peer, skipWithoutPeers } from './peers.ts';

const skip = await skipWithoutPeers('notation-peer');

/** Where a plugin is asked for both checks, and trusts the leaf of the site by its common name. */
const TRUSTED = 'peer.cn:';
const RAW = 'capabilities=SIGNATURE_GENERATOR.RAW';
const ENVELOPE = 'capabilities=SIGNATURE_GENERATOR.ENVELOPE';

interface Bench {
  readonly site: Site;
  /** Runs `notation` to its end; resolves to what it printed. @throws on any exit code but 0 */
  readonly notation: (...args: readonly string[]) => Promise<string>;
  /** Runs `notation -d …`, which has to fail; resolves to what it said. */
  readonly refused: (...args: readonly string[]) => Promise<string>;
  /** Imports a strict trust policy with that trusted identity. */
  readonly trust: (identity: string) => Promise<void>;
  readonly commonName: string;
}

/** Calls `use` with the plugin installed, and its key "remote" in the list. */
async function withPlugin(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const { dir } = site;
    const env = { NOTATION_CONFIG: join(dir, 'config') };
    const notation: Bench['notation'] = (...args) => execute(NOTATION, args, { cwd: dir, env });
    const archive = join(dir, 'peer.tar.gz');
    await writeFile(archive, await packed(makeTarGz));
    assert.equal(
      await notation('plugin', 'install', '--file', archive),
      'Successfully installed plugin peer, version 1.2.3\n',
    );
    const key = ['--plugin', 'peer', '--id', site.key, '--plugin-config', `chain=${site.chain}`];
    await notation('key', 'add', ...key, 'remote');
    await notation('cert', 'add', '--type', 'ca', '--store', 'example', join(dir, 'root.pem'));
    await use({
      site,
      notation,
      refused: async (...args) => {
        const said = await runProcess(NOTATION, args, {
          cwd: dir,
          env: { ...process.env, ...env },
        });
        assert.equal(said.code, 1, said.output);
        return said.output;
      },
      trust: async (identity) => {
        const policy = JSON.parse(await readFile(site.policy, 'utf8'));
        policy.trustPolicies[0].trustedIdentities = [identity];
        await writeFile(join(dir, 'policy.json'), JSON.stringify(policy));
        await notation('policy', 'import', '--force', join(dir, 'policy.json'));
      },
      commonName: /CN=([^,]*)/.exec(site.signer)?.[1] ?? '',
    });
  });
}

async function packed(pack: typeof makeTarGz | typeof makeZip): Promise<Uint8Array> {
  const content = await readFile(await peer('notation-peer'));
  return pack([{ name: 'notation-peer', content, mode: 0o100755 }]);
}

describe('a plugin on the framework of the Notary Project', { skip }, () => {
  test('is installed, listed, replaced and removed', async () => {
    await withPlugin(async ({ site, notation, refused }) => {
      assert.match(
        await notation('plugin', 'list'),
        /^peer +the plugin framework of the Notary Project +1\.2\.3 +\[SIGNATURE_GENERATOR\.RAW SIGNATURE_GENERATOR\.ENVELOPE SIGNATURE_VERIFIER\.TRUSTED_IDENTITY SIGNATURE_VERIFIER\.REVOCATION_CHECK\] +<nil>/m,
      );
      const zip = join(site.dir, 'peer.zip');
      await writeFile(zip, await packed(makeZip));
      assert.match(
        await refused('plugin', 'install', '--file', zip),
        /plugin peer with version 1\.2\.3 already exists/,
      );
      assert.equal(
        await notation('plugin', 'install', '--force', '--file', zip),
        'Successfully updated plugin peer from version 1.2.3 to 1.2.3\n',
      );
      await notation('plugin', 'uninstall', '--yes', 'peer');
      assert.match(
        await refused('sign', '--key', 'remote', site.image),
        /no such file or directory/,
      );
    });
  });

  for (const format of ['jws', 'cose']) {
    test(`signs bytes for ${format}`, async () => {
      await withPlugin(async ({ site, notation, trust }) => {
        await trust('*');
        await notation(
          ...['sign', '--key', 'remote', '--plugin-config', RAW, '--signature-format', format],
          ...['--expiry', '24h', '--user-metadata', 'build=7', site.image],
        );
        assert.match(
          await notation('verify', '--user-metadata', 'build=7', site.image),
          /^Successfully verified signature for /m,
        );
        assert.match(await notation('inspect', site.image), /signing agent: .* peer\/1\.2\.3\n/);
      });
    });

    test(`makes envelopes of ${format}, and takes part in their verification`, async () => {
      await withPlugin(async ({ site, notation, refused, trust, commonName }) => {
        await notation(
          ...['sign', '--key', 'remote', '--plugin-config', ENVELOPE, '--signature-format', format],
          ...['--plugin-config', 'critical=peer.note=x', '--expiry', '24h', site.image],
        );
        await trust(`${TRUSTED}${commonName}`);
        assert.match(
          await notation('verify', site.image),
          /^Successfully verified signature for /m,
        );
        assert.match(
          await refused('verify', '-d', '--plugin-config', `revoked=${commonName}`, site.image),
          /revocation check by verification plugin "peer" failed with reason ".* has left"/,
        );
        await trust(`${TRUSTED}someone`);
        assert.match(
          await refused('verify', '-d', site.image),
          /trusted identify verification by plugin "peer" failed with reason ".* is a stranger"/,
        );
      });
    });
  }

  test('leaves no critical attribute unprocessed', async () => {
    await withPlugin(async ({ site, notation, refused, trust, commonName }) => {
      await notation(
        ...['sign', '--key', 'remote', '--plugin-config', ENVELOPE],
        ...['--plugin-config', 'critical=other.note=x', site.image],
      );
      await trust(`${TRUSTED}${commonName}`);
      assert.match(
        await refused('verify', '-d', site.image),
        /extended critical attribute "other\.note" was not processed by the verification plugin "peer"/,
      );
    });
  });

  test('signs a blob, and says what is wrong in its own words', async () => {
    await withPlugin(async ({ site, notation, refused }) => {
      await writeFile(join(site.dir, 'blob.txt'), 'content');
      await notation('blob', 'sign', '--key', 'remote', 'blob.txt');
      const init = ['--name', 'b', '--trust-store', 'ca:example', '--trusted-identity', '*'];
      await notation('blob', 'policy', 'init', ...init, '--global');
      assert.match(
        await notation('blob', 'verify', '--signature', 'blob.txt.jws.sig', 'blob.txt'),
        /^Successfully verified signature for blob\.txt/,
      );
      assert.match(
        await refused('sign', '--key', 'remote', '--plugin-config', 'chain=/none', site.image),
        /^Error: failed to sign with the plugin peer: key .*: open \/none: no such file/m,
      );
    });
  });
});
