import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createHttpClient } from '@nv2/http';
import {
  downloadPlugin,
  installPlugin,
  listPlugins,
  NotaryError,
  type NotaryErrorCode,
  pluginDirectory,
  uninstallPlugin,
} from '@nv2/notary';
import { lockFile } from '@nv2/oci';
import { fakeTransport, makeTarGz, makeZip, withTempDir } from '@nv2/testkit';

function isCode(code: NotaryErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof NotaryError && error.code === code;
}

/** A plugin of shell that says its metadata. */
function shell(version = '1.0.0', name = 'demo'): string {
  const metadata = {
    name,
    description: 'a plugin for tests',
    version,
    url: 'https://plugins.example/demo',
    supportedContractVersions: ['1.0'],
    capabilities: ['SIGNATURE_GENERATOR.RAW'],
  };
  return `#!/bin/sh\necho '${JSON.stringify(metadata)}'\n`;
}

async function write(path: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

const ZIP = { name: 'notation-demo', content: shell(), mode: 0o100755 };

describe('a plugin is installed', () => {
  const archives: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
    ['a zip', makeZip([ZIP, { name: 'LICENSE', content: 'free' }]), ['LICENSE', 'notation-demo']],
    ['a zip that has no modes', makeZip([{ ...ZIP, madeBy: 20 }]), ['notation-demo']],
    [
      'a tar.gz',
      makeTarGz([{ name: 'demo-1.0/bin/notation-demo', content: shell(), mode: 0o755 }]),
      ['notation-demo'],
    ],
  ];
  for (const [from, bytes, files] of archives) {
    test(`from ${from}, whatever the archive is called`, async () => {
      await withTempDir(async (dir) => {
        const source = await write(join(dir, 'archive'), bytes);
        const plugins = join(dir, 'plugins');
        const { metadata } = await installPlugin(plugins, { source });
        assert.equal(metadata.name, 'demo');
        assert.deepEqual((await readdir(join(plugins, 'demo'))).sort(), files);
        const { mode } = await stat(join(plugins, 'demo', 'notation-demo'));
        assert.equal(mode & 0o100, 0o100);
        assert.deepEqual(await listPlugins(plugins), ['demo']);
      });
    });
  }

  test('if it has the checksum that was given, in digits of either case', async () => {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      const source = await write(join(dir, 'notation-demo'), shell(), 0o755);
      const install = (sha256: string): Promise<unknown> =>
        installPlugin(plugins, { source, sha256 });
      await assert.rejects(install('abcd'), isCode('NOTARY_PLUGIN_CHECKSUM_MISMATCH'));
      await assert.rejects(install(''), isCode('NOTARY_PLUGIN_CHECKSUM_MISMATCH'));
      assert.deepEqual(await readdir(plugins), []);
      await install(createHash('sha256').update(shell()).digest('hex').toUpperCase());
    });
  });

  const unfit: readonly (readonly [string, Uint8Array])[] = [
    ['no executable', makeZip([{ name: 'LICENSE' }])],
    ['an executable below the root alone', makeZip([{ ...ZIP, name: 'bin/notation-demo' }])],
    ['two executables', makeZip([ZIP, { ...ZIP, name: 'notation-other' }])],
    ['two that one system takes for one', makeZip([ZIP, { name: 'notation-Demo' }])],
    ['two candidates', makeTarGz([{ name: 'notation-a' }, { name: 'notation-b' }])],
  ];
  for (const [what, bytes] of unfit) {
    test(`from no archive with ${what}`, async () => {
      await withTempDir(async (dir) => {
        const source = await write(join(dir, 'archive'), bytes);
        const plugins = join(dir, 'plugins');
        await assert.rejects(
          installPlugin(plugins, { source }),
          isCode('NOTARY_PLUGIN_SOURCE_INVALID'),
        );
        assert.deepEqual(await readdir(plugins), []);
      });
    });
  }

  test('and a source that is changed meanwhile is not what is run or installed', async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, 'notation-demo');
      // the plugin overwrites the file that it was installed from
      const content = `${shell()}echo evil > '${path}'\n`;
      const source = await write(path, content, 0o755);
      await installPlugin(join(dir, 'plugins'), { source });
      const installed = await readFile(join(dir, 'plugins', 'demo', 'notation-demo'), 'utf8');
      assert.equal(installed, content);
      assert.equal(await readFile(path, 'utf8'), 'evil\n');
    });
  });
});

describe('an installation that was interrupted', () => {
  const replacing = (plugins: string): Promise<void> =>
    rename(join(plugins, 'demo'), join(plugins, '.installing-old-demo'));
  const version = async (plugins: string): Promise<string> => {
    const plugin = await pluginDirectory(plugins).find('demo');
    const config = new Map<string, string>();
    return (await plugin.call('get-plugin-metadata', { pluginConfig: config })).version;
  };

  async function withInterrupted(
    use: (plugins: string, newer: string) => Promise<void>,
  ): Promise<void> {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      const source = await write(join(dir, 'a', 'notation-demo'), shell('1.0.0'), 0o755);
      await installPlugin(plugins, { source });
      await replacing(plugins);
      await write(
        join(plugins, '.installing-abc', 'files', 'notation-demo'),
        shell('2.0.0'),
        0o755,
      );
      await use(plugins, await write(join(dir, 'b', 'notation-demo'), shell('1.1.0'), 0o755));
    });
  }

  test('between its two steps leaves the old plugin to those who look for it', async () => {
    await withInterrupted(async (plugins) => {
      assert.equal(await version(plugins), '1.0.0');
    });
    await withInterrupted(async (plugins) => {
      assert.deepEqual(await listPlugins(plugins), ['demo']);
    });
  });

  test('is cleared by the next one', async () => {
    await withInterrupted(async (plugins, source) => {
      const { previous } = await installPlugin(plugins, { source });
      assert.equal(previous?.version, '1.0.0');
      assert.deepEqual(await readdir(plugins), ['demo']);
    });
  });

  test('after both steps leaves the new plugin', async () => {
    await withInterrupted(async (plugins, source) => {
      await write(join(plugins, 'demo', 'notation-demo'), shell('1.0.5'), 0o755);
      assert.equal(await version(plugins), '1.0.5');
      assert.equal((await installPlugin(plugins, { source })).previous?.version, '1.0.5');
      assert.deepEqual(await readdir(plugins), ['demo']);
    });
  });

  test('does not come back from the dead after the plugin was removed', async () => {
    await withInterrupted(async (plugins) => {
      await listPlugins(plugins);
      await uninstallPlugin(plugins, 'demo');
      assert.deepEqual(await readdir(plugins), []);
      await assert.rejects(version(plugins), isCode('NOTARY_PLUGIN_NOT_FOUND'));
    });
  });

  test('is none that another is in the middle of: both end, one after the other', async () => {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      const sources = await Promise.all(
        ['a', 'b', 'c'].map((name) => write(join(dir, name, 'notation-demo'), shell(), 0o755)),
      );
      const done = sources.map((source) => installPlugin(plugins, { source, overwrite: true }));
      const previous = (await Promise.all(done)).filter((installed) => installed.previous);
      assert.equal(previous.length, 2);
      assert.deepEqual(await readdir(plugins), ['demo']);
    });
  });
});

describe('a plugin is downloaded', () => {
  const URL_OF = 'https://plugins.example/demo.zip';

  test('from an https URL, redirects to https included', async () => {
    await withTempDir(async (dir) => {
      const client = createHttpClient({
        userAgent: 'test',
        transport: fakeTransport(({ url }) =>
          url.pathname === '/demo.zip'
            ? { status: 302, headers: { location: 'https://cdn.example/x' } }
            : { status: 200, body: 'content' },
        ),
      });
      const path = join(dir, 'download');
      await downloadPlugin(URL_OF, { client, path });
      assert.equal(await readFile(path, 'utf8'), 'content');
    });
  });

  const answers: readonly (readonly [string, string, string, object])[] = [
    ['http', 'http://plugins.example/', 'NOTARY_PLUGIN_URL_INVALID', {}],
    ['a URL without scheme', 'plugins.example', 'NOTARY_PLUGIN_URL_INVALID', {}],
    ['a URL with a password', 'https://me:pw@plugins.example', 'NOTARY_PLUGIN_URL_INVALID', {}],
    ['an answer that is an error', URL_OF, 'NOTARY_PLUGIN_DOWNLOAD_FAILED', { status: 404 }],
    [
      'a redirect to http',
      URL_OF,
      'HTTP_REDIRECT_REFUSED',
      { status: 302, headers: { location: 'http://plugins.example/' } },
    ],
  ];
  for (const [what, url, code, response] of answers) {
    test(`never by ${what}`, async () => {
      await withTempDir(async (dir) => {
        const transport = fakeTransport(() => ({ status: 200, ...response }));
        const client = createHttpClient({ userAgent: 'test', transport });
        await assert.rejects(downloadPlugin(url, { client, path: join(dir, 'x') }), { code });
      });
    });
  }
});

test('a caller that gives up waits for no other process that changes the plugins', () =>
  withTempDir(async (dir) => {
    const source = await write(join(dir, 'notation-demo'), shell(), 0o755);
    const plugins = join(dir, 'plugins');
    await installPlugin(plugins, { source });
    const held = await lockFile(join(plugins, '.nv2-plugins.lock'), { timeoutMs: 0 });
    try {
      const reason = new Error('no time left');
      const signal = AbortSignal.abort(reason);
      await assert.rejects(installPlugin(plugins, { source, overwrite: true, signal }), reason);
      await assert.rejects(uninstallPlugin(plugins, 'demo', { signal }), reason);
    } finally {
      await held?.release();
    }
    assert.deepEqual(await listPlugins(plugins), ['demo']);
  }));
