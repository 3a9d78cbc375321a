import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { serveFake } from '@nv2/testkit';
import { readBody } from './body.ts';
import { lazyNodeTransport } from './lazy-node-transport.ts';
import { nodeTransport } from './node-transport.ts';
import type { HttpRequest } from './types.ts';

function get(url: URL): HttpRequest {
  return { method: 'GET', url };
}

for (const [name, open] of Object.entries({ nodeTransport, lazyNodeTransport })) {
  describe(`the limits of ${name}`, () => {
    test('no more connections to a host than allowed are open, and all requests are served', async () => {
      let [busy, most] = [0, 0];
      const server = createServer((_request, response) => {
        most = Math.max(most, ++busy);
        setImmediate(() => {
          busy--;
          response.setHeader('content-length', 6).end('answer');
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const transport = open({ maxConnectionsPerHost: 2 });
      const sizes = Array.from({ length: 9 }, async () => {
        const body = await readBody(await transport(get(url), {}), { maxBytes: 100 });
        return body.length;
      });
      assert.deepEqual(await Promise.all(sizes), Array(9).fill(6));
      assert.ok(most <= 2, String(most));
      transport.close();
      server.close();
    });

    test('closing ends what is under way', async () => {
      let arrived = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const server = await serveFake(() => {
        arrived();
        return { status: 200, stall: 'headers' };
      });
      const transport = open();
      const sent = transport(get(server.url), {});
      const failure = assert.rejects(sent, { code: 'HTTP_CONNECTION_FAILED' });
      await asked;
      transport.close();
      await failure;
      await server.close();
    });

    test('many header fields are fine within their limit, which can be set', async () => {
      const headers = Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [`x-${n}`, 'value']),
      );
      const server = await serveFake(() => ({ status: 200, headers, body: 'ok' }));
      for (const [maxHeaderBytes, expected] of [
        [undefined, 'ok'],
        [1000, 'HTTP_RESPONSE_INVALID'],
      ] as const) {
        const transport = open(maxHeaderBytes === undefined ? {} : { maxHeaderBytes });
        const got = await transport(get(server.url), {}).then(
          async (response) => String(Buffer.from(await readBody(response, { maxBytes: 100 }))),
          (error: { readonly code: string }) => error.code,
        );
        assert.equal(got, expected);
        transport.close();
      }
      await server.close();
    });
  });
}
