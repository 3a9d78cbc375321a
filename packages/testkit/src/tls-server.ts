import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { encodePem } from '@nv2/core';
import { makeChain } from './certificates.ts';

/** A server over TLS for `registry.example` and 127.0.0.1, and what it has seen. */
export interface TlsServer {
  readonly url: URL;
  /** The root of its certificate, PEM. */
  readonly root: string;
  /**
   * Of each connection so far: `full`, or `resumed` where it took up an earlier session. Empty where
   * the sockets of the runtime do not tell, as those of bun.
   */
  readonly handshakes: readonly ('full' | 'resumed')[];
  /** Ends all connections as well. */
  close(): Promise<void>;
}

/** Starts one on a free loopback port. */
export async function serveTls(listener: RequestListener): Promise<TlsServer> {
  // subjectAltName: registry.example, 127.0.0.1
  const name = Buffer.from('registry.example');
  const san = Uint8Array.of(0x30, 24, 0x82, 16, ...name, 0x87, 4, 127, 0, 0, 1);
  const { chain, leafPkcs8, root } = await makeChain({
    algorithm: { kind: 'ec', curve: 'P-256' },
    leaf: {
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      extensions: [{ oid: '2.5.29.17', critical: false, value: san }],
    },
  });
  const options = {
    key: encodePem('PRIVATE KEY', leafPkcs8),
    cert: chain.map(({ der }) => encodePem('CERTIFICATE', der)).join(''),
  };
  const handshakes: ('full' | 'resumed')[] = [];
  const server = createServer(options, listener);
  server.on('secureConnection', (socket) => {
    if (typeof socket.isSessionReused !== 'function') return;
    handshakes.push(socket.isSessionReused() ? 'resumed' : 'full');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    root: encodePem('CERTIFICATE', root.der),
    handshakes,
    close: async () => {
      // not waited for: on bun its end is not told after a handshake that failed in a tunnel
      server.close();
      server.closeAllConnections();
    },
  };
}
