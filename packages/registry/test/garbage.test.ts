import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  collectGarbage,
  createRegistry,
  diskStorage,
  type RegistryStorage,
  RepositoryLocks,
} from '@nv2/registry';
import {
  describe as descriptorOf,
  digestOf,
  type Harness,
  IMAGE,
  INDEX,
  imageManifest,
  utf8,
  withRegistry,
  withScratchDir,
} from './harness.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HELLO = utf8('hello');

async function blobStatus(harness: Harness, name: string, bytes: Uint8Array): Promise<number> {
  return harness.status('GET', `/v2/${name}/blobs/${digestOf(bytes)}`);
}

function signal(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the collection of garbage', () => {
  test('removes old blobs that no manifest of their repository names, and gives the disk back', async () => {
    await withRegistry(async (harness) => {
      await harness.pushBlob('a', HELLO);
      await harness.pushBlob('b', HELLO);
      await harness.pushManifest('b', imageManifest([HELLO]));
      harness.time += DAY_MS + 1;
      const first = await harness.collectGarbage();
      assert.deepEqual(first.blobs, [`a@${digestOf(HELLO)}`]);
      assert.equal(first.bytes, 0, 'the other repository still has it');
      assert.equal(await blobStatus(harness, 'b', HELLO), 200);
      await harness.send('DELETE', `/v2/b/blobs/${digestOf(HELLO)}`);
      assert.equal((await harness.collectGarbage()).bytes, HELLO.length);
    });
  });

  test('leaves what a push may still need: young blobs, asked-for ones, mounted ones, uploads', async () => {
    await withRegistry(async (harness) => {
      const [asked, mounted, pushed, idle] = ['asked', 'mounted', 'pushed', 'idle'].map(utf8);
      assert.ok(asked && mounted && pushed && idle);
      for (const bytes of [asked, mounted, pushed, idle]) await harness.pushBlob('a', bytes);
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      await harness.send('PATCH', post.headers.get('location') ?? '', { body: HELLO });
      harness.time += DAY_MS - 1;
      assert.deepEqual((await harness.collectGarbage()).blobs, []);
      await harness.status('HEAD', `/v2/a/blobs/${digestOf(asked)}`);
      await harness.status('POST', `/v2/b/blobs/uploads/?mount=${digestOf(mounted)}&from=a`);
      await harness.pushBlob('c', pushed);
      harness.time += 2;
      assert.deepEqual((await harness.collectGarbage()).blobs, [`a@${digestOf(idle)}`]);
      const status = await harness.send('GET', post.headers.get('location') ?? '');
      assert.equal(status.headers.get('range'), '0-4');
    });
  });

  test('leaves the old blobs of a manifest that is being pushed', async () => {
    await withRegistry(async (harness) => {
      await harness.pushBlob('a', HELLO);
      harness.time += 2 * DAY_MS;
      await harness.pushManifest('a', imageManifest([HELLO]));
      assert.deepEqual((await harness.collectGarbage()).blobs, []);
      await harness.check();
    });
  });

  test('leaves the blobs that an index names itself, as that of a build cache', async () => {
    await withRegistry(async (harness) => {
      await harness.pushBlob('a', HELLO);
      const layer = descriptorOf(HELLO, 'application/vnd.oci.image.layer.v1.tar+gzip');
      const cache = { schemaVersion: 2, mediaType: INDEX, manifests: [layer] };
      await harness.pushManifest('a', utf8(JSON.stringify(cache)), 'cache');
      harness.time += 2 * DAY_MS;
      for (const removeUntagged of [false, true]) {
        assert.deepEqual((await harness.collectGarbage({ removeUntagged })).blobs, []);
      }
      assert.equal(await blobStatus(harness, 'a', HELLO), 200);
    });
  });

  test('keeps untagged manifests, unless it is asked to remove them', async () => {
    await withRegistry(async (harness) => {
      const digest = await harness.pushManifest('a', imageManifest([HELLO]));
      harness.time = Date.now() + 2 * DAY_MS;
      await harness.collectGarbage();
      assert.equal(await harness.status('GET', `/v2/a/manifests/${digest}`), 200);
      const report = await harness.collectGarbage({ removeUntagged: true });
      assert.deepEqual(report.manifests, [`a@${digest}`]);
      assert.equal(await harness.status('GET', `/v2/a/manifests/${digest}`), 404);
    });
  });

  test('never removes what a tag leads to: children, referrers of referrers, subjects, their blobs', async () => {
    await withRegistry(async (harness) => {
      const image = imageManifest([HELLO]);
      const signature = imageManifest([utf8('s')], { subject: descriptorOf(image, IMAGE) });
      const counter = imageManifest([utf8('c')], { subject: descriptorOf(signature, IMAGE) });
      const index = utf8(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: INDEX,
          manifests: [descriptorOf(image, IMAGE)],
        }),
      );
      const other = imageManifest([utf8('o')]);
      const tagged = imageManifest([utf8('t')], { subject: descriptorOf(other, IMAGE) });
      for (const bytes of [HELLO, ...['s', 'c', 'o', 't'].map(utf8)]) {
        await harness.pushBlob('a', bytes);
      }
      for (const bytes of [image, signature, counter, other])
        await harness.pushManifest('a', bytes);
      await harness.pushManifest('a', index, 'v1');
      await harness.pushManifest('a', tagged, 'v2');
      harness.time = Date.now() + 400 * DAY_MS;
      const report = await harness.collectGarbage({ removeUntagged: true });
      assert.deepEqual([report.manifests, report.blobs], [[], []]);
      await harness.check();
    });
  });

  test('removes referrers with a subject that is removed, and those of a subject that never came', async () => {
    await withRegistry(async (harness) => {
      const image = imageManifest([HELLO]);
      await harness.pushManifest('a', image, 'v1');
      const signature = imageManifest([HELLO], { subject: descriptorOf(image, IMAGE) });
      const digest = await harness.pushManifest('a', signature);
      await harness.send('DELETE', `/v2/a/manifests/${digestOf(image)}`);
      harness.time = Date.now() + 2 * DAY_MS;
      const report = await harness.collectGarbage({ removeUntagged: true });
      assert.deepEqual(report.manifests, [`a@${digest}`]);
      assert.deepEqual(await harness.referrers('a', digestOf(image)), []);
    });
  });

  test('keeps a blob that is pushed again while it is about to be removed', async () => {
    await withScratchDir(async (directory) => {
      let pushes = 0;
      const now = (): number => Date.now() + pushes * 2 * DAY_MS;
      const disk = await diskStorage(directory, { now });
      const locks = new RepositoryLocks();
      const [removing, pushed] = [signal(), signal()];
      let garbage: Promise<unknown> | undefined;
      const storage: RegistryStorage = {
        open: (key) => disk.open(key),
        put: (key, bytes) => disk.put(key, bytes),
        // as on a medium without links: the content is stored anew
        link: () => Promise.resolve(false),
        remove: async (key) => {
          removing.resolve();
          await Promise.race([pushed.promise, manyTurns()]);
          return await disk.remove(key);
        },
        list: (prefix) => disk.list(prefix),
        upload: async (key, mode) => {
          const upload = await disk.upload(key, mode);
          if (upload === undefined || pushes === 0) return upload;
          const commit = upload.commit.bind(upload);
          upload.commit = async (target) => {
            garbage = collectGarbage(storage, {
              locks,
              now: now(),
              minAgeMs: DAY_MS,
            });
            // time enough for it to find the old copy, were it not kept waiting
            await Promise.race([removing.promise, manyTurns()]);
            await commit(target);
          };
          return upload;
        },
      };
      const registry = createRegistry({ storage, locks, now });
      const url = `http://registry/v2/a/blobs/uploads/?digest=${digestOf(HELLO)}`;
      const push = async (): Promise<Response> =>
        await registry(new Request(url, { method: 'POST', body: HELLO }));
      assert.equal((await push()).status, 201);
      pushes++;
      assert.equal((await push()).status, 201);
      pushed.resolve();
      await garbage;
      const head = new Request(`http://registry/v2/a/blobs/${digestOf(HELLO)}`, { method: 'HEAD' });
      assert.equal((await registry(head)).status, 200);
      await disk.close();
    });
  });

  test('waits for whoever changes the repository, and they for it', async () => {
    const locks = new RepositoryLocks();
    await withRegistry(
      async (harness) => {
        await harness.pushBlob('a', HELLO);
        harness.time += 2 * DAY_MS;
        const order: string[] = [];
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const push = locks.run('a', () => held).then(() => order.push('push'));
        const garbage = harness.collectGarbage({ locks }).then(() => order.push('garbage'));
        const head = harness.status('HEAD', `/v2/a/blobs/${digestOf(HELLO)}`);
        release();
        await Promise.all([push, garbage]);
        assert.deepEqual(order, ['push', 'garbage']);
        const asked = await head;
        const now = await blobStatus(harness, 'a', HELLO);
        assert.equal(asked, now, 'what a client was told is still true');
      },
      { locks },
    );
  });
});
