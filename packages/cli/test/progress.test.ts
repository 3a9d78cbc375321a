import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '@nv2/cli';
import { withTempDir } from '@nv2/testkit';

const POLICY = 'version: nv2/1\nstatements: [{ name: a, scopes: [{ any: true }], level: skip }]\n';
const KEY = `sha256:${'0'.repeat(64)}`;
const STRICT = POLICY.replace('skip', `strict, signers: [{ name: b, keys: [${KEY}] }]`);
const CLEAR = '\r\u001b[K';
const REFERENCES = ['localhost:1/a:v1', 'localhost:1/b:v1', 'localhost:1/c:v1'];

interface Shown {
  /** All that a terminal gets. */
  readonly terminal: string;
  /** What goes elsewhere. */
  readonly stdout: string;
}

/** What a command writes if standard error, and perhaps standard output, is a terminal. */
async function show(isTTY: boolean, ...args: readonly string[]): Promise<Shown> {
  return await showIn(undefined, isTTY, ...args);
}

async function showIn(
  columns: number | undefined,
  isTTY: boolean,
  ...args: readonly string[]
): Promise<Shown> {
  return await withTempDir(async (dir) => {
    await writeFile(join(dir, 'old.yaml'), POLICY);
    await writeFile(join(dir, 'new.yaml'), STRICT);
    const written = { terminal: '', stdout: '' };
    const stream = (name: keyof typeof written) => ({
      isTTY: name === 'terminal',
      columns,
      write: (data: string | Uint8Array) => {
        written[name] += typeof data === 'string' ? data : Buffer.from(data).toString();
      },
    });
    await run({
      program: 'nv2',
      args: [...args, ...REFERENCES],
      env: { HOME: dir, NOTATION_CONFIG: dir },
      cwd: dir,
      stdin: { isTTY: false, async *[Symbol.asyncIterator]() {} },
      stdout: stream(isTTY ? 'terminal' : 'stdout'),
      stderr: stream('terminal'),
      now: () => new Date(),
      zoneOffset: () => 0,
      signal: new AbortController().signal,
    });
    return written;
  });
}

/** The bars and the lines above them, in the order in which they were written. */
function frames(terminal: string): readonly string[] {
  return terminal.split(CLEAR).flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

function bar(done: number, words: string): string {
  const filled = (24 * done) / REFERENCES.length;
  return `[${'#'.repeat(filled).padEnd(24, '-')}] ${done}/3 ${words}`;
}

test('the bar of a scan counts what stands above it, to the last one', async () => {
  const { terminal } = await show(true, 'scan', '--concurrency=1', '--policy', 'old.yaml');
  const shown = frames(terminal);
  assert.equal(shown[0], bar(0, ''));
  for (const [index, reference] of REFERENCES.entries()) {
    const at = shown.indexOf(`unavailable ${reference}`);
    const next = shown.slice(at).find((line) => line.startsWith('['));
    assert.equal(next, bar(index + 1, `${index + 1} unavailable`));
  }
});

test('the bar of a scan reaches the end where nothing is printed before', async () => {
  const { terminal, stdout } = await show(false, 'scan', '-o', 'json', '--policy', 'old.yaml');
  assert.ok(stdout.startsWith('['));
  const shown = frames(terminal);
  const at = shown.indexOf('Scanned 3 references: 3 unavailable');
  assert.equal(shown[0], bar(0, ''));
  assert.equal(shown[at - 1], bar(3, '3 unavailable'));
});

test('the bar of policy diff counts what stands above it, and is taken away', async () => {
  const diff = ['policy', 'diff', '--concurrency=1', 'old.yaml', 'new.yaml'];
  const { terminal } = await show(true, ...diff);
  const shown = frames(terminal);
  assert.equal(shown[0], bar(0, '0 changed, 0 the same'));
  for (const [index, reference] of REFERENCES.entries()) {
    const at = shown.indexOf(`not compared  ${reference}`);
    const next = shown.slice(at).find((line) => line.startsWith('['));
    assert.equal(next, bar(index + 1, `0 changed, 0 the same, ${index + 1} not compared`));
  }
  assert.ok(terminal.includes(`3 not compared${CLEAR}Compared 3 references`));
});

test('a bar that is longer than a line of the terminal is cut, so that it can be taken away', async () => {
  const { terminal } = await showIn(30, true, 'scan', '--policy', 'old.yaml');
  const bars = frames(terminal).filter((line) => line.startsWith('['));
  assert.equal(bars[0], bar(0, '').slice(0, 29));
  assert.equal(bars.at(-1), bar(3, '3 unavailable').slice(0, 29));
});
