import { dirname } from 'node:path';
import { type CallOptions, lockFile, makeDirectory } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { type NotationPaths, notationFiles } from '../files/paths.ts';
import { fileError } from '../files/read-file.ts';
import { DIRECTORY_MODE } from '../files/write-file.ts';
import type { SigningKeys } from './signing-keys.ts';
import { loadSigningKeys, saveSigningKeys } from './signing-keys-file.ts';

const LOCK_TIMEOUT_MS = 10_000;

/**
 * Changes `signingkeys.json`: reads it, and replaces it by what `change` makes of it, while no other
 * process of nv2 does. What `change` throws leaves the file as it is.
 *
 * @returns the signing keys before the change
 * @param options its signal ends the wait for the other process
 * @throws NotaryError `NOTARY_FILE_BUSY`, `NOTARY_KEYS_MALFORMED`, `NOTARY_FILE_*`
 */
export async function updateSigningKeys(
  paths: NotationPaths,
  change: (before: SigningKeys) => SigningKeys,
  options: CallOptions = {},
): Promise<SigningKeys> {
  const { signingKeys } = notationFiles(paths);
  const lock = await lockFor(signingKeys, options);
  try {
    const before = await loadSigningKeys(paths);
    await saveSigningKeys(paths, change(before));
    return before;
  } finally {
    await lock.release();
  }
}

async function lockFor(path: string, { signal }: CallOptions) {
  const lockPath = `${path}.lock`;
  try {
    await makeDirectory(dirname(path), DIRECTORY_MODE);
    const lock = await lockFile(lockPath, { timeoutMs: LOCK_TIMEOUT_MS, signal });
    if (lock !== undefined) return lock;
  } catch (cause) {
    signal?.throwIfAborted();
    throw fileError(cause, path, 'signingkeys.json');
  }
  throw new NotaryError('NOTARY_FILE_BUSY', `${path} is being changed by another process`, {
    data: { path, lock: lockPath },
    hint: `try again; if there is no other process, delete ${lockPath}`,
  });
}
