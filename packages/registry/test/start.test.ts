import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HttpError } from '@nv2/http';
import { RegistryError, startRegistry } from '@nv2/registry';
import { hashSync } from 'bcryptjs';
import { digestOf, imageManifest, utf8, withScratchDir } from './harness.ts';

describe('a registry that is started', () => {
  test('serves over a socket, collects its garbage, and starts again with what it had', async () => {
    await withScratchDir(async (dir) => {
      const bytes = new Uint8Array(3_000_000).map((_, i) => i);
      const digest = digestOf(bytes);
      const first = await startRegistry({ dir, host: '127.0.0.1', port: 0 });
      const post = await fetch(new URL(`/v2/a/blobs/uploads/?digest=${digest}`, first.url), {
        method: 'POST',
        body: bytes,
      });
      assert.equal(post.status, 201);
      const body = imageManifest([bytes]);
      const put = await fetch(new URL('/v2/a/manifests/v1', first.url), { method: 'PUT', body });
      assert.equal(put.status, 201);
      await fetch(new URL(`/v2/a/blobs/uploads/?digest=${digestOf(utf8('x'))}`, first.url), {
        method: 'POST',
        body: 'x',
      });
      const report = await first.collectGarbage({ minAgeMs: -1000 });
      assert.deepEqual(report.blobs, [`a@${digestOf(utf8('x'))}`]);
      await first.close();

      const second = await startRegistry({ dir, host: '127.0.0.1', port: 0 });
      const get = await fetch(new URL(`/v2/a/blobs/${digest}`, second.url));
      assert.deepEqual(new Uint8Array(await get.arrayBuffer()), bytes);
      const range = await fetch(new URL(`/v2/a/blobs/${digest}`, second.url), {
        headers: { range: 'bytes=1000000-2000000' },
      });
      assert.deepEqual(
        new Uint8Array(await range.arrayBuffer()),
        bytes.slice(1_000_000, 2_000_001),
      );
      const head = await fetch(new URL(`/v2/a/blobs/${digest}`, second.url), { method: 'HEAD' });
      assert.equal(head.headers.get('content-length'), '3000000');
      await second.close();
    });
  });

  test('without passwords listens on loopback only, unless it is told in so many words', async () => {
    await withScratchDir(async (dir) => {
      for (const host of ['0.0.0.0', '::', '', '192.0.2.1', 'registry.example']) {
        await assert.rejects(
          startRegistry({ dir, host, port: 0 }),
          (error) => error instanceof RegistryError && error.code === 'REGISTRY_ADDRESS_REFUSED',
          host,
        );
      }
      const server = await startRegistry({
        dir,
        host: '0.0.0.0',
        port: 0,
        dangerouslyAllowAnonymousNetworkAccess: true,
      });
      await server.close();
    });
  });

  test('with passwords asks for them', async () => {
    await withScratchDir(async (directory) => {
      const [dir, htpasswd] = [join(directory, 'registry'), join(directory, 'htpasswd')];
      await writeFile(htpasswd, `alice:${hashSync('secret', 4)}\n`);
      const server = await startRegistry({ dir, host: '0.0.0.0', port: 0, htpasswd });
      const url = new URL(`http://127.0.0.1:${server.url.port}/v2/`);
      assert.equal((await fetch(url)).status, 401);
      const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
      assert.equal((await fetch(url, { headers: { authorization } })).status, 200);
      await server.close();
    });
  });

  test('lets go of its directory where it cannot listen', async () => {
    await withScratchDir(async (directory) => {
      const [dir, other] = [join(directory, 'a'), join(directory, 'b')];
      const first = await startRegistry({ dir: other, host: '127.0.0.1', port: 0 });
      const port = Number(first.url.port);
      await assert.rejects(
        startRegistry({ dir, host: '127.0.0.1', port }),
        (error) => error instanceof HttpError && error.code === 'HTTP_LISTEN_FAILED',
      );
      await (await startRegistry({ dir, host: '127.0.0.1', port: 0 })).close();
      await first.close();
    });
  });
});
