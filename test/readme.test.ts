import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { ROOT } from '../scripts/run-command.ts';

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

test('npm run quickstart does the main job end to end', async () => {
  const { code, output } = await run('npm', ['run', '--silent', 'quickstart'], process.env);
  assert.equal(code, 0, output);
  assert.match(output, /unsigned, tampered and wrongly signed were refused/);
});

test('the commands of the tour in README.md work one after the other', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const port = await freePort();
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]);
  assert.ok(blocks.length >= 4, 'README.md has fewer command blocks than it should have');
  const script = blocks.join('\n').replaceAll(':5000', `:${port}`);
  await withTempDir(async (dir) => {
    const { code, output } = await run(
      'bash',
      ['-euc', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`],
      { ...process.env, TMP: dir, NOTATION_CONFIG: join(dir, 'config') },
    );
    assert.equal(code, 0, output);
    assert.match(output, /Successfully verified signature for/);
  });
});
