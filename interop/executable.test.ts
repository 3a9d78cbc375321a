// The single executable: every test of the command line that starts programs or runs scripts, on it;
// and that nothing in the current directory runs in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { finish, type Outcome } from '../packages/cli/test/process-outcome.ts';
import { installedRuntime } from '../scripts/bun-runtime.ts';
import { buildExecutable } from '../scripts/executable.ts';
import { ROOT } from '../scripts/run-command.ts';

const skip =
  installedRuntime() === undefined && process.env['CI'] !== 'true'
    ? 'the npm package of bun is not installed'
    : false;

const CLI_TESTS = 'packages/cli/test';
/** What marks that foreign code ran: it would end the process with this. */
const FOREIGN_EXIT_CODE = 77;
const FOREIGN_CODE = `process.exit(${FOREIGN_EXIT_CODE})`;
/** One that is answered before the command line is loaded, and one that needs it. */
const COMMANDS: readonly (readonly string[])[] = [['version'], ['version', '--output', 'json']];

describe('the single executable', { skip }, () => {
  let dist = '';
  before(async () => {
    dist = await buildExecutable();
  });

  const run = (
    cwd: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> =>
    finish(spawn(join(dist, 'nv2'), args, { cwd, env: { HOME: cwd, ...env } }));

  test('passes the tests of the command line', async () => {
    const files = (await readdir(join(ROOT, CLI_TESTS))).filter((name) => /\.test\.ts$/.test(name));
    const paths = files.map((name) => `${CLI_TESTS}/${name}`);
    const args = ['scripts/node.sh', 'scripts/test.ts', '--unit', ...paths];
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn('sh', args, { cwd: ROOT, env: { ...env, NV2_TEST_PROGRAMS: dist } });
    const { code, stdout, stderr } = await finish(child);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /[1-9]\d\d passed, 0 failed/);
  });

  test('has a runtime that passes the tests of the libraries', async () => {
    const packages = ['core', 'x509', 'http', 'envelope', 'oci', 'notary', 'registry'];
    const folders = packages.map((name) => `./packages/${name}/`);
    const args = ['test', '--conditions=@nv2/source', '--timeout=300000', ...folders];
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { code, stderr } = await finish(
      spawn(installedRuntime() ?? '', args, { cwd: ROOT, env }),
    );
    assert.equal(code, 0, failures(stderr));
    assert.match(stderr, /[1-9]\d\d\d pass\n/);
  });

  test('is one file under both names', async () => {
    const [nv2, notation] = await Promise.all(
      ['nv2', 'notation'].map((name) => stat(join(dist, name))),
    );
    assert.equal(nv2?.ino, notation?.ino);
  });

  test('says which runtime it has', async () => {
    const { stdout } = await run(ROOT, ['version']);
    assert.match(stdout, /^Runtime: +Bun v/m);
  });

  test('runs nothing that a file in the current directory or in the home names', () =>
    withTempDir(async (dir) => {
      await writeHostileFiles(dir);
      await mkdir(join(dir, 'below'));
      for (const args of COMMANDS) {
        const inside = await run(dir, args, { XDG_CONFIG_HOME: dir });
        assert.deepEqual([inside.code, inside.stderr], [0, ''], args.join(' '));
        const below = await run(join(dir, 'below'), args);
        assert.deepEqual([below.code, below.stderr], [0, ''], args.join(' '));
      }
    }));

  test('runs nothing that lies beside it', () =>
    withTempDir(async (dir) => {
      await writeHostileFiles(dir);
      await cp(join(dist, 'nv2'), join(dir, 'nv2'));
      await symlink(join(dist, 'nv2'), join(dir, 'link'));
      const calls = ['nv2', 'link'].flatMap((name) => COMMANDS.map((args) => ({ name, args })));
      for (const { name, args } of calls) {
        const { code, stderr } = await finish(spawn(join(dir, name), args, { cwd: dir, env: {} }));
        assert.deepEqual([code, stderr], [0, ''], `${name} ${args.join(' ')}`);
      }
    }));

  test('takes no variable from a .env file', () =>
    withTempDir(async (dir) => {
      for (const name of ['.env', '.env.local', '.env.production', '.env.development'])
        await writeFile(join(dir, name), 'NOTATION_CONFIG=stranger\n');
      const { code, stderr } = await run(dir, ['cert', 'generate-test', 'mine']);
      assert.equal(code, 0, stderr);
      assert.deepEqual(await readdir(join(dir, '.config/notation/localkeys')), [
        'mine.crt',
        'mine.key',
      ]);
    }));

  test('does not heed NODE_OPTIONS', () =>
    withTempDir(async (dir) => {
      await writeFile(join(dir, 'foreign.cjs'), FOREIGN_CODE);
      for (const option of ['--require', '--import']) {
        for (const args of COMMANDS) {
          const { code } = await run(dir, args, { NODE_OPTIONS: `${option}=./foreign.cjs` });
          assert.equal(code, 0, `${option}, ${args.join(' ')}`);
        }
      }
    }));
});

/** What bun says of tests, without those that pass. */
function failures(output: string): string {
  return output.replace(/^\(pass\).*\n/gm, '').slice(-10_000);
}

/** Every file that bun reads code or settings from when it starts a script. */
async function writeHostileFiles(dir: string): Promise<void> {
  await writeFile(join(dir, 'foreign.js'), FOREIGN_CODE);
  const config = 'preload = ["./foreign.js"]\n[run]\npreload = ["./foreign.js"]\n';
  for (const name of ['bunfig.toml', '.bunfig.toml']) await writeFile(join(dir, name), config);
  for (const name of ['.env', '.env.local', '.env.production'])
    await writeFile(join(dir, name), 'BUN_OPTIONS=--preload=./foreign.js\nBUN_BE_BUN=1\n');
  await writeFile(join(dir, 'package.json'), '{"type":"module","main":"foreign.js"}');
  await writeFile(
    join(dir, 'tsconfig.json'),
    '{"compilerOptions":{"paths":{"*":["./foreign.js"]}}}',
  );
  for (const name of ['undici', 'bun', 'nv2']) {
    await mkdir(join(dir, 'node_modules', name), { recursive: true });
    await writeFile(join(dir, 'node_modules', name, 'index.js'), FOREIGN_CODE);
  }
}
