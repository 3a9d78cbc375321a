import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { programCommand } from './program-command.ts';

const DEBUG = '-d, --debug';
const REGISTRY = ['-u, --username string', '-p, --password string', '--insecure-registry'];
const KEY = ['-k, --key string', '--signature-format string', '--id string', '--plugin string'];
const TIMESTAMP = ['--timestamp-url string', '--timestamp-root-cert string'];
const METADATA = '-m, --user-metadata stringArray';
const PLUGIN_CONFIG = '--plugin-config stringArray';
const MAX = '--max-signatures int # 100';
const STORE = ['-t, --type string', '-s, --store string'];

/** The flags of each command of notation 2, experimental ones included; `#` before a default. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  sign: [
    DEBUG,
    ...REGISTRY,
    ...KEY,
    ...TIMESTAMP,
    '-e, --expiry duration',
    PLUGIN_CONFIG,
    METADATA,
    '--force-referrers-tag',
    '--oci-layout',
  ],
  verify: [DEBUG, ...REGISTRY, PLUGIN_CONFIG, METADATA, MAX, '--oci-layout', '--scope string'],
  list: [DEBUG, ...REGISTRY, MAX, '--oci-layout'],
  inspect: [DEBUG, ...REGISTRY, MAX, '-o, --output string # "tree"'],
  login: [DEBUG, ...REGISTRY, '--password-stdin'],
  logout: [DEBUG],
  'key add': [DEBUG, '--plugin string', '--id string', PLUGIN_CONFIG, '--default'],
  'key update': [DEBUG, '--default'],
  'key list': [],
  'key delete': [DEBUG],
  'certificate add': STORE,
  'certificate list': [DEBUG, ...STORE],
  'certificate show': [DEBUG, ...STORE],
  'certificate delete': [...STORE, '-a, --all', '-y, --yes'],
  'certificate generate-test': ['-b, --bits int # 2048', '--default'],
  'certificate cleanup-test': ['-y, --yes'],
  'policy show': [],
  'policy import': ['--force'],
  'blob sign': [
    DEBUG,
    ...KEY,
    ...TIMESTAMP,
    '-e, --expiry duration',
    PLUGIN_CONFIG,
    METADATA,
    '--media-type string # "application/octet-stream"',
    '--signature-directory string # "."',
    '--force',
  ],
  'blob verify': [
    DEBUG,
    '-s, --signature string',
    PLUGIN_CONFIG,
    '--media-type string',
    '--policy-name string',
    METADATA,
  ],
  'blob inspect': ['-o, --output string # "tree"'],
  'blob policy show': [],
  'blob policy import': ['--force'],
  'blob policy init': [
    '-n, --name string',
    '--trust-store stringArray',
    '--trusted-identity stringArray',
    '--global',
    '--force',
  ],
  'plugin list': [],
  'plugin install': [DEBUG, '--file', '--url', '--sha256sum string', '--force'],
  'plugin uninstall': [DEBUG, '-y, --yes'],
  version: [],
  'completion bash': ['--no-descriptions'],
  'completion zsh': ['--no-descriptions'],
  'completion fish': ['--no-descriptions'],
  'completion powershell': ['--no-descriptions'],
};

const ALIASES: Readonly<Record<string, string>> = {
  ls: 'list',
  cert: 'certificate',
  'cert ls': 'certificate list',
  'key ls': 'key list',
  'key set': 'key update',
  'plugin ls': 'plugin list',
  'plugin add': 'plugin install',
  'plugin remove': 'plugin uninstall',
  'plugin rm': 'plugin uninstall',
};

/** Commands with `-d`, where notation 1 had `-v` too. */
const VERBOSE = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.includes(DEBUG));

const notation = programCommand('notation', '/');

async function helpOf(command: string, env: Record<string, string> = {}): Promise<string> {
  const args = [...command.split(' '), '--help'];
  const { stdout, stderr, exitCode } = await notation({ args, env, stdin: '' });
  assert.deepEqual([stderr, exitCode], ['', 0], command);
  return stdout;
}

describe('the commands of notation', () => {
  for (const [command, flags] of Object.entries(COMMANDS)) {
    test(`${command} has its flags, of their types and defaults`, async () => {
      const help = await helpOf(command, { NOTATION_EXPERIMENTAL: '1' });
      const lines = help.split('\n').map((line) => line.trim());
      for (const flag of [...flags, '-h, --help']) {
        const [head = '', value] = flag.split(' # ');
        const line = lines.find((one) => one.startsWith(`${head}   `) || one === head);
        assert.ok(line, `${command} has no ${head}:\n${help}`);
        const shown = / \(default (\S+)\)$/.exec(line)?.[1];
        if (value !== undefined) assert.equal(shown, value, `${command} ${head}`);
      }
    });
  }

  for (const [alias, command] of Object.entries(ALIASES)) {
    test(`${alias} is ${command}`, async () => {
      assert.equal(await helpOf(alias), await helpOf(command));
    });
  }

  test('whose flags are experimental show them with the gate open alone', async () => {
    for (const [command, flag] of [
      ['sign', '--oci-layout'],
      ['list', '--oci-layout'],
      ['verify', '--oci-layout'],
      ['verify', '--scope'],
    ] as const) {
      assert.ok(!(await helpOf(command)).includes(flag), command);
      assert.ok(!(await helpOf(command, { NOTATION_EXPERIMENTAL: 'true' })).includes(flag));
      assert.ok((await helpOf(command, { NOTATION_EXPERIMENTAL: '1' })).includes(flag));
    }
  });

  test('that log accept -v as well, and do not show it', async () => {
    for (const command of VERBOSE) {
      const help = await helpOf(command);
      assert.ok(!help.includes('--verbose'), command);
      const args = [...command.split(' '), '-v', '--verbose', '--help'];
      const { exitCode } = await notation({ args, env: {}, stdin: '' });
      assert.equal(exitCode, 0, command);
    }
  });
});
