import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { ScriptOutcome } from '@nv2/testkit';
import { finish } from './process-outcome.ts';
import { programCommand } from './program-command.ts';
import { PROGRAMS } from './program-under-test.ts';
import { pushCommand } from './push-command.ts';
import { type StubRegistry, startStubRegistry } from './stub-registry.ts';

interface Line {
  readonly outcome: string;
  readonly reference: string;
  readonly places: readonly { readonly line?: number }[];
}

describe('a scan', () => {
  let dir = '';
  let certificate = '';
  let stub: StubRegistry;
  const execute = (program: 'nv2' | 'notation', args: readonly string[]): Promise<ScriptOutcome> =>
    programCommand(program, dir)({ args, env: {}, stdin: '' });
  const nv2 = (...args: readonly string[]): Promise<ScriptOutcome> => execute('nv2', args);

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nv2-scan-'));
    stub = await startStubRegistry();
    const reference = `${stub.host}/app:v1`;
    await pushCommand(new Map(), dir)({ args: [reference, 'content'], env: {}, stdin: '' });
    assert.equal((await nv2('cert', 'generate-test', '--default', 'acme.example')).exitCode, 0);
    certificate = join(dir, 'config/localkeys/acme.example.crt');
    // whose envelope is a blob alone: the question for it is the last one about an image
    const sign = ['sign', '--insecure-registry', reference];
    assert.equal((await execute('notation', sign)).exitCode, 0);
  });
  beforeEach(() => stub.reset());
  after(async () => {
    await stub.close();
    await rm(dir, { recursive: true, force: true });
  });

  /** A list of so many references that are good, with whatever else stands in it. */
  async function listOf(
    count: number,
    other: (line: number) => string | undefined = () => undefined,
  ): Promise<string> {
    const lines = Array.from(
      { length: count },
      (_, index) => other(index) ?? `${stub.host}/r${index}:v1`,
    );
    await writeFile(join(dir, 'refs.txt'), `${lines.join('\n')}\n`);
    return 'refs.txt';
  }

  const rubbish: readonly string[] = [
    'no reference at all',
    '\u0000\u0001\u001b[31m',
    'UPPER/CASE:v1',
    'x'.repeat(20_000),
    'registry.example/app',
    '{"json": true}',
    'a/b@sha256:1234',
    '../../etc/passwd',
  ];

  test('of 2,000 lines verifies the good and names each bad one with its line', async () => {
    const file = await listOf(2000, (index) => {
      if (index % 4 === 1) return rubbish[(index >> 2) % rubbish.length];
      return index % 10 === 2 ? `${stub.host}/r0:v1` : undefined;
    });
    const args = ['scan', '--trust', certificate, '--file', file];
    const run = await nv2(...args, '-o', 'ndjson', '--concurrency', '8');
    assert.equal(run.exitCode, 2, run.stderr);
    const lines: readonly Line[] = run.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    const bad = lines.filter(({ outcome }) => outcome === 'unreadable');
    const expected = Array.from({ length: 500 }, (_, index) => 4 * index + 2);
    assert.deepEqual(
      bad.map(({ places }) => places[0]?.line),
      expected,
    );
    const good = lines.filter(({ outcome }) => outcome === 'verified');
    assert.equal(good.length + bad.length, lines.length);
    assert.equal(new Set(good.map(({ reference }) => reference)).size, good.length);
    assert.equal(stub.asked.size, good.length);
    // every tenth line is r0 again; none of them is rubbish
    assert.equal(good.length, 2000 - 500 - 200);
    assert.match(
      run.stderr,
      /^Scanned 1800 references: 1300 verified, 500 unreadable \(200 repeated\)$/m,
    );
  });

  test('never verifies more at a time than it is told', async () => {
    const file = await listOf(60);
    for (const concurrency of [1, 3, 20]) {
      stub.reset();
      const args = ['--trust', certificate, '--file', file, '--concurrency', String(concurrency)];
      assert.equal((await nv2('scan', ...args)).exitCode, 0);
      const most = stub.most();
      assert.ok(most <= concurrency && most >= Math.min(concurrency, 3), `${most}`);
    }
  });

  function start(...args: readonly string[]): ChildProcess {
    return spawn(join(PROGRAMS, 'nv2'), ['scan', '--trust', certificate, ...args], {
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: dir, NOTATION_CONFIG: join(dir, 'config') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  test('that is killed goes on from its journal, and loses what was under way alone', async () => {
    const args = ['--file', await listOf(100), '--concurrency', '4', '--resume', 'killed'];
    const stalled = stub.stallAfter(37, 4);
    const child = start(...args);
    const ended = finish(child);
    await stalled;
    child.kill('SIGKILL');
    await ended;
    const text = await readFile(join(dir, 'killed'), 'utf8');
    const whole = text
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as Line);
    assert.equal(whole.length, 37);
    // what a crash in the middle of a line leaves
    await writeFile(join(dir, 'killed'), `${text}{"format":"nv2/verdict/1","refer`);

    stub.reset();
    const run = await nv2('scan', '--trust', certificate, ...args);
    assert.equal(run.exitCode, 0, run.stderr);
    assert.match(
      run.stdout,
      /^Scanned 100 references: 100 verified \(37 taken over from the journal\)$/m,
    );
    assert.equal(stub.asked.size, 63);
    for (const { reference } of whole) {
      assert.ok(!stub.asked.has(/\/(r\d+)/.exec(reference)?.[1] ?? ''));
    }
    const after = await readFile(join(dir, 'killed'), 'utf8');
    assert.equal(
      after
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)).length,
      101,
    );
  });

  test('begins a journal anew of which a crash left part of the first line', async () => {
    const file = await listOf(3);
    const path = join(dir, 'torn');
    const args = ['scan', '--trust', certificate, '--file', file, '--resume', 'torn'];
    assert.equal((await nv2(...args)).exitCode, 0);
    const whole = await readFile(path, 'utf8');
    const first = whole.slice(0, whole.indexOf('\n'));
    for (const length of [1, 10, first.length - 70, first.length - 1, first.length]) {
      stub.reset();
      await writeFile(path, first.slice(0, length));
      const run = await nv2(...args);
      assert.equal(run.exitCode, 0, run.stderr);
      assert.equal(run.stderr, '', 'nothing was lost');
      assert.match(run.stdout, /^Scanned 3 references: 3 verified$/m);
      assert.equal(stub.asked.size, 3);
      const lines = (await readFile(path, 'utf8')).split('\n');
      assert.deepEqual([lines.length, lines[0]], [5, first]);
    }
    assert.match((await nv2(...args)).stdout, /3 verified \(3 taken over from the journal\)$/m);
    for (const other of ['precious', '{"format":"x', `${first} `, `x${first}`, `${first}\u0000`]) {
      await writeFile(path, other);
      const run = await nv2(...args);
      assert.equal(run.exitCode, 2, run.stdout);
      assert.match(run.stderr, /is not the journal of a scan \[CLI_JOURNAL_INVALID\]/);
      assert.equal(await readFile(path, 'utf8'), other);
    }
  });

  test('that is interrupted ends with 130, and has written nothing by half', async () => {
    const args = ['--file', await listOf(50), '--concurrency', '4', '--resume', 'interrupted'];
    for (const output of ['json', 'ndjson']) {
      stub.reset();
      await rm(join(dir, 'interrupted'), { force: true });
      const stalled = stub.stallAfter(10, 4);
      const child = start(...args, '-o', output);
      const ended = finish(child);
      await stalled;
      child.kill('SIGINT');
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 130, stderr);
      assert.equal(
        stderr,
        'Error: interrupted [CLI_INTERRUPTED]\nhint: what is finished is kept in interrupted; run the same command again to go on\n',
      );
      const lines = stdout.split('\n');
      assert.equal(lines.pop(), '');
      if (output === 'ndjson') for (const line of lines) JSON.parse(line);
      assert.equal(lines.length, output === 'ndjson' ? 10 : 0, output);
      const journal = await readFile(join(dir, 'interrupted'), 'utf8');
      const kept = journal
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      assert.equal(kept.length, 11);
      assert.ok(kept.slice(1).every(({ outcome }) => outcome === 'verified'));
    }
    assert.deepEqual(
      (await readdir(dir)).filter((name) => name.startsWith('interrupted')),
      ['interrupted'],
    );
  });

  test('that is interrupted and keeps no journal says what would have kept its results', async () => {
    const stalled = stub.stallAfter(3, 2);
    const child = start('--file', await listOf(20), '--concurrency', '2');
    const ended = finish(child);
    await stalled;
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^Error: interrupted \[CLI_INTERRUPTED\]\nhint: .* --resume FILE, .*\n$/);
  });

  test('does not share its journal with another at the same time', async () => {
    const file = await listOf(20);
    const stalled = stub.stallAfter(3, 2);
    const args = ['--file', file, '--concurrency', '2', '--resume', 'shared'];
    const child = start(...args);
    const ended = finish(child);
    await stalled;
    const second = await nv2('scan', '--trust', certificate, ...args);
    assert.equal(second.exitCode, 2);
    assert.match(second.stderr, /CLI_JOURNAL_IN_USE/);
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
  });
});
