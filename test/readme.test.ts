import assert from 'node:assert/strict';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { ROOT } from '../scripts/run-command.ts';
import { withSite } from './embedded-registry.ts';
import { runExample, runProcess, SOURCE_FLAGS } from './run-process.ts';

function readReadme(): Promise<string> {
  return readFile(join(ROOT, 'README.md'), 'utf8');
}

function codeBlocks(text: string, language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(fence)].map(([, code = '']) => code);
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
  const { code, output } = await runProcess('npm', ['run', '--silent', 'quickstart']);
  assert.equal(code, 0, output);
  assert.match(output, /unsigned, tampered and wrongly signed were refused/);
});

test('the commands of the tour in README.md work one after the other', async () => {
  const port = await freePort();
  const blocks = codeBlocks(await readReadme(), 'sh');
  assert.ok(blocks.length >= 4, 'README.md has fewer command blocks than it should have');
  const script = blocks.join('\n').replaceAll(':5000', `:${port}`);
  await withTempDir(async (dir) => {
    const { code, output } = await runProcess(
      'bash',
      ['-euc', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`],
      { env: { PATH: process.env['PATH'], HOME: dir, TMPDIR: dir } },
    );
    assert.equal(code, 0, output);
    assert.match(output, /Successfully verified signature for/);
    assert.deepEqual(await readdir(dir), [], 'the tour leaves nothing behind');
  });
});

test('the library program in README.md verifies an image as it stands there', async () => {
  const blocks = codeBlocks(await readReadme(), 'ts');
  assert.equal(blocks.length, 1, 'README.md has one library program');
  await withSite(async ({ dir, host, digest, image, key, chain, signer }) => {
    const program = join(dir, 'program.ts');
    await writeFile(program, (blocks[0] ?? '').replaceAll('localhost:5000', host));
    await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    const run = () => runProcess(process.execPath, [...SOURCE_FLAGS, program], { cwd: dir });
    const unsigned = await run();
    assert.equal(unsigned.code, 1, 'an unsigned image is no success');
    assert.match(unsigned.output, /NOTARY_SIGNATURE_NOT_FOUND/);
    const signed = await runExample('sign.ts', [image, key, chain]);
    assert.equal(signed.code, 0, signed.output);
    const { code, output } = await run();
    assert.equal(code, 0, output);
    assert.equal(output, `${digest} verified, signed by ${signer}\n`);
  });
});
