import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { finish, type Outcome } from './process-outcome.ts';
import { programCommand } from './program-command.ts';
import { PROGRAMS, preload } from './program-under-test.ts';

const NOBODY = 65_534;
const LARGE = 400_000_000;
// far below the size of the large blob, far above what two runs differ by
const MOST_GROWTH_KB = 100_000;

interface Options {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
}

function start(name: string, args: readonly string[], options: Options): ChildProcess {
  const { cwd, env = {}, uid } = options;
  return spawn(join(PROGRAMS, name), args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, NOTATION_CONFIG: join(cwd, 'config'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
}

function run(name: string, args: readonly string[], options: Options): Promise<Outcome> {
  const child = start(name, args, options);
  child.stdin?.end();
  return finish(child);
}

/** A directory that everybody may read, with a key, a trusted certificate, a policy and a blob. */
async function withSetup(use: (dir: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    await chmod(dir, 0o755);
    const nv2 = programCommand('nv2', dir);
    const trust = ['--trust-store', 'ca:a', '--trusted-identity', '*'];
    for (const args of [
      ['cert', 'generate-test', '--default', 'a'],
      ['blob', 'policy', 'init', '--global', '--name', 'a', ...trust],
    ]) {
      const { exitCode, stderr } = await nv2({ args, env: {}, stdin: '' });
      assert.equal(exitCode, 0, stderr);
    }
    await writeFile(join(dir, 'blob'), 'what is signed');
    await use(dir);
  });
}

async function makeReadable(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : 0o644);
  }
}

/** How many kilobytes of memory a command had at most. */
async function peakOf(args: readonly string[], cwd: string): Promise<number> {
  const report = join(cwd, 'report.mjs');
  await writeFile(
    report,
    "process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))",
  );
  const { code, stderr } = await run('nv2', args, { cwd, env: preload(report) });
  assert.equal(code, 0, stderr);
  return Number(/peak (\d+)$/.exec(stderr)?.[1]);
}

describe('blobs and processes', { concurrency: 2 }, () => {
  const asOrdinary = process.getuid?.() === 0 ? { uid: NOBODY } : {};

  test('what may not be read or written is named, and nothing is left behind', () =>
    withSetup(async (dir) => {
      const signed = await run('notation', ['blob', 'sign', 'blob'], { cwd: dir });
      assert.equal(signed.code, 0, signed.stderr);
      await makeReadable(dir);
      await mkdir(join(dir, 'closed'));
      for (const name of ['unreadable', 'unreadable.jws.sig', 'closed/x.jws.sig'])
        await writeFile(join(dir, name), '{}');
      for (const name of [
        'unreadable',
        'unreadable.jws.sig',
        'closed',
        'config/trustpolicy.blob.json',
      ])
        await chmod(join(dir, name), 0o000);
      const before = await readdir(dir);
      const sig = ['--signature', 'blob.jws.sig'];
      const policy = `${dir}/config/trustpolicy.blob.json`;
      const cases: readonly (readonly [readonly string[], string])[] = [
        [['sign', 'unreadable'], 'open unreadable: permission denied'],
        [
          ['sign', '--signature-directory', 'closed/new', 'blob'],
          `failed to write signature to file: open ${dir}/closed/new/blob.jws.sig: permission denied`,
        ],
        [['verify', ...sig, 'unreadable'], 'open unreadable: permission denied'],
        [
          ['verify', '--signature', 'unreadable.jws.sig', 'blob'],
          'open unreadable.jws.sig: permission denied',
        ],
        [
          ['verify', ...sig, 'blob'],
          `unable to read trust policy due to file permissions, please verify the permissions of ${policy}`,
        ],
        [
          ['inspect', 'closed/x.jws.sig'],
          'failed to read signature file: open closed/x.jws.sig: permission denied',
        ],
        [['policy', 'show'], `failed to show trust policy: open ${policy}: permission denied`],
        [
          ['policy', 'init', '-n', 'a', '--trust-store', 'ca:a', '--trusted-identity', '*'],
          `failed to write blob trust policy configuration: open ${policy}: permission denied`,
        ],
      ];
      for (const [args, message] of cases) {
        const { code, stderr } = await run('notation', ['blob', ...args], {
          cwd: dir,
          ...asOrdinary,
        });
        assert.deepEqual([code, stderr], [1, `Error: ${message}\n`], args.join(' '));
      }
      assert.deepEqual(await readdir(dir), before);
    }));

  test('memory does not grow with the blob', () =>
    withSetup(async (dir) => {
      const large = await open(join(dir, 'large'), 'w');
      await large.truncate(LARGE);
      await large.close();
      for (const args of [['sign'], ['verify', '-s']]) {
        const argsFor = (name: string): readonly string[] => [
          'blob',
          ...args,
          ...(args.length > 1 ? [`${name}.jws.sig`] : []),
          name,
        ];
        const small = await peakOf(argsFor('blob'), dir);
        const growth = (await peakOf(argsFor('large'), dir)) - small;
        assert.ok(growth < MOST_GROWTH_KB, `${args[0]}: ${growth} kB more than for a small blob`);
      }
    }));

  test('a blob is signed as it comes through a pipe, of any size', () =>
    withSetup(async (dir) => {
      const child = start('nv2', ['blob', 'sign', '-o', 'json', '-'], { cwd: dir });
      const outcome = finish(child);
      const chunk = new Uint8Array(1_000_000);
      for (let i = 0; i < 30; i++) await new Promise((done) => child.stdin?.write(chunk, done));
      child.stdin?.end();
      const { code, stdout, stderr } = await outcome;
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).subject.size, 30_000_000);
    }));

  test('an interrupt while the blob comes in leaves no signature', () =>
    withSetup(async (dir) => {
      const child = start('nv2', ['blob', 'sign', '-d', '-'], { cwd: dir });
      const outcome = finish(child);
      child.stdin?.write('a beginning');
      for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
        if (!line.includes('Signing - ')) continue;
        child.kill('SIGINT');
        break;
      }
      assert.equal((await outcome).code, 130);
      assert.deepEqual((await readdir(dir)).sort(), ['blob', 'config']);
    }));
});
