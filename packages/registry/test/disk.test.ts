import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type DurableStep, diskStorage, RegistryError } from '@nv2/registry';
import {
  codeOf,
  digestOf,
  Harness,
  imageManifest,
  utf8,
  withRegistry,
  withScratchDir,
} from './harness.ts';

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof RegistryError && error.code === code;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

describe('the directory of a registry', () => {
  test('is refused where another registry uses it, until that one lets go', async () => {
    await withScratchDir(async (directory) => {
      const first = await diskStorage(directory);
      await assert.rejects(diskStorage(directory), hasCode('REGISTRY_DIRECTORY_LOCKED'));
      await first.close();
      await (await diskStorage(directory)).close();
    });
  });

  test('leaves no lock behind where it cannot be made', async () => {
    await withScratchDir(async (directory) => {
      const hopeless = diskStorage(join('/proc', 'nv2-registry', directory));
      await assert.rejects(hopeless, hasCode('REGISTRY_STORAGE_FAILED'));
    });
  });

  test('is refused where it holds something else, or a layout of another version', async () => {
    await withScratchDir(async (directory) => {
      await writeFile(join(directory, 'thesis.txt'), 'do not touch');
      await assert.rejects(diskStorage(directory), hasCode('REGISTRY_DIRECTORY_INVALID'));
      assert.deepEqual(await readdir(directory), ['thesis.txt']);
    });
    await withScratchDir(async (directory) => {
      await writeFile(join(directory, 'nv2-registry.json'), '{"layout":2}\n');
      await assert.rejects(diskStorage(directory), hasCode('REGISTRY_DIRECTORY_INVALID'));
    });
  });

  test('that is a file is refused', async () => {
    await withScratchDir(async (directory) => {
      const file = join(directory, 'file');
      await writeFile(file, '');
      await assert.rejects(diskStorage(file), hasCode('REGISTRY_STORAGE_FAILED'));
    });
  });

  test('security row 19: is never left by a key', async () => {
    await withScratchDir(async (directory) => {
      const storage = await diskStorage(directory);
      for (const key of [
        '../x',
        'a/../../x',
        '/etc/passwd',
        'a//b',
        '',
        '.',
        'a\0b',
        'tmp/.hidden',
      ]) {
        const refused = hasCode('REGISTRY_NAME_INVALID');
        await assert.rejects(async () => storage.open(key), refused, key);
        await assert.rejects(async () => storage.put(key, utf8('x')), refused, key);
        await assert.rejects(async () => storage.remove(key), refused, key);
      }
      await storage.close();
    });
  });

  test('has every blob and manifest under its digest, and shared blobs once', async () => {
    await withRegistry(async (harness) => {
      const bytes = utf8('shared');
      await harness.pushBlob('a', bytes);
      await harness.pushBlob('b', bytes);
      await harness.pushManifest('a', imageManifest([bytes]), 'v1');
      const entries = await readdir(harness.directory, { recursive: true, withFileTypes: true });
      const content = entries.filter(
        (entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name),
      );
      assert.equal(content.length, 4);
      for (const entry of content) {
        const stored = await readFile(join(entry.parentPath, entry.name));
        assert.equal(createHash('sha256').update(stored).digest('hex'), entry.name);
      }
    });
  });
});

describe('the durable steps', () => {
  test('sync content before it gets its name, and the directory before the answer', async () => {
    await withScratchDir(async (directory) => {
      const harness = new Harness(directory);
      let steps: DurableStep['kind'][] = [];
      await harness.open({ onStep: (step) => steps.push(step.kind) });
      await harness.pushBlob('a', utf8('one'));
      steps = [];
      await harness.pushBlob('a', utf8('two'));
      const blob = [
        'create',
        'write',
        'sync',
        // the time of its last use, under the lock of the repository
        'sync',
        'rename',
        'sync-directory',
        'link',
        'sync-directory',
      ];
      assert.deepEqual(steps, blob);
      await harness.pushManifest('a', imageManifest([utf8('one')]), 'v1');
      steps = [];
      await harness.pushManifest('a', imageManifest([utf8('two')]), 'v1');
      const put = ['create', 'write', 'sync', 'rename', 'sync-directory'];
      assert.deepEqual(steps, [...put, ...put]);
      await harness.close();
    });
  });
});

describe('a full disk', () => {
  test('is said with 507, and nothing half-written stays', async () => {
    await withScratchDir(async (directory) => {
      const harness = new Harness(directory);
      let full = false;
      const onStep = (step: DurableStep): void => {
        if (!full || step.kind !== 'write') return;
        throw Object.assign(new Error('no space'), {
          code: 'ENOSPC',
          errno: -28,
          syscall: 'write',
        });
      };
      const errors: unknown[] = [];
      await harness.open({ onStep }, { onError: (error) => errors.push(error) });
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      await harness.send('PATCH', location, { body: utf8('hel') });
      const before = await filesBelow(directory);
      full = true;
      const requests = [
        ['POST', `/v2/a/blobs/uploads/?digest=${digestOf(utf8('x'))}`, utf8('x')],
        ['PUT', '/v2/a/manifests/v1', imageManifest([utf8('x')])],
        ['PATCH', location, utf8('lo')],
      ] as const;
      for (const [method, path, body] of requests) {
        const response = await harness.send(method, path, { body });
        assert.equal(response.status, 507, method);
        assert.equal(await codeOf(response), 'REGISTRY_STORAGE_FULL');
      }
      assert.deepEqual(await filesBelow(directory), before);
      assert.equal(errors.length, 3);
      full = false;
      const body = utf8('lo');
      const put = await harness.send('PUT', `${location}?digest=${digestOf(utf8('hello'))}`, {
        body,
      });
      assert.equal(put.status, 201, 'the chunks before the failed one are still there');
      await harness.close();
    });
  });
});

describe('damaged content', () => {
  test('a manifest that changed on the disk is not served', async () => {
    await withRegistry(async (harness) => {
      const digest = await harness.pushManifest('a', imageManifest([utf8('x')]), 'v1');
      const path = join(harness.directory, 'repositories/a/_manifests', digest.replace(':', '/'));
      await truncate(path, 10);
      const response = await harness.send('GET', '/v2/a/manifests/v1');
      assert.equal(response.status, 500);
      assert.equal((await response.text()).includes('changed'), false);
    });
  });

  test('a tag that is no digest, and a directory in place of a blob, are as good as absent', async () => {
    await withRegistry(async (harness) => {
      await harness.pushManifest('a', imageManifest([utf8('x')]), 'v1');
      await writeFile(join(harness.directory, 'repositories/a/_tags/v1'), 'garbage');
      assert.equal(await harness.status('GET', '/v2/a/manifests/v1'), 404);
      await symlink('/', join(harness.directory, 'repositories/a/_tags/v2'));
      assert.equal(await harness.status('GET', '/v2/a/manifests/v2'), 404);
    });
  });
});
