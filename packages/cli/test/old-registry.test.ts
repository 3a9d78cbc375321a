import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRegistry } from '@nv2/registry';
import { withTempDir } from '@nv2/testkit';
import { programCommand } from './program-command.ts';
import { pushCommand } from './push-command.ts';

/** In front of a registry: one that knows no referrers and does not let anything be deleted. */
async function startOldRegistry(behind: URL): Promise<Server> {
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    if (url.includes('/referrers/')) return response.writeHead(404).end();
    if (method === 'DELETE') return response.writeHead(405).end();
    forward(request, behind).then(
      async (answer) => {
        const headers = [...answer.headers].filter(([name]) => name !== 'oci-subject');
        response.writeHead(answer.status, headers.flat());
        response.end(Buffer.from(await answer.arrayBuffer()));
      },
      () => response.destroy(),
    );
    return response;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

async function forward(request: IncomingMessage, behind: URL): Promise<Response> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const { method = '', url = '', headers } = request;
  const body = Buffer.concat(chunks);
  return await fetch(new URL(url, behind), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      ['accept', 'content-type', 'content-range', 'if-match', 'if-none-match'].includes(name)
        ? [[name, String(value)] as [string, string]]
        : [],
    ),
    ...(body.length > 0 && { body }),
  });
}

test('an old index of referrers that cannot be deleted is a warning, and a signature an error that says so', async () => {
  await withTempDir(async (dir) => {
    const registry = await startRegistry({ dir: join(dir, 'data'), host: '127.0.0.1', port: 0 });
    const old = await startOldRegistry(registry.url);
    try {
      const image = `localhost:${(old.address() as AddressInfo).port}/app`;
      const plain = { env: {}, stdin: '' };
      const values = new Map<string, string>();
      await pushCommand(values, dir)({ args: [`${image}:v1`, 'image'], ...plain });
      const notation = programCommand('notation', dir);
      await notation({ args: ['cert', 'generate-test', '--default', 'signer'], ...plain });
      const reference = `${image}@${values.get('image')}`;
      const first = await notation({ args: ['sign', reference], ...plain });
      assert.deepEqual([first.exitCode, first.stderr], [0, '']);
      const second = await notation({ args: ['sign', reference], ...plain });
      assert.equal(second.exitCode, 0);
      assert.equal(
        second.stderr,
        'Warning: Removal of outdated referrers index from remote registry failed. Garbage collection may be required.\n',
      );
      const listed = await notation({ args: ['list', reference], ...plain });
      assert.equal(listed.stdout.match(/ sha256:/g)?.length, 2);
      const [, one = ''] = / (sha256:[0-9a-f]{64})$/m.exec(listed.stdout) ?? [];
      const deleted = await programCommand(
        'nv2',
        dir,
      )({
        args: ['signature', 'delete', '--yes', '--signature', one, reference],
        ...plain,
      });
      assert.equal(deleted.exitCode, 3);
      assert.match(
        deleted.stderr,
        /^Error: this registry does not let manifests be deleted: .*405.* \[OCI_DELETION_UNSUPPORTED\]\nhint: "nv2 registry probe --write" tells/,
      );
    } finally {
      old.close();
      old.closeAllConnections();
      await registry.close();
    }
  });
});
