import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '@nv2/cli';
import { withTempDir } from '@nv2/testkit';

const POLICY = 'version: nv2/1\nstatements: [{ name: a, scopes: [{ any: true }], level: skip }]\n';
const CLEAR = '\r\u001b[K';

test('policy diff shows on a terminal how far it is, and takes that away before it ends', async () => {
  await withTempDir(async (dir) => {
    for (const name of ['old.yaml', 'new.yaml']) await writeFile(join(dir, name), POLICY);
    const written = { stdout: '', stderr: '' };
    const stream = (name: keyof typeof written, isTTY: boolean) => ({
      isTTY,
      write: (data: string | Uint8Array) => {
        written[name] += typeof data === 'string' ? data : Buffer.from(data).toString();
      },
    });
    const exitCode = await run({
      program: 'nv2',
      args: ['policy', 'diff', 'old.yaml', 'new.yaml', 'localhost:1/a:v1', 'localhost:1/b:v1'],
      env: { HOME: dir, NOTATION_CONFIG: dir },
      cwd: dir,
      stdin: { isTTY: false, async *[Symbol.asyncIterator]() {} },
      stdout: stream('stdout', false),
      stderr: stream('stderr', true),
      now: () => new Date(),
      zoneOffset: () => 0,
      signal: new AbortController().signal,
    });
    assert.equal(exitCode, 0);
    assert.equal(written.stdout, 'Compared 2 references: 0 changed, 2 the same\n');
    assert.ok(written.stderr.startsWith(`${CLEAR}[${'-'.repeat(24)}] 0/2 0 changed, 0 the same`));
    assert.ok(written.stderr.endsWith(CLEAR));
  });
});
