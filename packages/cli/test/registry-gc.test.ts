import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { describeContent, openRepository } from '@nv2/oci';
import { startRegistry } from '@nv2/registry';
import { withTempDir } from '@nv2/testkit';
import { programCommand } from './program-command.ts';

test('registry gc frees what nothing refers to, once it is old enough and nobody serves it', async () => {
  await withTempDir(async (dir) => {
    const gc = (...args: readonly string[]) =>
      programCommand(
        'nv2',
        dir,
      )({ args: ['registry', 'gc', '--dir', 'data', ...args], env: {}, stdin: '' });
    const server = await startRegistry({ dir: join(dir, 'data'), host: '127.0.0.1', port: 0 });
    const transport = nodeTransport();
    const client = createHttpClient({ transport, userAgent: 'test' });
    const repository = { registry: server.url.host, repository: 'app' };
    const blob = encodeUtf8('nothing names me');
    const descriptor = describeContent(blob, 'application/octet-stream');
    await openRepository(repository, { client, plainHttp: true }).pushBlob(blob, descriptor);
    assert.match((await gc()).stderr, /\[REGISTRY_DIRECTORY_LOCKED\]/);
    transport.close();
    await server.close();
    assert.match((await gc()).stdout, /^0 bytes were freed in 1 repositories\n$/);
    const { stdout } = await gc('--min-age-hours', '0', '--output', 'json');
    const report = JSON.parse(stdout) as { blobs: string[]; bytes: number };
    assert.deepEqual(report.blobs, [`app@${descriptor.digest}`]);
    assert.equal(report.bytes, blob.length);
  });
});
