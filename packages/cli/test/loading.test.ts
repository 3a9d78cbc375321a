import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { serveFake } from '@nv2/testkit';

// Loading is most of what a short command costs.

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=@nv2/source'];
const UNDICI = 'internal/deps/undici/undici';
const PACKAGES = new URL('../../', import.meta.url);

const skip = process.versions['bun'] !== undefined && 'bun does not tell what it has loaded';

/** The modules of Node that a program had loaded at its end. */
async function loadedBy(program: string): Promise<readonly string[]> {
  const code = `${program}\nprocess.stdout.write(process.moduleLoadList.join('\\n'));`;
  const args = [...FLAGS, '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.split('\n').map((line) => line.replace('NativeModule ', ''));
}

function source(path: string): string {
  return JSON.stringify(new URL(path, PACKAGES).href);
}

test('verify does without HTTP, TLS and other processes until it needs them', {
  skip,
}, async () => {
  const loaded = await loadedBy(`await import(${source('cli/src/commands/verify.ts')});`);
  assert.ok(loaded.includes('fs'));
  for (const name of ['http', 'https', 'tls', 'child_process', UNDICI]) {
    assert.ok(!loaded.includes(name), name);
  }
});

test('a request is sent without the fetch of Node', { skip }, async () => {
  const server = await serveFake(() => ({ status: 200, body: 'answer' }));
  const loaded = await loadedBy(`
    const { createHttpClient } = await import(${source('http/src/index.ts')});
    const url = new URL(${JSON.stringify(server.url.href)});
    const response = await createHttpClient().send({ method: 'GET', url });
    await response.discard();`);
  await server.close();
  assert.ok(loaded.includes('http'));
  assert.ok(!loaded.includes(UNDICI));
});
