import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DurableStep } from '@nv2/registry';
import {
  describe as descriptorOf,
  Harness,
  IMAGE,
  imageManifest,
  utf8,
  withScratchDir,
} from './harness.ts';

const CONFIG = utf8('{}');
const LAYER = utf8('layer');
const SUBJECT = imageManifest([CONFIG, LAYER]);
const REFERRER = imageManifest([CONFIG], { subject: descriptorOf(SUBJECT, IMAGE) });

/** One history with every kind of change; the model knows what was acknowledged when it stops. */
async function history(harness: Harness): Promise<void> {
  await harness.pushBlob('a/b', CONFIG);
  await harness.pushBlob('a/b', LAYER);
  const subject = await harness.pushManifest('a/b', SUBJECT, 'v1');
  const referrer = await harness.pushManifest('a/b', REFERRER);
  await harness.pushManifest('a/b', imageManifest([LAYER]), 'v2');
  const model = harness.repository('a/b');
  // what is being changed is in the old state or the new one until it is acknowledged
  model.tags.delete('v2');
  await harness.pushManifest('a/b', SUBJECT, 'v2');
  await harness.pushBlob('c', LAYER);
  await harness.pushManifest('c', imageManifest([LAYER]), 'kept');
  model.tags.delete('v1');
  await harness.send('DELETE', '/v2/a/b/manifests/v1');
  model.manifests.delete(referrer);
  await harness.send('DELETE', `/v2/a/b/manifests/${referrer}`);
  model.manifests.delete(subject);
  model.tags.delete('v2');
  await harness.send('DELETE', `/v2/a/b/manifests/${subject}`);
  model.blobs.clear();
  harness.time += 48 * 60 * 60 * 1000;
  await harness.collectGarbage();
}

class Killed extends Error {}

/** Stops everything at the n-th step, and every step after it, as a killed process does. */
function killAt(n: number): { readonly onStep: () => void; readonly steps: () => number } {
  let steps = 0;
  return {
    onStep: () => {
      if (++steps >= n) throw new Killed();
    },
    steps: () => steps,
  };
}

/** Whatever happened, a registry opens, holds what it acknowledged, and goes on. */
async function checkAfterCrash(harness: Harness): Promise<void> {
  await harness.open();
  await harness.check(false);
  assert.deepEqual(await readdir(join(harness.directory, 'tmp')), []);
  await harness.pushBlob('a/b', CONFIG);
  await harness.pushBlob('a/b', LAYER);
  await harness.pushManifest('a/b', SUBJECT, 'again');
  await harness.pushManifest('a/b', REFERRER);
  await harness.check(false);
  await harness.close();
}

describe('a registry that is killed', () => {
  test('at any durable step loses nothing that it acknowledged and serves nothing partial', async () => {
    let n = 1;
    for (let finished = false; !finished; n++) {
      await withScratchDir(async (directory) => {
        const harness = new Harness(directory);
        const kill = killAt(n);
        try {
          await harness.open({ onStep: kill.onStep });
          await history(harness);
        } catch {
          // an answer was not the one of success: here the client would learn that it failed
        }
        finished = kill.steps() < n;
        await harness.crash();
        await checkAfterCrash(harness);
      });
    }
    assert.ok(n > 60, `the history has ${n} steps`);
  });

  test('with SIGKILL within a push loses nothing that it acknowledged', async () => {
    for (const step of [16, 28, 40]) {
      await withScratchDir(async (directory) => {
        const harness = new Harness(directory);
        const acknowledged = await runUntilKilled(directory, step);
        for (const line of acknowledged) {
          const [kind, name = '', digest = '', tag, base64 = ''] = line.split(' ');
          const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
          const model = harness.repository(name);
          if (kind === 'blob') model.blobs.set(digest, bytes);
          else model.manifests.set(digest, bytes);
          if (tag !== undefined && tag !== '-') model.tags.set(tag, digest);
        }
        // the dead process still holds the lock, which must not matter
        await checkAfterCrash(harness);
      });
    }
  });

  test('within a chunk lets the client go on from where the upload says it stands', async () => {
    await withScratchDir(async (directory) => {
      const harness = new Harness(directory);
      let armed = false;
      const onStep = (step: DurableStep): void => {
        if (armed && step.kind === 'truncate') throw new Killed();
      };
      await harness.open({ onStep });
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      await harness.send('PATCH', location, { body: utf8('la') });
      armed = true;
      // the chunk lies about its length and cannot be cut off any more
      const headers = { 'content-length': '9' };
      await harness.send('PATCH', location, { body: utf8('ye'), headers });
      await harness.crash();
      await harness.open();
      const status = await harness.send('GET', location);
      const stands = Number(status.headers.get('range')?.slice(2)) + 1;
      assert.ok(stands >= 2);
      const rest = new TextDecoder().decode(LAYER).slice(stands);
      const digest = descriptorOf(LAYER, IMAGE).digest;
      const put = await harness.send('PUT', `${location}?digest=${digest}`, { body: utf8(rest) });
      assert.equal(put.status, 201);
      await harness.close();
    });
  });
});

/** Runs pushes in a process that kills itself at a step; returns what it acknowledged before. */
async function runUntilKilled(directory: string, step: number): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('./killed-push.ts', import.meta.url));
  const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nv2/source'];
  const child: ChildProcess = spawn(process.execPath, [...flags, script, directory, `${step}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  assert.equal(signal, 'SIGKILL');
  return output.split('\n').filter((line) => line !== '');
}
