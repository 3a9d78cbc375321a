// Sigstore's timestamp authority, with a key that it makes at its start.
import { setTimeout as delay } from 'node:timers/promises';
import { decodePem } from '@nv2/core';
import { parseCertificate } from '@nv2/x509';
import { type Serving, startServing } from '../child.ts';
import { peer } from '../peers.ts';
import type { Authority } from './openssl-ts.ts';

const MAX_ATTEMPTS = 600;

/** Starts `timestamp-server` on a free port of loopback. */
export async function startTimestampServer(): Promise<Authority> {
  const { port, stop } = await startAlone();
  const url = `http://127.0.0.1:${port}/api/v1/timestamp`;
  try {
    const response = await fetch(`${url}/certchain`);
    const root = decodePem(await response.text()).at(-1);
    if (root === undefined) throw new Error('timestamp-server has no certificates');
    return { url, root: parseCertificate(root.der), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * It also serves metrics, on a port that cannot be chosen, and ends where that is taken: one runs at
 * a time, and others wait for it.
 */
async function startAlone(): Promise<Serving> {
  const program = await peer('timestamp-server');
  const args = ['serve', '--host', '127.0.0.1', '--port', '0', '--disable-ntp-monitoring'];
  const signer = ['--timestamp-signer', 'memory', '--include-chain-in-response'];
  const said = /Serving timestamp server at http:\/\/127\.0\.0\.1:(\d+)/;
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServing(program, [...args, ...signer], said);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !/server for metrics.*in use/.test(String(error)))
        throw error;
      await delay(200);
    }
  }
}
