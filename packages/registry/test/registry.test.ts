import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeOf, digestOf, IMAGE, INDEX, imageManifest, utf8, withRegistry } from './harness.ts';

const HELLO = utf8('hello');

describe('the registry', () => {
  test('says that it speaks version 2', async () => {
    await withRegistry(async (harness) => {
      const response = await harness.send('GET', '/v2/');
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('docker-distribution-api-version'), 'registry/2.0');
    });
  });

  test('answers unknown paths with 404 and unknown methods with 405, in the form of the specification', async () => {
    await withRegistry(async (harness) => {
      for (const path of ['/', '/v1/', '/v2/a', '/v2/a/b/c', '/v2/a/tags/lists']) {
        const response = await harness.send('GET', path);
        assert.equal(response.status, 404, path);
        assert.equal(await codeOf(response), 'REGISTRY_ENDPOINT_UNKNOWN');
      }
      const response = await harness.send('POST', '/v2/a/manifests/b');
      assert.equal(response.status, 405);
    });
  });

  test('security row 19: names and references that are not names never reach the disk', async () => {
    await withRegistry(async (harness) => {
      const names = [
        '..',
        '%2e%2e',
        'a/../../b',
        'A',
        'a//b',
        '_tags',
        'a/_manifests',
        'a%2fb',
        'a%00',
        '-a',
        'a'.repeat(256),
      ];
      for (const name of names) {
        const response = await harness.send('GET', `/v2/${name}/tags/list`);
        assert.ok([400, 404].includes(response.status), name);
      }
      for (const reference of ['..%2f..%2fx', '.a', 'a%00', '%', 'sha256:..', 'b'.repeat(129)]) {
        const response = await harness.send('GET', `/v2/a/manifests/${reference}`);
        assert.equal(response.status, 400, reference);
      }
      const upload = await harness.send('PATCH', '/v2/a/blobs/uploads/..%2f..%2fnv2-registry.json');
      assert.equal(upload.status, 404);
    });
  });

  test('takes repositories whose names hold the words of endpoints', async () => {
    await withRegistry(async (harness) => {
      for (const name of ['blobs/uploads', 'a/manifests/b', 'tags/list', 'a/tags']) {
        await harness.pushBlob(name, HELLO);
        await harness.pushManifest(name, imageManifest([HELLO]), 'tags');
      }
      await harness.check();
    });
  });

  test('refuses changes that a web page sends, and lets it read', async () => {
    await withRegistry(async (harness) => {
      const headers = { origin: 'http://evil.example' };
      const response = await harness.send('POST', '/v2/a/blobs/uploads/', { headers });
      assert.equal(await codeOf(response), 'REGISTRY_ORIGIN_REFUSED');
      assert.equal((await harness.send('GET', '/v2/', { headers })).status, 200);
    });
  });
});

describe('a manifest', () => {
  test('is pushed and pulled by tag and by digest, byte for byte', async () => {
    await withRegistry(async (harness) => {
      const digest = await harness.pushManifest('a', imageManifest([HELLO]), 'v1');
      for (const reference of ['v1', digest, digest.replace(':', '%3A')]) {
        const response = await harness.send('GET', `/v2/a/manifests/${reference}`);
        assert.equal(response.headers.get('content-type'), IMAGE);
        assert.equal(response.headers.get('docker-content-digest'), digest);
        assert.equal(digestOf(new Uint8Array(await response.arrayBuffer())), digest);
      }
      await harness.check();
    });
  });

  test('may be pushed by digest with tags, which are echoed', async () => {
    await withRegistry(async (harness) => {
      const bytes = imageManifest([HELLO]);
      const digest = digestOf(bytes, 'sha512');
      const put = await harness.send('PUT', `/v2/a/manifests/${digest}?tag=x&tag=y&tag=x`, {
        body: bytes,
      });
      assert.equal(put.headers.get('oci-tag'), 'x, y');
      const get = await harness.send('GET', '/v2/a/manifests/y');
      assert.equal(get.headers.get('docker-content-digest'), digest);
    });
  });

  test('with another digest, type or form than it says is refused, and nothing of it stays', async () => {
    await withRegistry(async (harness) => {
      const bytes = imageManifest([HELLO]);
      const index = utf8(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }));
      const put = async (reference: string, body: Uint8Array, type: string): Promise<string> => {
        const headers = { 'content-type': type };
        const response = await harness.send('PUT', `/v2/a/manifests/${reference}`, {
          body,
          headers,
        });
        assert.equal(response.status, 400, reference);
        return codeOf(response);
      };
      assert.equal(await put(digestOf(HELLO), bytes, IMAGE), 'REGISTRY_DIGEST_MISMATCH');
      assert.equal(await put('sha256:bad', bytes, IMAGE), 'REGISTRY_DIGEST_INVALID');
      assert.equal(await put('v1', bytes, INDEX), 'REGISTRY_MANIFEST_INVALID');
      assert.equal(await put('v1', index, IMAGE), 'REGISTRY_MANIFEST_INVALID');
      assert.equal(await put('v1', utf8('{'), IMAGE), 'REGISTRY_MANIFEST_INVALID');
      assert.equal(await put('v1', utf8('[]'), IMAGE), 'REGISTRY_MANIFEST_INVALID');
      assert.equal(await put('v1', bytes, 'text/plain'), 'REGISTRY_MANIFEST_INVALID');
      assert.equal(await put('a+b', bytes, IMAGE), 'REGISTRY_TAG_INVALID');
      assert.deepEqual(await harness.tags('a'), []);
    });
  });

  test('security row 10: both image and index is refused', async () => {
    await withRegistry(async (harness) => {
      const body = imageManifest([HELLO], { manifests: [] });
      const response = await harness.send('PUT', '/v2/a/manifests/v1', { body });
      assert.equal(await codeOf(response), 'REGISTRY_MANIFEST_INVALID');
    });
  });

  test('without a media type of its own gets the one of its form', async () => {
    await withRegistry(async (harness) => {
      const body = imageManifest([HELLO], { mediaType: undefined });
      assert.equal((await harness.send('PUT', '/v2/a/manifests/v1', { body })).status, 201);
      const response = await harness.send('HEAD', '/v2/a/manifests/v1');
      assert.equal(response.headers.get('content-type'), IMAGE);
    });
  });

  test('security row 3: above 4 MiB is refused, whatever its length says', async () => {
    await withRegistry(async (harness) => {
      const body = utf8(' '.repeat(4 * 1024 * 1024 + 1));
      for (const headers of [{}, { 'content-length': '10' }, { 'content-length': '9999999999' }]) {
        const response = await harness.send('PUT', '/v2/a/manifests/v1', { body, headers });
        assert.equal(response.status, 413);
      }
    });
  });

  test('is pushed to a tag or deleted only if what is there is what the request says', async () => {
    await withRegistry(async (harness) => {
      const [one, two] = [imageManifest([HELLO]), imageManifest([utf8('two')])];
      const etag = (bytes: Uint8Array): string => `"${digestOf(bytes)}"`;
      const put = async (body: Uint8Array, headers: Record<string, string>, to = 'v1') => {
        const all = { 'content-type': IMAGE, ...headers };
        return await harness.send('PUT', `/v2/a/manifests/${to}`, { headers: all, body });
      };
      const refused = async (answer: Promise<Response>): Promise<void> => {
        const response = await answer;
        assert.equal(response.status, 412);
        assert.equal(await codeOf(response), 'REGISTRY_PRECONDITION_FAILED');
      };
      const tagged = async (): Promise<string | null> =>
        (await harness.send('HEAD', '/v2/a/manifests/v1')).headers.get('etag');
      await refused(put(one, { 'if-match': '*' }));
      await refused(put(one, { 'if-match': etag(one) }));
      assert.equal((await harness.send('GET', `/v2/a/manifests/${digestOf(one)}`)).status, 404);
      assert.equal((await put(one, { 'if-none-match': '*' })).status, 201);
      await refused(put(two, { 'if-none-match': '*' }));
      await refused(put(two, { 'if-none-match': `W/${etag(one)}` }));
      for (const other of [etag(two), `W/${etag(one)}`, digestOf(one), '']) {
        await refused(put(two, { 'if-match': other }));
      }
      assert.equal(await tagged(), etag(one));
      assert.equal((await put(two, { 'if-match': `${etag(two)}, ${etag(one)}` })).status, 201);
      assert.equal(await tagged(), etag(two));
      await refused(put(one, { 'if-none-match': '*' }, `${digestOf(one)}?tag=v1`));
      const remove = async (headers: Record<string, string>): Promise<Response> =>
        await harness.send('DELETE', '/v2/a/manifests/v1', { headers });
      await refused(remove({ 'if-match': etag(one) }));
      assert.equal((await remove({ 'if-match': etag(two) })).status, 202);
      assert.equal(await tagged(), null);
    });
  });

  test('pushed by many at once over the same one is that of one of them', async () => {
    await withRegistry(async (harness) => {
      const push = async (text: string, headers: Record<string, string>) =>
        await harness.send('PUT', '/v2/a/manifests/v1', {
          headers: { 'content-type': IMAGE, ...headers },
          body: imageManifest([utf8(text)]),
        });
      const first = await push('first', { 'if-none-match': '*' });
      const seen = `"${first.headers.get('docker-content-digest')}"`;
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const answers = await Promise.all(names.map((name) => push(name, { 'if-match': seen })));
      const done = answers.filter(({ status }) => status === 201);
      assert.equal(done.length, 1);
      assert.ok(answers.every(({ status }) => status === 201 || status === 412));
      const { headers } = await harness.send('HEAD', '/v2/a/manifests/v1');
      assert.equal(
        headers.get('docker-content-digest'),
        done[0]?.headers.get('docker-content-digest'),
      );
    });
  });

  test('is deleted with its tags by digest, and a tag alone by tag', async () => {
    await withRegistry(async (harness) => {
      const bytes = imageManifest([HELLO]);
      const digest = await harness.pushManifest('a', bytes, 'v1');
      await harness.pushManifest('a', bytes, 'v2');
      await harness.pushManifest('a', imageManifest([HELLO], { annotations: { a: 'b' } }), 'v3');
      assert.equal(await harness.status('DELETE', '/v2/a/manifests/v1'), 202);
      assert.equal(await harness.status('GET', '/v2/a/manifests/v1'), 404);
      assert.equal(await harness.status('GET', `/v2/a/manifests/${digest}`), 200);
      assert.equal(await harness.status('DELETE', `/v2/a/manifests/${digest}`), 202);
      assert.equal(await harness.status('DELETE', `/v2/a/manifests/${digest}`), 404);
      assert.deepEqual(await harness.tags('a'), ['v3']);
      await harness.send('PUT', `/v2/a/manifests/${digest}`, { body: bytes });
      assert.deepEqual(await harness.tags('a'), ['v3'], 'tags do not come alive again');
    });
  });
});
