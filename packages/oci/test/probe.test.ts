import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpClient } from '@nv2/http';
import { fakeTransport, hostileRegistry } from '@nv2/testkit';
import { probeRegistry } from '../src/registry/probe.ts';

test('a probe that is interrupted removes what it pushed', async () => {
  const controller = new AbortController();
  const registry = hostileRegistry({
    intercept: ({ method, url }) => {
      if (url.pathname === '/v2/') return { status: 200 };
      // once the test artifact is there
      const isReferrer = method === 'PUT' && url.pathname.includes('/manifests/sha256:');
      if (!isReferrer) return undefined;
      controller.abort();
      return { status: 200, stall: 'headers' };
    },
  });
  const probed = probeRegistry('r.example', {
    client: createHttpClient({ transport: fakeTransport(registry.handler), userAgent: 'test/1' }),
    repository: 'a/b',
    write: true,
    signal: controller.signal,
  });
  await assert.rejects(probed, { code: 'HTTP_ABORTED' });
  assert.ok(registry.requests.some(({ method }) => method === 'PUT'));
  assert.deepEqual([registry.manifests.size, registry.tags.size], [0, 0]);
});
