import type { Dirent } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Certificate } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { fileError, systemCode } from '../files/read-file.ts';
import { createFileAtomic, FILE_MODE } from '../files/write-file.ts';
import { assertAnchors } from './anchors.ts';
import { assertTrustStoreName, trustStorePath } from './directory.ts';
import { readCertificateFile } from './read-certificates.ts';
import { TRUST_STORE_TYPES, type TrustStoreType, trustStoreNotFound } from './trust-store.ts';

/** A file in a trust store. */
export interface TrustStoreFile {
  readonly type: TrustStoreType;
  readonly store: string;
  readonly file: string;
  readonly path: string;
}

/** Which file of which store. */
export interface TrustStoreFileName {
  readonly type: TrustStoreType;
  readonly store: string;
  readonly file: string;
}

/**
 * Copies a certificate file into a named store, which is made where it is absent. What does not fit
 * as a trust anchor is refused, and a file is never replaced.
 *
 * @param root `<config>/truststore/x509`
 * @throws NotaryError `NOTARY_TRUST_STORE_*_INVALID`, `NOTARY_CERTIFICATE_*`, `NOTARY_FILE_*`
 */
export async function addCertificate(
  root: string,
  options: { readonly type: TrustStoreType; readonly store: string; readonly source: string },
): Promise<TrustStoreFile & { readonly certificates: readonly Certificate[] }> {
  const { type, store, source } = options;
  const directory = trustStorePath(root, type, store);
  const file = basename(source);
  assertTrustStoreName(file);
  const { bytes, certificates } = await readCertificateFile(source, { followLinks: true });
  await assertAnchors(certificates, type);
  const path = join(directory, file);
  await createFile(path, bytes, { directory, file: { type, store, file } });
  return { type, store, file, path, certificates };
}

/**
 * The certificate files of all stores, or of those with the given type and name, in the order of
 * type, store and file. What does not exist has no files.
 *
 * @throws NotaryError `NOTARY_TRUST_STORE_NAME_INVALID`, `NOTARY_TRUST_STORE_UNREADABLE`
 */
export async function listCertificates(
  root: string,
  filter: { readonly type?: TrustStoreType; readonly store?: string } = {},
): Promise<readonly TrustStoreFile[]> {
  if (filter.store !== undefined) assertTrustStoreName(filter.store);
  const files: TrustStoreFile[] = [];
  for (const type of TRUST_STORE_TYPES) {
    if (filter.type !== undefined && filter.type !== type) continue;
    const stores = filter.store ?? (await names(join(root, type), (e) => e.isDirectory()));
    for (const store of [stores].flat()) {
      const directory = join(root, type, store);
      for (const file of await names(directory, (entry) => entry.isFile())) {
        files.push({ type, store, file, path: join(directory, file) });
      }
    }
  }
  return files;
}

/**
 * The certificates of one file of a store.
 *
 * @throws NotaryError `NOTARY_CERTIFICATE_NOT_FOUND`, `NOTARY_CERTIFICATE_UNREADABLE`, `NOTARY_FILE_*`
 */
export async function showCertificate(
  root: string,
  name: TrustStoreFileName,
): Promise<TrustStoreFile & { readonly certificates: readonly Certificate[] }> {
  const path = filePath(root, name);
  try {
    const { certificates } = await readCertificateFile(path);
    return { ...name, path, certificates };
  } catch (cause) {
    throw notFoundOr(cause, name, path);
  }
}

/**
 * Removes one file from a store, and the store when it is empty afterwards.
 *
 * @returns whether the store was removed too; `storeError` if that could not be found out
 * @throws NotaryError `NOTARY_CERTIFICATE_NOT_FOUND`, `NOTARY_FILE_*`
 */
export async function deleteCertificate(
  root: string,
  name: TrustStoreFileName,
): Promise<TrustStoreFile & { readonly storeRemoved: boolean; readonly storeError?: unknown }> {
  const path = filePath(root, name);
  try {
    await rm(path);
  } catch (cause) {
    throw notFoundOr(fileError(cause, path, 'certificate'), name, path);
  }
  const removed = await removeIfEmpty(trustStorePath(root, name.type, name.store));
  return { ...name, path, ...removed };
}

/**
 * Removes a named store with all its files.
 *
 * @throws NotaryError `NOTARY_TRUST_STORE_NOT_FOUND`, `NOTARY_FILE_*`
 */
export async function deleteTrustStore(
  root: string,
  options: { readonly type: TrustStoreType; readonly store: string },
): Promise<void> {
  const { type, store } = options;
  const path = trustStorePath(root, type, store);
  try {
    await rm(path, { recursive: true });
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw fileError(cause, path, 'certificate');
    throw trustStoreNotFound({ type, name: store }, { cause });
  }
}

function filePath(root: string, { type, store, file }: TrustStoreFileName): string {
  const directory = trustStorePath(root, type, store);
  assertTrustStoreName(file);
  return join(directory, file);
}

async function createFile(
  path: string,
  bytes: Uint8Array,
  options: { readonly directory: string; readonly file: TrustStoreFileName },
): Promise<void> {
  const { directory, file } = options;
  try {
    // written beside the store: every file in it is taken for a certificate, whole or not
    await createFileAtomic(path, bytes, { mode: FILE_MODE, staging: dirname(directory) });
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw fileError(cause, path, 'certificate');
    throw exists(path, file, cause);
  }
}

async function names(
  directory: string,
  wanted: (entry: Dirent) => boolean,
): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter(wanted)
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw unreadable(directory, cause);
  }
}

async function removeIfEmpty(
  directory: string,
): Promise<{ readonly storeRemoved: boolean; readonly storeError?: unknown }> {
  try {
    await rmdir(directory);
    return { storeRemoved: true };
  } catch (storeError) {
    if (systemCode(storeError) === 'ENOTEMPTY' || systemCode(storeError) === 'EEXIST') {
      return { storeRemoved: false };
    }
    return { storeRemoved: false, storeError };
  }
}

function notFoundOr(cause: unknown, name: TrustStoreFileName, path: string): unknown {
  if (!(cause instanceof NotaryError) || cause.code !== 'NOTARY_FILE_NOT_FOUND') return cause;
  return new NotaryError(
    'NOTARY_CERTIFICATE_NOT_FOUND',
    `no certificate ${name.file} in trust store ${name.store} of type ${name.type}`,
    { cause, data: { ...name, path }, hint: 'list the certificates with "nv2 cert list"' },
  );
}

function exists(path: string, name: TrustStoreFileName, cause: unknown): NotaryError {
  return new NotaryError('NOTARY_CERTIFICATE_EXISTS', `${path} exists already`, {
    cause,
    data: { ...name, path },
    hint: 'delete the certificate first, or give the file another name',
  });
}

function unreadable(directory: string, cause: unknown): NotaryError {
  return new NotaryError('NOTARY_TRUST_STORE_UNREADABLE', `failed to read ${directory}`, {
    cause,
    data: { path: directory },
    hint: `verify the permissions of ${directory}`,
  });
}
