import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { serveTls } from '@nv2/testkit';
import { readBody } from './body.ts';
import { nodeTransport } from './node-transport.ts';

const REQUESTS = 4;

/** The client may well resume sessions there: the server of the test could not know. */
const skip =
  'bun' in process.versions && 'sockets of bun do not tell whether a TLS session was resumed';

/** Handshakes that the server saw for requests one after the other through one transport. */
async function handshakesOf(listener: RequestListener): Promise<readonly string[]> {
  const server = await serveTls(listener);
  const transport = nodeTransport({ certificates: { pem: server.root } });
  try {
    for (let request = 0; request < REQUESTS; request++) {
      const response = await transport({ method: 'GET', url: server.url }, {});
      await readBody(response, { maxBytes: 100 });
    }
    return server.handshakes;
  } finally {
    transport.close();
    await server.close();
  }
}

test('requests one after the other share one connection, and so one handshake', {
  skip,
}, async () => {
  assert.deepEqual(await handshakesOf((_request, response) => response.end('kept')), ['full']);
});

test('where a server closes its connections, the TLS session is taken up again by the next', {
  skip,
}, async () => {
  const handshakes = await handshakesOf((_request, response) => {
    response.setHeader('connection', 'close').end('closed');
  });
  assert.deepEqual(handshakes, ['full', 'resumed', 'resumed', 'resumed']);
});
