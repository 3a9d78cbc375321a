// Sigstore's timestamp authority, with a key that it makes at its start.
import { decodePem } from '@nv2/core';
import { parseCertificate } from '@nv2/x509';
import { startServing } from '../child.ts';
import { peer } from '../peers.ts';
import type { Authority } from './openssl-ts.ts';

/** Starts `timestamp-server` on a free port of loopback. */
export async function startTimestampServer(): Promise<Authority> {
  const { port, stop } = await startServing(
    await peer('timestamp-server'),
    [
      ...['serve', '--host', '127.0.0.1', '--port', '0', '--disable-ntp-monitoring'],
      ...['--timestamp-signer', 'memory', '--include-chain-in-response'],
    ],
    /Serving timestamp server at http:\/\/127\.0\.0\.1:(\d+)/,
  );
  const base = `http://127.0.0.1:${port}/api/v1/timestamp`;
  const response = await fetch(`${base}/certchain`);
  const root = decodePem(await response.text()).at(-1);
  if (root === undefined) throw new Error('timestamp-server has no certificates');
  return { url: base, root: parseCertificate(root.der), stop };
}
