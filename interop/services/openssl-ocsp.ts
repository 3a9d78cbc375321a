// `openssl ocsp` as a responder.
import { join } from 'node:path';
import { type Serving, startServing } from '../child.ts';
import { peer } from '../peers.ts';

/** A responder that serves until it is stopped. */
export interface Responder extends Pick<Serving, 'stop'> {
  readonly url: string;
}

/** For whom a responder answers, and as whom. */
export interface ResponderOptions {
  /** Name of the database; default `index.txt`. */
  readonly index?: string;
  /** Name of the CA's certificate `<ca>.pem`; default `ca`. */
  readonly ca?: string;
  /** Names of `<signer>.pem` and `<signer>.key`; default: the CA. */
  readonly signer?: string;
  /** Default 5; null leaves the time of the next update out. */
  readonly minutes?: number | null;
  /** Whether the signer's certificate is in the answers; default: it is. */
  readonly enclosed?: boolean;
}

/**
 * Starts a responder on the files of a directory. It takes a free port by itself, of all interfaces:
 * openssl knows no other way.
 */
export async function startResponder(
  dir: string,
  options: ResponderOptions = {},
): Promise<Responder> {
  const { index = 'index.txt', ca = 'ca', signer = ca, minutes = 5, enclosed = true } = options;
  const path = (name: string): string => join(dir, name);
  const { port, stop } = await startServing(
    await peer('openssl'),
    [
      ...['ocsp', '-port', '0', '-ignore_err', '-index', path(index), '-CA', path(`${ca}.pem`)],
      ...['-rsigner', path(`${signer}.pem`), '-rkey', path(`${signer}.key`)],
      ...(minutes === null ? [] : ['-nmin', String(minutes)]),
      ...(enclosed ? [] : ['-resp_no_certs']),
    ],
    /ACCEPT .*:(\d+)/,
  );
  return { url: `http://127.0.0.1:${port}/`, stop };
}
