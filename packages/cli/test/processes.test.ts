import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { startPluginServer } from './plugin-server.ts';
import { finish, type Outcome } from './process-outcome.ts';
import { PROGRAMS, SCRIPTS_START_PROGRAMS } from './program-under-test.ts';

const noPipes = process.platform === 'win32' && 'Windows has no named pipes in directories';

interface Options {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

function start(program: string, args: readonly string[], options: Options): ChildProcess {
  const { cwd, env = {} } = options;
  return spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, NOTATION_CONFIG: join(cwd, 'config'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function runProgram(
  name: string,
  args: readonly string[],
  options: Options,
): Promise<Outcome> {
  const child = start(join(PROGRAMS, name), args, options);
  child.stdin?.end();
  return finish(child);
}

describe('the programs', { concurrency: 2 }, () => {
  test('run from another directory, each under its own name', async () => {
    await withTempDir(async (dir) => {
      const nv2 = await runProgram('nv2', ['version'], { cwd: dir });
      assert.match(nv2.stdout, /^nv2 - /);
      const notation = await runProgram('notation', ['nothing'], { cwd: dir });
      assert.equal(notation.code, 1);
      assert.equal(
        notation.stderr,
        'Error: unknown command "nothing" for "notation"\nRun \'notation --help\' for usage.\n',
      );
    });
  });

  test('run through symbolic links, whose own name decides', async () => {
    await withTempDir(async (dir) => {
      await mkdir(join(dir, 'bin'));
      await symlink(join(PROGRAMS, 'nv2'), join(dir, 'first'));
      await symlink('../first', join(dir, 'bin/notation'));
      const { stdout } = await finish(start(join(dir, 'bin/notation'), ['version'], { cwd: dir }));
      assert.match(stdout, /^Notation - /);
      const env = { PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };
      const found = await finish(start('sh', ['-c', 'notation version'], { cwd: dir, env }));
      assert.match(found.stdout, /^Notation - /);
    });
  });
});

describe('a process', { concurrency: 2 }, () => {
  test('serves a registry until it is told to stop, and ends with 0', async () => {
    await withTempDir(async (dir) => {
      const args = ['registry', 'serve', '--dir', 'data', '--listen', '127.0.0.1:0'];
      const child = start(join(PROGRAMS, 'nv2'), args, { cwd: dir });
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
      const [line] = (await once(lines, 'line')) as [string];
      const url = /at (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1];
      const response = await fetch(`${url}v2/`);
      assert.equal(response.status, 200);
      child.kill('SIGTERM');
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, 0);
    });
  });

  const resets = !SCRIPTS_START_PROGRAMS && 'Node takes back what nohup asks for';
  test('outlives its terminal under nohup', { skip: resets }, async () => {
    await withTempDir(async (dir) => {
      const serve = 'trap "" HUP; exec "$0" registry serve --dir data --listen 127.0.0.1:0';
      const child = start('sh', ['-c', serve, join(PROGRAMS, 'nv2')], { cwd: dir });
      const ended = finish(child);
      const address = await new Promise<string>((resolve) => {
        child.stdout?.on('data', (text: string) => {
          const [, url] = / at (http:\S+)/.exec(text) ?? [];
          if (url !== undefined) resolve(url);
        });
      });
      child.kill('SIGHUP');
      assert.equal((await fetch(new URL('/v2/', address))).status, 200);
      child.kill('SIGTERM');
      assert.equal((await ended).code, 0);
    });
  });

  for (const [program, told] of [
    ['nv2', 'Error: interrupted [CLI_INTERRUPTED]\n'],
    ['notation', ''],
  ] as const) {
    test(`ends with 130 on Ctrl-C while ${program} waits for an answer, and has changed nothing`, async () => {
      await withTempDir(async (dir) => {
        const made = await runProgram('notation', ['cert', 'generate-test', 'x'], { cwd: dir });
        assert.equal(made.code, 0, made.stderr);
        const child = start(join(PROGRAMS, program), ['cert', 'cleanup-test', 'x'], { cwd: dir });
        const ended = finish(child);
        await new Promise<void>((resolve) => {
          child.stdout?.on('data', (text: string) => {
            if (text.includes('[y/N]')) resolve();
          });
        });
        child.kill('SIGINT');
        const { code, stderr } = await ended;
        assert.deepEqual({ code, stderr }, { code: 130, stderr: told });
        assert.deepEqual(await readdir(join(dir, 'config/localkeys')), ['x.crt', 'x.key']);
      });
    });
  }

  test('ends on Ctrl-C though a file that it reads keeps silent', { skip: noPipes }, async () => {
    await withTempDir(async (dir) => {
      const made = await runProgram('notation', ['cert', 'generate-test', 'x'], { cwd: dir });
      assert.equal(made.code, 0, made.stderr);
      const pipe = join(dir, 'references');
      assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
      const args = ['scan', '--trust', 'config/localkeys/x.crt', '--file', pipe];
      const child = start(join(PROGRAMS, 'nv2'), args, { cwd: dir });
      const ended = finish(child);
      // is open once somebody reads
      const writer = await open(pipe, 'w');
      try {
        child.kill('SIGINT');
        const { code, signal, stderr } = await ended;
        assert.match(stderr, /^Error: interrupted \[CLI_INTERRUPTED\]$/m);
        // shells tell both as 130
        assert.ok(code === 130 || signal === 'SIGINT', `${code}, ${signal}`);
      } finally {
        await writer.close();
      }
    });
  });

  test('lets no variable switch the checking of certificates off', async () => {
    await withTempDir(async (dir) => {
      const { host, close } = await startPluginServer(dir);
      const args = ['plugin', 'install', '--sha256sum', 'abcd', '--url', `https://${host}/absent`];
      const install = async (env: NodeJS.ProcessEnv): Promise<string> =>
        (await runProgram('nv2', args, { cwd: dir, env })).stderr;
      try {
        const trusted = await install({ SSL_CERT_FILE: join(dir, 'plugin-server.pem') });
        assert.match(trusted, /404/);
        const off = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
        assert.match(await install(off), /HTTP_TLS_FAILED\]/);
        const proxy = { HTTPS_PROXY: `https://${host}` };
        args[5] = 'https://absent.example/absent';
        assert.match(await install({ ...off, ...proxy }), /HTTP_PROXY_FAILED\]/);
      } finally {
        await close();
      }
    });
  });

  test('whose reader went away does not end with success', async () => {
    await withTempDir(async (dir) => {
      const child = start(join(PROGRAMS, 'nv2'), ['completion', 'bash'], { cwd: dir });
      child.stdout?.destroy();
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, 141);
    });
  });

  const noFull = existsSync('/dev/full') ? false : 'this system has no /dev/full';
  test('whose output does not fit (/dev/full) says so', { skip: noFull }, async () => {
    await withTempDir(async (dir) => {
      const command = `'${join(PROGRAMS, 'nv2')}' version > /dev/full`;
      const { code, stderr } = await finish(start('sh', ['-c', command], { cwd: dir }));
      assert.equal(code, 3);
      assert.equal(
        stderr,
        'Error: write standard output: no space left on device [CLI_WRITE_FAILED]\nhint: free space on the disk and try again\n',
      );
    });
  });

  test('shows the times of a COSE signature in the zone of TZ', async () => {
    await withTempDir(async (dir) => {
      const run = async (args: readonly string[], zone: string): Promise<string> => {
        const options = { cwd: dir, env: { TZ: zone } };
        const { code, stdout, stderr } = await runProgram('notation', args, options);
        assert.equal(code, 0, stderr);
        return /"signingTime": "(.*)"/.exec(stdout)?.[1] ?? '';
      };
      await writeFile(join(dir, 'blob'), 'x');
      await run(['cert', 'generate-test', '--default', 'x'], 'UTC');
      await run(['blob', 'sign', '--signature-format', 'cose', 'blob'], 'UTC');
      const inspect = ['blob', 'inspect', '--output', 'json', 'blob.cose.sig'];
      const [utc, kolkata] = [await run(inspect, 'UTC'), await run(inspect, 'Asia/Kolkata')];
      assert.match(utc, /Z$/);
      assert.match(kolkata, /\+05:30$/);
      assert.equal(Date.parse(kolkata), Date.parse(utc));
    });
  });
});
