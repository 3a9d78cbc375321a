import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Input } from './input.ts';

function inputOf(chunks: readonly string[], isTTY = false): { input: Input; modes: boolean[] } {
  const modes: boolean[] = [];
  const stdin = {
    isTTY,
    async *[Symbol.asyncIterator]() {
      for (const chunk of chunks) yield Buffer.from(chunk);
    },
    ...(isTTY && {
      setRawMode: (on: boolean) => {
        modes.push(on);
      },
    }),
  };
  return { input: new Input({ stdin, signal: new AbortController().signal }), modes };
}

const nothing = (): void => undefined;

test('lines are read one after the other, however they arrive', async () => {
  const { input } = inputOf(['one\r\ntw', 'o\nthr', 'ee']);
  assert.deepEqual(
    [
      await input.readLine(),
      await input.readLine(),
      await input.readLine(),
      await input.readLine(),
    ],
    ['one', 'two', 'three', undefined],
  );
});

test('a secret on a terminal is asked for after the echo is off, which comes back', async () => {
  const { input, modes } = inputOf(['alice\n', 'secr', 'eX\u007ft\rrest'], true);
  assert.equal(await input.readLine(), 'alice');
  const secret = await input.readSecret(() => assert.deepEqual(modes, [true]));
  assert.equal(secret, 'secret');
  assert.deepEqual(modes, [true, false]);
});

test('Ctrl-C while a secret is typed interrupts, and the echo comes back', async () => {
  const { input, modes } = inputOf(['sec\u0003'], true);
  await assert.rejects(input.readSecret(nothing), { code: 'CLI_INTERRUPTED' });
  assert.deepEqual(modes, [true, false]);
});

test('without a terminal a secret is a line', async () => {
  const { input } = inputOf(['hidden\nnext\n']);
  assert.equal(await input.readSecret(nothing), 'hidden');
  assert.equal(await input.readLine(), 'next');
});

test('everything is read without one line end, up to a limit', async () => {
  assert.equal(await inputOf(['pass\n', 'word\n\n']).input.readAll(), 'pass\nword\n');
  const { input } = inputOf(['x'.repeat(70_000)]);
  await assert.rejects(input.readAll(), { code: 'CLI_FILE_TOO_LARGE' });
});
