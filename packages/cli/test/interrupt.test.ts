// In the process itself, where the time that work gets to end in passes without a wait.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { type CliIo, run } from '@nv2/cli';
import { serveFake } from '@nv2/testkit';

test('a scan that does not end in time after Ctrl-C says how to go on all the same', async () => {
  const controller = new AbortController();
  const said: unknown[] = [];
  let waits = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    waits = resolve;
  });
  const next = (): Promise<never> => {
    waits();
    return new Promise(() => undefined);
  };
  const io: CliIo = {
    program: 'nv2',
    args: ['scan', '--pin', `sha256:${'a'.repeat(64)}`, '-'],
    env: { HOME: '/nowhere' },
    cwd: '/',
    stdin: { isTTY: false, [Symbol.asyncIterator]: () => ({ next }) },
    stdout: { isTTY: false, write: () => undefined },
    stderr: { isTTY: false, write: (text) => void said.push(text) },
    now: () => new Date(),
    zoneOffset: () => 0,
    signal: controller.signal,
  };
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const ended = run(io);
    await Promise.race([waiting, ended]);
    controller.abort();
    mock.timers.tick(5000);
    assert.equal(await ended, 130);
  } finally {
    mock.timers.reset();
  }
  assert.match(
    said.join(''),
    /^Error: interrupted \[CLI_INTERRUPTED\]\nhint: .* --resume FILE, .*\n$/,
  );
});

test('an audit that Ctrl-C ends is no success', async () => {
  const controller = new AbortController();
  const said: unknown[] = [];
  const server = await serveFake(async () => {
    controller.abort();
    return { status: 200, stall: 'headers' };
  });
  try {
    const code = await run({
      program: 'nv2',
      args: ['verify', '--audit', '--pin', `sha256:${'a'.repeat(64)}`, `${server.host}/app:v1`],
      env: { HOME: '/nowhere' },
      cwd: '/',
      stdin: { isTTY: false, async *[Symbol.asyncIterator]() {} },
      stdout: { isTTY: false, write: () => undefined },
      stderr: { isTTY: false, write: (text) => void said.push(text) },
      now: () => new Date(),
      zoneOffset: () => 0,
      signal: controller.signal,
    });
    assert.equal(code, 130, said.join(''));
  } finally {
    await server.close();
  }
  assert.equal(said.join(''), 'Error: interrupted [CLI_INTERRUPTED]\n');
});
