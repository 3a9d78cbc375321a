import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, open, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withTempDir } from '@nv2/testkit';
import { type RunOptions, type RunResult, runExecutable } from './run-executable.ts';

const MODULE = fileURLToPath(new URL('./run-executable.ts', import.meta.url));

type Run = (options?: Partial<RunOptions>) => Promise<RunResult>;

/** Calls `use` with a program of these shell lines. */
async function withProgram(
  lines: readonly string[],
  use: (run: Run, path: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const path = join(dir, 'program');
    await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(path, 0o755);
    await use(runOf(path), path);
  });
}

function runOf(path: string): Run {
  return (options) =>
    runExecutable(path, 'command', { input: new Uint8Array(), timeoutMs: 60_000, ...options });
}

/** Waits until a process is gone, or dead and not yet reaped. */
async function ended(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'));
  assert.ok(pid > 0);
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (state === undefined || /^\d+ \(.*\) [ZX]/.test(state)) return;
  }
}

/** Waits until a file has content. */
async function written(path: string): Promise<void> {
  while (((await stat(path).catch(() => undefined))?.size ?? 0) === 0);
}

describe('a program that is run', () => {
  test('and does not read its input is judged by what it prints', async () => {
    await withProgram(['echo out', 'echo err >&2', 'exit 4'], async (run) => {
      const result = await run({ input: new Uint8Array(1024 * 1024) });
      assert.ok(result.kind === 'exited');
      assert.equal(result.exitCode, 4);
      assert.equal(Buffer.from(result.stdout).toString(), 'out\n');
      assert.equal(Buffer.from(result.stderr).toString(), 'err\n');
    });
  });

  test('and does not end when asked to is ended, with what it has started', async () => {
    const lines = [
      "trap '' TERM INT HUP",
      `sh -c 'trap "" TERM INT HUP; echo $$ > "$0.child"; while :; do sleep 1; done' "$0" &`,
      'echo $$ > "$0.pid"',
      'while :; do sleep 1; done',
    ];
    await withProgram(lines, async (run, path) => {
      const controller = new AbortController();
      const running = run({ signal: controller.signal });
      await written(`${path}.pid`);
      await written(`${path}.child`);
      controller.abort();
      await assert.rejects(running, { name: 'AbortError' });
      await ended(`${path}.pid`);
      await ended(`${path}.child`);
    });
  });

  test('and leaves a child that keeps its output open does not hold up its caller', async () => {
    const lines = ['sleep 1000 & echo $! > "$0.child"', 'echo answer'];
    await withProgram(lines, async (run, path) => {
      assert.deepEqual(await run({ timeoutMs: 1000 }), { kind: 'timeout' });
      await ended(`${path}.child`);
    });
  });

  test('and leaves a silent child ends with it', async () => {
    const lines = ['sleep 1000 >/dev/null 2>&1 </dev/null & echo $! > "$0.child"', 'echo answer'];
    await withProgram(lines, async (run, path) => {
      const result = await run();
      assert.equal(result.kind, 'exited');
      await ended(`${path}.child`);
    });
  });

  for (const stream of ['stdout', 'stderr'] as const) {
    test(`security row 3: and floods its ${stream} is ended`, async () => {
      const to = stream === 'stdout' ? '' : ' >&2';
      await withProgram(['echo $$ > "$0.pid"', `exec yes${to}`], async (run, path) => {
        const result = await run({ maxOutputBytes: 1024 * 1024 });
        assert.deepEqual(result, { kind: 'too-much-output' });
        await ended(`${path}.pid`);
      });
    });
  }

  test('and prints as much as it may is understood', async () => {
    await withProgram(['printf 12345678', 'printf 12345678 >&2'], async (run) => {
      assert.equal((await run({ maxOutputBytes: 8 })).kind, 'exited');
      assert.equal((await run({ maxOutputBytes: 7 })).kind, 'too-much-output');
    });
  });

  test('and is given up by its caller is ended', async () => {
    await withProgram(['echo $$ > "$0.pid"', 'sleep 1000'], async (run, path) => {
      const controller = new AbortController();
      const running = run({ signal: controller.signal });
      await written(`${path}.pid`);
      const reason = new Error('enough');
      controller.abort(reason);
      await assert.rejects(running, reason);
      await ended(`${path}.pid`);
      await assert.rejects(run({ signal: controller.signal }), reason);
    });
  });

  test('in no way that the system has is said not to have started', async () => {
    await withProgram(['exit 0'], async (_, path) => {
      const dir = join(path, '..');
      await symlink(join(dir, 'loop'), join(dir, 'loop'));
      const busy = await open(path, 'r+');
      try {
        for (const bad of [path, join(path, 'below'), join(dir, 'loop'), dir, join(dir, 'none')]) {
          const result = await runOf(bad)();
          assert.equal(result.kind, 'not-started', bad);
        }
        const environment = { LARGE: 'x'.repeat(4 * 1024 * 1024) };
        assert.equal((await runOf('/bin/sh')({ environment })).kind, 'not-started');
      } finally {
        await busy.close();
      }
    });
  });

  test('security row 24: where no file can be opened any more is said not to have started', () => {
    const program = `
      import { openSync } from 'node:fs';
      import { runExecutable } from ${JSON.stringify(MODULE)};
      try {
        for (;;) openSync('/dev/null', 'r');
      } catch {
        const options = { input: new Uint8Array(), timeoutMs: 60_000 };
        const { kind } = await runExecutable('/bin/true', 'x', options);
        process.stdout.write(kind);
      }`;
    const { stdout, stderr } = spawnSync(
      'sh',
      [
        ...['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath],
        ...process.execArgv.filter((flag) => !flag.startsWith('--test')),
        ...['--input-type=module', '--eval', program],
      ],
      { encoding: 'utf8' },
    );
    assert.equal(stdout, 'not-started', stderr);
  });
});
