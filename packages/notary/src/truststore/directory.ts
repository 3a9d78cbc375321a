import { type Dirent, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CryptoPort } from '@nv2/core';
import type { Certificate } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { systemCode } from '../files/read-file.ts';
import { assertAnchors } from './anchors.ts';
import { readCertificateFile } from './read-certificates.ts';
import {
  isTrustStoreName,
  isTrustStoreType,
  type TrustStore,
  type TrustStoreType,
  trustStoreEmpty,
  trustStoreNotFound,
} from './trust-store.ts';

/** A named store with more files than this is refused. */
export const MAX_TRUST_STORE_FILES = 1000;

/** A named store with more certificates than this is refused. */
export const MAX_TRUST_STORE_CERTIFICATES = 10_000;

/**
 * notation's trust store: the directory that holds `<type>/<name>/<file>`. It is read on every call,
 * so that a certificate that was removed is distrusted at once. A sub-directory or a symbolic link
 * in a store is an error.
 *
 * @param root `<config>/truststore/x509`; never the current directory for want of a name
 * @throws TypeError if it is empty
 */
export function directoryTrustStore(
  root: string,
  options: { readonly crypto?: CryptoPort } = {},
): TrustStore {
  if (root === '') throw new TypeError('expected the directory of the trust stores, got no name');
  return { certificates: (type, name) => readStore(root, type, { name, ...options }) };
}

/**
 * The path of a named store.
 *
 * @throws NotaryError `NOTARY_TRUST_STORE_TYPE_INVALID`, `NOTARY_TRUST_STORE_NAME_INVALID`
 */
export function trustStorePath(root: string, type: TrustStoreType, name: string): string {
  if (!isTrustStoreType(type)) {
    throw new NotaryError(
      'NOTARY_TRUST_STORE_TYPE_INVALID',
      `expected the trust store type ca, signingAuthority or tsa, got ${JSON.stringify(type)}`,
      { data: { type } },
    );
  }
  assertTrustStoreName(name);
  return join(root, type, name);
}

/** @throws NotaryError `NOTARY_TRUST_STORE_NAME_INVALID` if text may not name a store or a file */
export function assertTrustStoreName(name: string): void {
  if (isTrustStoreName(name)) return;
  throw new NotaryError(
    'NOTARY_TRUST_STORE_NAME_INVALID',
    `expected a name of the form [a-zA-Z0-9_.-]+, got ${JSON.stringify(name)}`,
    { data: { name }, hint: 'use letters, digits, _ . and - alone, as in acme-root.crt' },
  );
}

async function readStore(
  root: string,
  type: TrustStoreType,
  options: { readonly name: string; readonly crypto?: CryptoPort },
): Promise<readonly Certificate[]> {
  const { name } = options;
  const path = trustStorePath(root, type, name);
  const entries = listStore(root, type, name);
  const certificates: Certificate[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) throw notRegular(entry.name, type, name);
    const anchors = await readAnchors(join(path, entry.name), type, {
      file: entry.name,
      ...options,
    });
    certificates.push(...anchors);
    if (certificates.length > MAX_TRUST_STORE_CERTIFICATES) {
      throw limit(type, name, `more than ${MAX_TRUST_STORE_CERTIFICATES} certificates`);
    }
  }
  if (certificates.length === 0) throw trustStoreEmpty({ type, name }, { path });
  return certificates;
}

// Synchronous for the reason that readRegularFile gives.
function listStore(root: string, type: TrustStoreType, name: string): readonly Dirent[] {
  const path = trustStorePath(root, type, name);
  try {
    if (!lstatSync(path).isDirectory()) throw notDirectory(path, type, name);
    const entries = readdirSync(path, { withFileTypes: true });
    if (entries.length > MAX_TRUST_STORE_FILES) {
      throw limit(type, name, `${entries.length} files, at most ${MAX_TRUST_STORE_FILES} are read`);
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (cause instanceof NotaryError) throw cause;
    if (systemCode(cause) === 'ENOENT') {
      const hint = hintBelow(root, join(type, name));
      throw trustStoreNotFound({ type, name }, { cause, path, hint });
    }
    if (systemCode(cause) === 'ENOTDIR') throw notDirectory(path, type, name);
    throw unreadable(path, { type, name, cause });
  }
}

// <config>/truststore is easily taken for the directory inside of it.
function hintBelow(root: string, store: string): string | undefined {
  const below = join(root, 'x509');
  if (!existsSync(join(below, store))) return undefined;
  return `the store is in ${join(below, store)}: name ${below} (with --trust-dir), not ${root}`;
}

// The error names the file and the store, whatever was wrong with the file.
async function readAnchors(
  path: string,
  type: TrustStoreType,
  options: { readonly name: string; readonly file: string; readonly crypto?: CryptoPort },
): Promise<readonly Certificate[]> {
  const { name, file, crypto } = options;
  try {
    const { certificates } = await readCertificateFile(path);
    await assertAnchors(certificates, type, crypto === undefined ? {} : { crypto });
    return certificates;
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw badFile(cause, { type, name, file, path });
  }
}

function notRegular(file: string, type: TrustStoreType, name: string): NotaryError {
  return new NotaryError(
    'NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR',
    `trusted certificate ${file} in trust store ${name} of type ${type} is not a regular file`,
    { data: { type, name, file }, hint: 'remove directories and symbolic links from the store' },
  );
}

function notDirectory(path: string, type: TrustStoreType, name: string): NotaryError {
  return new NotaryError(
    'NOTARY_TRUST_STORE_NOT_DIRECTORY',
    `the trust store ${name} of type ${type} at ${path} is not a regular directory`,
    {
      data: { type, name, path },
      hint: `make ${path} a directory, not a link to one, that holds the certificates`,
    },
  );
}

function limit(type: TrustStoreType, name: string, got: string): NotaryError {
  return new NotaryError(
    'NOTARY_TRUST_STORE_LIMIT',
    `the trust store ${name} of type ${type} has ${got}`,
    { data: { type, name }, hint: 'divide the certificates among several stores' },
  );
}

function unreadable(
  path: string,
  store: { readonly type: TrustStoreType; readonly name: string; readonly cause: unknown },
): NotaryError {
  const { type, name, cause } = store;
  return new NotaryError(
    'NOTARY_TRUST_STORE_UNREADABLE',
    `failed to read the trust store ${name} of type ${type}`,
    { cause, data: { type, name, path }, hint: `verify the permissions of ${path}` },
  );
}

function badFile(
  cause: NotaryError,
  at: {
    readonly type: TrustStoreType;
    readonly name: string;
    readonly file: string;
    readonly path: string;
  },
): NotaryError {
  return new NotaryError(
    cause.code,
    `trusted certificate ${at.file} in trust store ${at.name} of type ${at.type}: ${cause.message}`,
    { cause, hint: cause.hint, data: { ...cause.data, ...at, reason: cause.message } },
  );
}
