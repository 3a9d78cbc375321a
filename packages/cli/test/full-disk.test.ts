import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { fileCommands } from './file-commands.ts';
import { IN_MOUNT_NAMESPACE, mountObstacle } from './mount-namespace.ts';
import { pluginCommands } from './plugin-commands.ts';
import { finish, type Outcome } from './process-outcome.ts';
import { programCommand } from './program-command.ts';
import { PROGRAMS } from './program-under-test.ts';
import { pushCommand } from './push-command.ts';

const NV2 = join(PROGRAMS, 'nv2');
const NOBODY = 65_534;
const SKIP_POLICY =
  '{"version":"1.0","trustPolicies":[{"name":"s","registryScopes":["*"],"signatureVerification":{"level":"skip"}}]}';
const BLOB_POLICY = SKIP_POLICY.replace('"registryScopes":["*"],', '');
const OTHER_POLICY = SKIP_POLICY.replace('"s"', '"other"');

/** A command that writes a file, and how it says that it could not. */
interface Case {
  readonly args: readonly string[];
  readonly code: string;
  /** The end of the path that the message names. */
  readonly names: string;
  /** 3, that it cannot be done now, unless the error may stand for several. */
  readonly exitCode?: 2;
}

const KEY = ['--key-file', 'config/localkeys/a.key', '--cert-file', 'config/localkeys/a.crt'];
const CASES: readonly Case[] = [
  {
    args: ['sign', '--oci-layout', 'layout:v1'],
    code: 'OCI_LAYOUT_IO',
    names: '/layout/blobs/sha256/',
  },
  {
    args: ['cert', 'add', '--type', 'ca', '--store', 'new', 'config/localkeys/a.crt'],
    code: 'NOTARY_FILE_FAILED',
    names: '/config/truststore/x509/ca/new/a.crt',
    exitCode: 2,
  },
  {
    args: ['cert', 'generate-test', 'b'],
    code: 'CLI_WRITE_FAILED',
    names: '/config/localkeys/b.key',
  },
  {
    args: ['key', 'add', ...KEY, 'second'],
    code: 'NOTARY_FILE_FAILED',
    names: '/config/signingkeys.json',
  },
  {
    args: ['key', 'delete', 'a'],
    code: 'NOTARY_FILE_FAILED',
    names: '/config/signingkeys.json',
  },
  {
    args: ['policy', 'import', '--force', 'other.json'],
    code: 'NOTARY_FILE_FAILED',
    names: '/config/trustpolicy.oci.json',
  },
  {
    args: ['policy', 'init', '--force', '--name', 'x', '--trust-store', 'ca:a'].concat([
      '--trusted-identity',
      '*',
    ]),
    code: 'NOTARY_FILE_FAILED',
    names: '/config/trustpolicy.oci.json',
  },
  {
    args: ['blob', 'sign', 'other.json'],
    code: 'CLI_WRITE_FAILED',
    names: '/other.json.jws.sig',
  },
  {
    args: ['blob', 'policy', 'import', 'blob-policy.json'],
    code: 'NOTARY_FILE_FAILED',
    names: '/config/trustpolicy.blob.json',
  },
  {
    args: ['plugin', 'install', '--file', 'new/notation-demo'],
    code: 'NOTARY_PLUGIN_INSTALL_FAILED',
    names: '/config/plugins',
  },
  {
    args: ['registry', 'serve', '--dir', 'registry', '--listen', '127.0.0.1:0'],
    code: 'REGISTRY_STORAGE_FULL',
    names: '/registry',
  },
];

/** A way to have no space. */
interface Shortage {
  readonly name: string;
  /** What a program is run by that may do what `prepare` does. */
  readonly wrapper: readonly string[];
  /** Shell lines: `$work` has a copy of `$seed` afterwards, and nothing fits in it any more. */
  readonly prepare: string;
  /** Shell words before the command. */
  readonly limit: string;
}

const SHORTAGES: readonly Shortage[] = [
  {
    name: 'on a full file system (a tmpfs in a mount namespace)',
    wrapper: IN_MOUNT_NAMESPACE,
    prepare: `mount -t tmpfs -o size=512k none "$work"; cp -R "$seed/." "$work"; cd "$work"
      dd if=/dev/zero bs=4096 2>/dev/null > fill || dd if=/dev/zero bs=1 2>/dev/null >> fill || true`,
    limit: '',
  },
  {
    name: 'where no file may grow (ulimit -f 0), as an ordinary user',
    wrapper: [],
    prepare: 'cp -R "$seed/." "$work"; cd "$work"',
    limit: 'ulimit -f 0;',
  },
];

const LEFTOVERS = 77;
// what a command changed or left behind shows in the sums of the files, and in the directories
const STATE = `{ find . -type f ! -name fill -exec cksum {} +; find config layout -type d; } | sort`;

function scriptOf({ prepare, limit }: Shortage): string {
  return `set -eu; seed=$1 work=$2; shift 2
    ${prepare}
    export NOTATION_CONFIG="$work/config"
    before=$(${STATE}); code=0
    (${limit} exec "$@") || code=$?
    after=$(${STATE})
    [ "$before" = "$after" ] || { echo "left behind: $after"; exit ${LEFTOVERS}; }
    exit $code`;
}

/** What all commands find: a key that signs, its certificate, a policy and an image layout. */
async function writeSeed(dir: string): Promise<void> {
  const nv2 = programCommand('nv2', dir);
  const files = fileCommands(dir);
  const values = new Map<string, string>();
  const plain = { env: {}, stdin: '' };
  await nv2({ args: ['cert', 'generate-test', '--default', 'a'], ...plain });
  const push = pushCommand(values, dir);
  await push({ args: ['--layout', join(dir, 'layout'), 'v1', 'image'], ...plain });
  await files['write']?.({ args: ['policy.json'], env: {}, stdin: SKIP_POLICY });
  await files['write']?.({ args: ['other.json'], env: {}, stdin: OTHER_POLICY });
  await files['write']?.({ args: ['blob-policy.json'], env: {}, stdin: BLOB_POLICY });
  await nv2({ args: ['policy', 'import', 'policy.json'], ...plain });
  const { plugin } = pluginCommands(dir, values);
  await plugin?.({ args: ['config/plugins/demo/notation-demo', '1.0.0'], ...plain });
  await plugin?.({ args: ['new/notation-demo', '2.0.0'], ...plain });
}

async function withSeed(use: (dir: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const seed = join(dir, 'seed');
    await mkdir(seed);
    await mkdir(join(dir, 'work'));
    await writeSeed(seed);
    await use(dir);
  });
}

function runShort(shortage: Shortage, dir: string, args: readonly string[]): Promise<Outcome> {
  const paths = [join(dir, 'seed'), join(dir, 'work')];
  const command = [
    ...shortage.wrapper,
    'sh',
    '-c',
    scriptOf(shortage),
    'sh',
    ...paths,
    NV2,
    ...args,
  ];
  const [program = '', ...rest] = command;
  const isOrdinary = shortage.wrapper.length === 0 && process.getuid?.() === 0;
  if (isOrdinary) spawnSync('chown', ['-R', String(NOBODY), dir]);
  return finish(
    spawn(program, rest, {
      env: { PATH: process.env['PATH'], HOME: dir },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(isOrdinary && { uid: NOBODY, gid: NOBODY }),
    }),
  );
}

for (const shortage of SHORTAGES) {
  describe(shortage.name, { skip: shortage.wrapper.length > 0 && mountObstacle() }, () => {
    for (const { args, code, names, exitCode = 3 } of CASES) {
      test(`nv2 ${args.slice(0, 2).join(' ')} fails with a reason and leaves nothing behind`, () =>
        withSeed(async (dir) => {
          const outcome = await runShort(shortage, dir, args);
          assert.equal(outcome.code, exitCode, `${outcome.stdout}${outcome.stderr}`);
          assert.match(outcome.stderr, new RegExp(`\\[${code}\\]`));
          assert.ok(outcome.stderr.includes(join(dir, 'work') + names), outcome.stderr);
          assert.match(outcome.stderr, /: (?:no space left on |file too large)/);
          assert.match(outcome.stderr, /^hint: (?:free space|raise the limit) /m);
        }));
    }
  });
}
