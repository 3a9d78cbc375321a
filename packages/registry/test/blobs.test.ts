import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeOf, digestOf, utf8, withRegistry } from './harness.ts';

const HELLO = utf8('hello');

describe('a blob', () => {
  test('is pushed in one request, pulled, and deleted', async () => {
    await withRegistry(async (harness) => {
      const digest = digestOf(HELLO);
      const post = await harness.send('POST', `/v2/a/blobs/uploads/?digest=${digest}`, {
        body: HELLO,
      });
      assert.equal(post.status, 201);
      const path = post.headers.get('location') ?? '';
      const get = await harness.send('GET', path);
      assert.equal(await get.text(), 'hello');
      assert.equal(get.headers.get('docker-content-digest'), digest);
      assert.equal(await harness.status('DELETE', path), 202);
      assert.equal(await harness.status('GET', path), 404);
      assert.equal(await harness.status('DELETE', path), 404);
    });
  });

  for (const algorithm of ['sha256', 'sha384', 'sha512']) {
    test(`may have a ${algorithm} digest, also in chunks and empty`, async () => {
      await withRegistry(async (harness) => {
        for (const text of ['', 'hello']) {
          const digest = digestOf(utf8(text), algorithm);
          const post = await harness.send('POST', '/v2/a/blobs/uploads/');
          const location = post.headers.get('location') ?? '';
          await harness.send('PATCH', location, { body: utf8(text) });
          const put = await harness.send('PUT', `${location}?digest=${digest}`);
          assert.equal(put.status, 201);
          assert.equal(await (await harness.send('GET', `/v2/a/blobs/${digest}`)).text(), text);
        }
      });
    });
  }

  test('that does not have its digest is refused, and nothing of it stays', async () => {
    await withRegistry(async (harness) => {
      const digest = digestOf(utf8('other'));
      const post = await harness.send('POST', `/v2/a/blobs/uploads/?digest=${digest}`, {
        body: HELLO,
      });
      assert.equal(post.status, 400);
      assert.equal(await codeOf(post), 'REGISTRY_DIGEST_MISMATCH');
      assert.equal(await harness.status('HEAD', `/v2/a/blobs/${digest}`), 404);
      assert.equal(await harness.expireUploads(-1e15), 0);
    });
  });

  test('is answered in ranges', async () => {
    await withRegistry(async (harness) => {
      const digest = await harness.pushBlob('a', utf8('0123456789'));
      const cases = [
        ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
        ['bytes=7-', 206, '789', 'bytes 7-9/10'],
        ['bytes=-2', 206, '89', 'bytes 8-9/10'],
        ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
        ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
        ['bytes=10-', 416, undefined, 'bytes */10'],
        ['bytes=4-2', 416, undefined, 'bytes */10'],
        ['bytes=-0', 416, undefined, 'bytes */10'],
        ['bytes=-', 200, '0123456789', null],
        ['bytes=0-1,3-4', 200, '0123456789', null],
        ['lines=1-2', 200, '0123456789', null],
      ] as const;
      for (const [range, status, text, contentRange] of cases) {
        const headers = { range };
        const response = await harness.send('GET', `/v2/a/blobs/${digest}`, { headers });
        assert.equal(response.status, status, range);
        assert.equal(response.headers.get('content-range'), contentRange, range);
        if (text !== undefined) assert.equal(await response.text(), text, range);
      }
      const headers = { range: 'bytes=0-1', 'if-range': '"other"' };
      const response = await harness.send('GET', `/v2/a/blobs/${digest}`, { headers });
      assert.equal(response.status, 200);
      await response.body?.cancel();
    });
  });

  test('is mounted from a repository that has it, and from none that has not', async () => {
    await withRegistry(async (harness) => {
      const digest = await harness.pushBlob('a', HELLO);
      const mount = (name: string, from: string): Promise<number> =>
        harness.status('POST', `/v2/${name}/blobs/uploads/?mount=${digest}${from}`);
      assert.equal(await mount('b', '&from=a'), 201);
      assert.equal(await mount('c', '&from=d'), 202);
      assert.equal(await harness.status('HEAD', `/v2/c/blobs/${digest}`), 404);
      assert.equal(await mount('c', ''), 201);
      for (const name of ['a', 'b', 'c']) {
        assert.equal(await harness.status('DELETE', `/v2/${name}/blobs/${digest}`), 202);
      }
      assert.equal(await mount('d', ''), 202, 'deleted everywhere is deleted');
    });
  });

  test('survives the deletion in another repository', async () => {
    await withRegistry(async (harness) => {
      const digest = await harness.pushBlob('a', HELLO);
      await harness.pushBlob('b', HELLO);
      assert.equal(await harness.status('DELETE', `/v2/a/blobs/${digest}`), 202);
      harness.repository('a').blobs.clear();
      await harness.check();
    });
  });

  test('larger than the limit is refused before and while it arrives', async () => {
    await withRegistry(
      async (harness) => {
        const digest = digestOf(HELLO);
        const path = `/v2/a/blobs/uploads/?digest=${digest}`;
        const announced = await harness.send('POST', path, {
          body: HELLO,
          headers: { 'content-length': '5' },
        });
        assert.equal(announced.status, 413);
        const streamed = await harness.send('POST', path, { body: HELLO });
        assert.equal(streamed.status, 413);
        assert.equal(await harness.expireUploads(-1e15), 0);
      },
      { limits: { maxBlobBytes: 4 } },
    );
  });

  test('security row 3: with a Content-Length that lies is refused', async () => {
    await withRegistry(async (harness) => {
      for (const length of ['4', '6', '10000000000']) {
        const response = await harness.send(
          'POST',
          `/v2/a/blobs/uploads/?digest=${digestOf(HELLO)}`,
          {
            body: HELLO,
            headers: { 'content-length': length },
          },
        );
        assert.equal(await codeOf(response), 'REGISTRY_SIZE_INVALID', length);
      }
    });
  });
});

describe('an upload in chunks', () => {
  test('takes chunks in order and answers others with 416 and where it stands', async () => {
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      const chunk = (range: string, text: string): Promise<Response> =>
        harness.send('PATCH', location, {
          body: utf8(text),
          headers: { 'content-range': range, 'content-length': String(text.length) },
        });
      assert.equal((await chunk('3-4', 'lo')).status, 416);
      const first = await chunk('0-2', 'hel');
      assert.equal(first.status, 202);
      assert.equal(first.headers.get('range'), '0-2');
      assert.equal((await chunk('0-2', 'hel')).status, 416);
      const status = await harness.send('GET', location);
      assert.equal(status.status, 204);
      assert.equal(status.headers.get('range'), '0-2');
      assert.equal(await codeOf(await chunk('3-9', 'lo')), 'REGISTRY_SIZE_INVALID');
      assert.equal(await codeOf(await chunk('9-3', 'lo')), 'REGISTRY_SIZE_INVALID');
      const put = await harness.send('PUT', `${location}?digest=${digestOf(HELLO)}`, {
        body: utf8('lo'),
        headers: { 'content-range': '3-4' },
      });
      assert.equal(put.status, 201);
      assert.equal(await harness.status('GET', location), 404);
    });
  });

  test('goes on after a restart of the registry', async () => {
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      await harness.send('PATCH', location, { body: utf8('hel') });
      await harness.close();
      await harness.open();
      await harness.send('PATCH', location, { body: utf8('lo') });
      const put = await harness.send('PUT', `${location}?digest=${digestOf(HELLO)}`);
      assert.equal(put.status, 201);
    });
  });

  test('keeps what arrived of a chunk whose client left', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield utf8('hel');
      throw new Error('gone');
    }
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      const body = ReadableStream.from(broken());
      const patch = await harness.send('PATCH', location, { body, duplex: 'half' });
      assert.equal(patch.status, 500);
      const status = await harness.send('GET', location);
      assert.equal(status.headers.get('range'), '0-2');
      const put = await harness.send('PUT', `${location}?digest=${digestOf(HELLO)}`, {
        body: utf8('lo'),
      });
      assert.equal(put.status, 201);
    });
  });

  test('is cancelled', async () => {
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      assert.equal(await harness.status('DELETE', location), 204);
      assert.equal(await harness.status('GET', location), 404);
      assert.equal(await harness.status('DELETE', location), 404);
    });
  });

  test('belongs to the repository that it was begun in', async () => {
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const id = post.headers.get('docker-upload-uuid');
      assert.equal(await harness.status('GET', `/v2/b/blobs/uploads/${id}`), 404);
    });
  });

  test('takes one request at a time', async () => {
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      let go: () => void = () => undefined;
      const wait = new Promise<void>((resolve) => {
        go = resolve;
      });
      async function* slow(): AsyncGenerator<Uint8Array> {
        await wait;
        yield HELLO;
      }
      const body = ReadableStream.from(slow());
      const first = harness.send('PATCH', location, { body, duplex: 'half' });
      const second = await harness.send('PATCH', location, { body: HELLO });
      assert.equal(second.status, 409);
      go();
      assert.equal((await first).status, 202);
    });
  });

  test('expires when nothing arrives', async () => {
    await withRegistry(async (harness) => {
      const post = await harness.send('POST', '/v2/a/blobs/uploads/');
      const location = post.headers.get('location') ?? '';
      harness.time = Date.now() + 1000;
      assert.equal(await harness.expireUploads(60_000), 0);
      harness.time = Date.now() + 61_000;
      assert.equal(await harness.expireUploads(60_000), 1);
      assert.equal(await harness.status('PATCH', location), 404);
    });
  });
});
