import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import type { PluginCommands } from './contract.ts';
import { listPlugins, pluginDirectory, uninstallPlugin } from './directory.ts';
import { installPlugin } from './install.ts';
import { pluginMetadata } from './metadata.ts';
import { executablePlugin, type PluginOptions } from './plugin.ts';

const METADATA = {
  name: 'demo',
  description: 'a plugin for tests',
  version: '1.0.0',
  url: 'https://plugins.example/demo',
  supportedContractVersions: ['1.0'],
  capabilities: ['SIGNATURE_GENERATOR.RAW'],
};

function isCode(code: NotaryErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof NotaryError && error.code === code;
}

/** Writes an executable `notation-<name>` of shell lines. */
async function writeShell(
  directory: string,
  lines: readonly string[],
  name = 'demo',
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `notation-${name}`);
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
  return path;
}

function says(value: unknown): string[] {
  return ['cat >/dev/null', `cat <<'END'\n${JSON.stringify(value)}\nEND`];
}

async function withPlugin(
  lines: readonly string[],
  use: (ask: (options?: PluginOptions) => Promise<unknown>, dir: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const path = await writeShell(dir, lines);
    const ask = (options?: PluginOptions) =>
      pluginMetadata(
        executablePlugin({ name: 'demo', path }, options),
        new Map([
          ['b', '2'],
          ['a', '1'],
        ]),
      );
    await use(ask, dir);
  });
}

const REQUEST: PluginCommands['verify-signature']['request'] = {
  contractVersion: '1.0',
  signature: {
    criticalAttributes: {
      contentType: 'text/plain',
      signingScheme: 'notary.x509',
      expiry: undefined,
      authenticSigningTime: undefined,
      extendedAttributes: new Map(),
    },
    unprocessedAttributes: [],
    certificateChain: [],
  },
  trustPolicy: { trustedIdentities: [], signatureVerification: ['A'] },
  pluginConfig: new Map(),
};

/** Calls `use` with what a plugin that prints `answer` is understood to have found. */
async function withAnswer(
  answer: string,
  use: (asked: Promise<PluginCommands['verify-signature']['response']>) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const path = await writeShell(dir, ['cat >/dev/null', `cat '${join(dir, 'answer')}'`]);
    await writeFile(join(dir, 'answer'), answer);
    await use(executablePlugin({ name: 'demo', path }).call('verify-signature', REQUEST));
  });
}

describe('a plugin behind an executable', () => {
  test('reads the request on its input and is understood', async () => {
    await withPlugin(
      ['cat > "$0.in"', 'echo "$1" > "$0.arg"', says(METADATA).at(-1) ?? ''],
      async (ask, dir) => {
        const exchanges: string[] = [];
        const onExchange = ({ direction, json }: { direction: string; json: string }): void => {
          exchanges.push(`${direction} ${json}`);
        };
        assert.deepEqual(await ask({ onExchange }), METADATA);
        const request = '{"pluginConfig":{"a":"1","b":"2"}}';
        assert.equal(await readFile(join(dir, 'notation-demo.in'), 'utf8'), request);
        assert.equal(
          await readFile(join(dir, 'notation-demo.arg'), 'utf8'),
          'get-plugin-metadata\n',
        );
        assert.deepEqual(exchanges, [
          `request ${request}`,
          `response ${JSON.stringify(METADATA)}\n`,
        ]);
      },
    );
  });

  test('gets the environment that it is given and no other', async () => {
    await withPlugin(
      [
        'cat >/dev/null',
        `echo '${JSON.stringify(METADATA)}' | sed "s/a plugin for tests/$SECRET-$SHOWN/"`,
      ],
      async (ask) => {
        const environment = { PATH: '/usr/bin:/bin', SHOWN: 'shown' };
        assert.deepEqual(await ask({ environment }), { ...METADATA, description: '-shown' });
      },
    );
  });

  const broken: readonly (readonly [string, NotaryErrorCode, readonly string[]])[] = [
    ['not JSON', 'NOTARY_PLUGIN_MALFORMED', ['echo hello']],
    ['JSON and something after it', 'NOTARY_PLUGIN_MALFORMED', [...says(METADATA), 'echo x']],
    ['invalid UTF-8', 'NOTARY_PLUGIN_MALFORMED', [String.raw`printf '"\377"'`]],
    ['a list', 'NOTARY_PLUGIN_MALFORMED', ['echo "[]"']],
    ['nothing', 'NOTARY_PLUGIN_MALFORMED', ['exit 0']],
    ['a failure without a word', 'NOTARY_PLUGIN_CRASHED', ['exit 3']],
    ['its end by a signal', 'NOTARY_PLUGIN_CRASHED', ['kill -9 $$']],
    ['a failure in words', 'NOTARY_PLUGIN_MALFORMED', ['echo oops >&2', 'exit 1']],
    ['an empty failure', 'NOTARY_PLUGIN_MALFORMED', ['echo "{}" >&2', 'exit 1']],
    ['no name', 'NOTARY_PLUGIN_METADATA_INVALID', says({ ...METADATA, name: '' })],
    ['no capabilities', 'NOTARY_PLUGIN_METADATA_INVALID', says({ ...METADATA, capabilities: [] })],
    [
      'another contract',
      'NOTARY_PLUGIN_METADATA_INVALID',
      says({ ...METADATA, supportedContractVersions: ['2.0'] }),
    ],
    ["another's name", 'NOTARY_PLUGIN_NAME_MISMATCH', says({ ...METADATA, name: 'other' })],
  ];
  for (const [what, code, lines] of broken) {
    test(`that answers with ${what} is refused`, async () => {
      await withPlugin(lines, (ask) => assert.rejects(ask(), isCode(code)));
    });
  }

  const deep = '['.repeat(100_000);
  const unclear: readonly (readonly [string, string])[] = [
    ['text for a yes', '{"verificationResults":{"A":{"success":"true"}}}'],
    ['a number for a yes', '{"verificationResults":{"A":{"success":1}}}'],
    ['a yes for a result', '{"verificationResults":{"A":true}}'],
    ['a list of results', '{"verificationResults":[{"success":true}]}'],
    [
      'two results of one check',
      '{"verificationResults":{"A":{"success":false},"A":{"success":true}}}',
    ],
    ['two answers in one', '{"verificationResults":{},"VerificationResults":{}}'],
    ['a yes and a no', '{"verificationResults":{"A":{"success":false,"Success":true}}}'],
    ['security row 29: lists in lists', `{"processedAttributes":${deep}`],
  ];
  for (const [what, answer] of unclear) {
    const name = `that verifies and answers with ${what} is refused`;
    test(name.replace(/^(.*)(security row \d+: )/, '$2$1'), async () => {
      await withAnswer(answer, async (asked) => {
        await assert.rejects(asked, isCode('NOTARY_PLUGIN_MALFORMED'));
      });
    });
  }

  test('that verifies and leaves out what it found has found nothing', async () => {
    for (const answer of ['{}', '{"verificationResults":null}', 'null']) {
      await withAnswer(answer, async (asked) => {
        const none = { verificationResults: new Map(), processedAttributes: [] };
        assert.deepEqual(await asked, none);
      });
    }
    const nothing = '{"verificationResults":{"A":null,"B":{}}}';
    await withAnswer(nothing, async (asked) => {
      const { verificationResults } = await asked;
      const no = { success: false, reason: undefined };
      assert.deepEqual(verificationResults, new Map([['B', no]]));
    });
  });

  test('that is ended by a signal did run, and the signal is named', async () => {
    await withPlugin(['kill -9 $$'], async (ask) => {
      await assert.rejects(ask(), (error) => {
        assert.ok(error instanceof NotaryError);
        assert.match(error.message, /was ended by SIGKILL at get-plugin-metadata/);
        assert.match(error.hint ?? '', /memory/);
        assert.equal(error.data['signal'], 'SIGKILL');
        return true;
      });
    });
  });

  test('that fails is heard: the user sees its code and its message', async () => {
    const fault = {
      errorCode: 'ACCESS_DENIED',
      errorMessage: 'no such token',
      errorMetadata: { slot: '1' },
    };
    await withPlugin([`echo '${JSON.stringify(fault)}' >&2`, 'exit 1'], async (ask) => {
      await assert.rejects(ask(), (error) => {
        assert.ok(error instanceof NotaryError && error.code === 'NOTARY_PLUGIN_FAILED');
        const message =
          'the plugin demo reported ACCESS_DENIED for get-plugin-metadata: no such token';
        assert.equal(error.message, message);
        assert.match(error.hint ?? '', /credentials/);
        assert.deepEqual(error.data?.['errorMetadata'], { slot: '1' });
        return true;
      });
    });
  });

  test('that hangs is ended with everything that it has started', async () => {
    await withPlugin(['sleep 1000 & echo $! > "$0.pid"', 'wait'], async (ask, dir) => {
      await assert.rejects(ask({ verifyingTimeoutMs: 300 }), {
        code: 'NOTARY_PLUGIN_TIMEOUT',
        // not every command has a way to give it more time
        hint: 'check what the plugin waits for',
      });
      const pid = Number(await readFile(join(dir, 'notation-demo.pid'), 'utf8'));
      await assert.rejects(stillRuns(pid), { code: 'ENOENT' });
    });
  });

  test('that floods is ended', async () => {
    await withPlugin(['exec yes'], (ask) =>
      assert.rejects(ask(), isCode('NOTARY_PLUGIN_MALFORMED')),
    );
  });

  test('that is no program is named', async () => {
    await withTempDir(async (dir) => {
      for (const name of ['absent', 'plain']) {
        const path = join(dir, `notation-${name}`);
        if (name === 'plain') await writeFile(path, 'text');
        const asked = pluginMetadata(executablePlugin({ name, path }), new Map());
        await assert.rejects(asked, isCode('NOTARY_PLUGIN_NOT_STARTED'));
      }
    });
  });
});

/** Waits until a process that was killed is gone or a zombie; rejects once it is. */
async function stillRuns(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    if (/^\d+ \(.*\) [ZX]/.test(status)) await stat('/nonexistent');
  }
}

describe('a directory of plugins', () => {
  test('finds, lists and removes plugins', async () => {
    await withTempDir(async (dir) => {
      assert.deepEqual(await listPlugins(join(dir, 'absent')), []);
      await writeShell(join(dir, 'demo'), says(METADATA));
      await writeFile(join(dir, 'file'), '');
      assert.deepEqual(await listPlugins(dir), ['demo']);
      const plugin = await pluginDirectory(dir).find('demo');
      assert.equal((await pluginMetadata(plugin, new Map())).version, '1.0.0');
      await uninstallPlugin(dir, 'demo');
      assert.deepEqual(await listPlugins(dir), []);
      await assert.rejects(uninstallPlugin(dir, 'demo'), isCode('NOTARY_PLUGIN_NOT_FOUND'));
      await assert.rejects(pluginDirectory(dir).find('demo'), isCode('NOTARY_PLUGIN_NOT_FOUND'));
    });
  });

  for (const name of ['', '.', '..', '../x', 'a/b', 'a\\b', '/etc', 'a\0b']) {
    test(`security row 19: ${JSON.stringify(name)} is no name of a plugin`, async () => {
      await withTempDir(async (dir) => {
        await writeFile(join(dir, 'kept'), '');
        await assert.rejects(pluginDirectory(dir).find(name), isCode('NOTARY_PLUGIN_NAME_INVALID'));
        await assert.rejects(uninstallPlugin(dir, name), isCode('NOTARY_PLUGIN_NAME_INVALID'));
        assert.deepEqual(await readdir(dir), ['kept']);
      });
    });
  }
});

describe('installing a plugin', () => {
  const version = (text: string): string[] => says({ ...METADATA, version: text });

  test('takes its files, with the executable, and no other mode than 0755', async () => {
    await withTempDir(async (dir) => {
      const source = await writeShell(join(dir, 'new'), version('1.0.0'));
      await chmod(source, 0o4777);
      await writeFile(join(dir, 'new', 'LICENSE'), 'free');
      const plugins = join(dir, 'plugins');
      const { metadata, previous } = await installPlugin(plugins, { source: join(dir, 'new') });
      assert.equal(metadata.version, '1.0.0');
      assert.equal(previous, undefined);
      assert.deepEqual((await readdir(join(plugins, 'demo'))).sort(), ['LICENSE', 'notation-demo']);
      assert.equal((await stat(join(plugins, 'demo', 'notation-demo'))).mode & 0o7777, 0o755);
      assert.deepEqual(await readdir(plugins), ['demo']);
    });
  });

  test('security row 17: goes up in version, not down and not level, unless it is told to overwrite', async () => {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      const install = async (text: string, overwrite = false): Promise<string | undefined> => {
        const source = await writeShell(join(dir, 'new'), version(text));
        return (await installPlugin(plugins, { source, overwrite })).previous?.version;
      };
      assert.equal(await install('1.0.0-rc.10'), undefined);
      await assert.rejects(install('1.0.0-rc.9'), isCode('NOTARY_PLUGIN_DOWNGRADE'));
      await assert.rejects(install('1.0.0-rc.10+b'), isCode('NOTARY_PLUGIN_SAME_VERSION'));
      assert.equal(await install('1.0.0'), '1.0.0-rc.10');
      await assert.rejects(install('one'), isCode('NOTARY_PLUGIN_VERSION_INVALID'));
      assert.equal(await install('0.9.0', true), '1.0.0');
    });
  });

  test('replaces one that no longer works only if told to overwrite', async () => {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      await writeShell(join(plugins, 'demo'), ['exit 1']);
      const source = await writeShell(join(dir, 'new'), version('1.0.0'));
      await assert.rejects(installPlugin(plugins, { source }), isCode('NOTARY_PLUGIN_CRASHED'));
      await installPlugin(plugins, { source, overwrite: true });
    });
  });

  test('takes a single candidate that lost its mode, and no directory with two or none', async () => {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      const lost = await writeShell(join(dir, 'lost'), version('1.0.0'));
      await chmod(lost, 0o644);
      await assert.rejects(
        installPlugin(plugins, { source: lost }),
        isCode('NOTARY_PLUGIN_SOURCE_INVALID'),
      );
      await installPlugin(plugins, { source: join(dir, 'lost') });
      await writeShell(join(dir, 'lost'), version('1.0.0'), 'other');
      await chmod(lost, 0o755);
      for (const source of ['lost', 'plugins', 'absent']) {
        const installed = installPlugin(plugins, { source: join(dir, source) });
        await assert.rejects(installed, isCode('NOTARY_PLUGIN_SOURCE_INVALID'));
      }
    });
  });

  test('leaves the old one where the new one cannot be copied', async () => {
    await withTempDir(async (dir) => {
      const plugins = join(dir, 'plugins');
      await writeFile(plugins, 'a file where the directory should be');
      const source = await writeShell(join(dir, 'new'), version('1.0.0'));
      const overwrite = true;
      await assert.rejects(
        installPlugin(plugins, { source, overwrite }),
        isCode('NOTARY_PLUGIN_INSTALL_FAILED'),
      );
    });
  });
});
