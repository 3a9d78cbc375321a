import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { encodePem } from '@nv2/core';
import { makeChain } from '@nv2/testkit';

/** Serves files over https. */
export interface PluginServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  close(): Promise<void>;
}

/**
 * An https server on loopback for the files of a directory; its root certificate is in
 * `plugin-server.pem` there. `/http` redirects to plain http.
 */
export async function startPluginServer(dir: string): Promise<PluginServer> {
  const server = createServer(await identity(dir), (request, response) => {
    if (request.url === '/http') {
      response.writeHead(302, { location: `http://${request.headers.host}/x` }).end();
      return;
    }
    readFile(join(dir, basename(request.url ?? ''))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function identity(dir: string): Promise<{ key: string; cert: string }> {
  // subjectAltName: the address 127.0.0.1
  const value = Uint8Array.of(0x30, 6, 0x87, 4, 127, 0, 0, 1);
  const { chain, leafPkcs8, root } = await makeChain({
    algorithm: { kind: 'ec', curve: 'P-256' },
    leaf: {
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      extensions: [{ oid: '2.5.29.17', critical: false, value }],
    },
  });
  await writeFile(join(dir, 'plugin-server.pem'), encodePem('CERTIFICATE', root.der));
  return {
    key: encodePem('PRIVATE KEY', leafPkcs8),
    cert: chain.map(({ der }) => encodePem('CERTIFICATE', der)).join(''),
  };
}
