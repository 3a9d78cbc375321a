import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeBase64,
  defaultCrypto,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  parseJson,
} from '@nv2/core';
import { makeDirectory } from '@nv2/oci';
import { MAX_CRL_BYTES } from '@nv2/x509';
import { readRegularFile } from '../files/read-file.ts';

/** A CRL with its delta, both DER. */
export interface CrlBundleBytes {
  readonly base: Uint8Array;
  readonly delta?: Uint8Array;
}

/**
 * Where CRLs are kept between runs. What is kept is verified each time it is used, so that no cache
 * can change a verdict; whatever goes wrong with it is told and otherwise passed over.
 */
export interface CrlCache {
  get(url: string): Promise<CrlBundleBytes | undefined>;
  set(url: string, bundle: CrlBundleBytes): Promise<void>;
}

/** What becomes of a cache that cannot be read or written. */
export type CacheTrouble = (event: 'read-failed' | 'write-failed', error: unknown) => void;

/**
 * notation's cache: `<directory>/<SHA-256 of the URL>`, JSON with `baseCRL` and `deltaCRL` in base64.
 * @param directory `<cache>/crl`
 */
export function fileCrlCache(
  directory: string,
  onTrouble: CacheTrouble = () => undefined,
): CrlCache {
  const pathOf = async (url: string): Promise<string> =>
    join(directory, encodeHex(await defaultCrypto.digest('sha256', encodeUtf8(url))));
  return {
    get: async (url) => {
      try {
        return await read(await pathOf(url));
      } catch (error) {
        if (!isMissing(error)) onTrouble('read-failed', error);
        return undefined;
      }
    },
    set: async (url, bundle) => {
      const temporary = join(directory, `notation-${randomBytes(8).toString('hex')}`);
      try {
        await makeDirectory(directory, 0o700);
        await writeFile(temporary, encode(bundle), { flag: 'wx', mode: 0o600 });
        await rename(temporary, await pathOf(url));
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        onTrouble('write-failed', error);
      }
    },
  };
}

function encode({ base, delta }: CrlBundleBytes): string {
  return JSON.stringify({
    baseCRL: encodeBase64(base),
    deltaCRL: delta && encodeBase64(delta),
  });
}

async function read(path: string): Promise<CrlBundleBytes> {
  // base64 takes a third more, and there may be two
  const maxBytes = 3 * MAX_CRL_BYTES;
  const bytes = await readRegularFile(path, { subject: 'CRL', maxBytes });
  const document = parseJson(bytes, { maxBytes, maxDepth: 2 });
  const members = document instanceof Map ? document : new Map<string, unknown>();
  const [base, delta] = [members.get('baseCRL'), members.get('deltaCRL')];
  if (typeof base !== 'string') throw new TypeError('baseCRL is not text');
  return {
    base: decodeBase64(base),
    ...(typeof delta === 'string' && { delta: decodeBase64(delta) }),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NOTARY_FILE_NOT_FOUND';
}
