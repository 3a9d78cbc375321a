import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** What becomes of a cache, told while it happens; nothing of it changes a verdict. */
export type CrlCacheEvent =
  | { readonly event: 'reading' | 'missing' | 'storing'; readonly url: string }
  /** It did not answer in time, and is not asked again about this chain. */
  | { readonly event: 'silent'; readonly url: string }
  | {
      readonly event: 'expired';
      readonly url: string;
      /** Milliseconds since the epoch; absent where the CRL does not say. */
      readonly nextUpdate: number | undefined;
    }
  | {
      readonly event: 'read-failed' | 'write-failed';
      readonly url: string;
      readonly path: string;
      readonly error: unknown;
    }
  /** Its directory cannot be made: there is no cache. Told once. */
  | { readonly event: 'unusable'; readonly path: string; readonly error: unknown };

/** Is told of {@link CrlCacheEvent}. */
export type CrlCacheLog = (event: CrlCacheEvent) => void;

/**
 * notation's cache: `<directory>/<SHA-256 of the URL>`, JSON with `baseCRL` and `deltaCRL` in base64.
 * @param directory `<cache>/crl`
 */
export function fileCrlCache(directory: string, log: CrlCacheLog = () => undefined): CrlCache {
  const pathOf = async (url: string): Promise<string> =>
    join(directory, encodeHex(await defaultCrypto.digest('sha256', encodeUtf8(url))));
  let made: Promise<boolean> | undefined;
  const isUsable = (): Promise<boolean> => {
    made ??= isMade(directory, log);
    return made;
  };
  return {
    get: async (url) => {
      if (!(await isUsable())) return undefined;
      log({ event: 'reading', url });
      const path = await pathOf(url);
      try {
        return await read(path);
      } catch (error) {
        if (isMissing(error)) log({ event: 'missing', url });
        else log({ event: 'read-failed', url, path, error });
        return undefined;
      }
    },
    set: async (url, bundle) => {
      if (!(await isUsable())) return;
      log({ event: 'storing', url });
      const path = await pathOf(url);
      try {
        await replace(path, encode(bundle));
      } catch (error) {
        log({ event: 'write-failed', url, path, error });
      }
    },
  };
}

async function isMade(path: string, log: CrlCacheLog): Promise<boolean> {
  try {
    await makeDirectory(path, 0o700);
    return true;
  } catch (error) {
    log({ event: 'unusable', path, error });
    return false;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `notation-${randomBytes(8).toString('hex')}`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
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
