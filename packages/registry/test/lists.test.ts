import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  describe as descriptorOf,
  digestOf,
  IMAGE,
  INDEX,
  imageManifest,
  utf8,
  withRegistry,
} from './harness.ts';

const HELLO = utf8('hello');

describe('lists', () => {
  test('of tags are in order and come in pages', async () => {
    await withRegistry(async (harness) => {
      assert.equal(await harness.status('GET', '/v2/a/tags/list'), 404);
      const tags = ['B', 'a', 'a.1', 'a-1', '_x', 'v10', 'v9'];
      for (const tag of tags) await harness.pushManifest('a', imageManifest([HELLO]), tag);
      const seen: string[] = [];
      let path: string | undefined = '/v2/a/tags/list?n=2';
      while (path !== undefined) {
        const response = await harness.send('GET', path);
        seen.push(...((await response.json()) as { tags: string[] }).tags);
        path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
      }
      assert.deepEqual(seen, tags.sort());
      const none = await harness.send('GET', '/v2/a/tags/list?n=0');
      assert.deepEqual(await none.json(), { name: 'a', tags: [] });
      assert.equal(none.headers.get('link'), null);
      assert.equal(await harness.status('GET', '/v2/a/tags/list?n=-1'), 400);
      const last = await harness.send('GET', '/v2/a/tags/list?last=v10');
      assert.deepEqual(((await last.json()) as { tags: string[] }).tags, ['v9']);
    });
  });

  test('of referrers have type and annotations, are filtered, and come in pages', async () => {
    await withRegistry(
      async (harness) => {
        const subject = { ...descriptorOf(HELLO, IMAGE) };
        const pushed = new Set<string>();
        for (let i = 0; i < 7; i++) {
          const manifest = imageManifest([HELLO], {
            subject,
            ...(i % 2 === 0 && { artifactType: 'application/x.even' }),
            annotations: { i: String(i) },
          });
          pushed.add(await harness.pushManifest('a', manifest));
        }
        const read = async (query: string): Promise<Record<string, unknown>[]> => {
          const seen: Record<string, unknown>[] = [];
          let path: string | undefined = `/v2/a/referrers/${subject.digest}${query}`;
          while (path !== undefined) {
            const response = await harness.send('GET', path);
            assert.equal(response.headers.get('content-type'), INDEX);
            const applied = query === '' ? null : 'artifactType';
            assert.equal(response.headers.get('oci-filters-applied'), applied);
            const index = (await response.json()) as { manifests: Record<string, unknown>[] };
            assert.ok(index.manifests.length <= 3);
            seen.push(...index.manifests);
            path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
          }
          return seen;
        };
        const all = await read('');
        assert.deepEqual(new Set(all.map((entry) => entry['digest'])), pushed);
        const even = await read('?artifactType=application%2Fx.even');
        assert.equal(even.length, 4);
        assert.ok(even.every((entry) => entry['artifactType'] === 'application/x.even'));
        const other = await read('?artifactType=application%2Foctet-stream');
        assert.equal(other.length, 3, 'an image without a type has that of its config');
        assert.deepEqual(Object.keys(other[0]?.['annotations'] ?? {}), ['i']);
      },
      { limits: { maxPageEntries: 3 } },
    );
  });

  test('of referrers stop at their size and go on in the next page', async () => {
    await withRegistry(
      async (harness) => {
        const subject = descriptorOf(HELLO, IMAGE);
        for (let i = 0; i < 4; i++) {
          await harness.pushManifest(
            'a',
            imageManifest([HELLO], { subject, annotations: { i: `${i}` } }),
          );
        }
        let pages = 0;
        let path: string | undefined = `/v2/a/referrers/${subject.digest}`;
        while (path !== undefined) {
          const response = await harness.send('GET', path);
          pages++;
          path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
        }
        assert.equal(pages, 4);
      },
      { limits: { maxReferrersBytes: 10 } },
    );
  });

  test('of referrers are empty for what nobody refers to, and 400 for what is no digest', async () => {
    await withRegistry(async (harness) => {
      assert.deepEqual(await harness.referrers('never/pushed', digestOf(HELLO)), []);
      assert.equal(await harness.status('GET', '/v2/a/referrers/v1'), 400);
    });
  });

  test('of referrers do not exist where the API is switched off, and no header says they do', async () => {
    await withRegistry(
      async (harness) => {
        const subject = descriptorOf(HELLO, IMAGE);
        const body = imageManifest([HELLO], { subject });
        const put = await harness.send('PUT', '/v2/a/manifests/v1', { body });
        assert.equal(put.headers.get('oci-subject'), null);
        assert.equal(await harness.status('GET', `/v2/a/referrers/${subject.digest}`), 404);
      },
      { referrersApi: false },
    );
  });

  test('a pushed subject is acknowledged with OCI-Subject', async () => {
    await withRegistry(async (harness) => {
      const subject = descriptorOf(HELLO, IMAGE);
      const body = imageManifest([HELLO], { subject });
      const put = await harness.send('PUT', '/v2/a/manifests/v1', { body });
      assert.equal(put.headers.get('oci-subject'), subject.digest);
      const digest = digestOf(body);
      assert.equal(await harness.status('DELETE', `/v2/a/manifests/${digest}`), 202);
      assert.deepEqual(await harness.referrers('a', subject.digest), []);
    });
  });
});
