import { dirname } from 'node:path';
import { type CallOptions, lockFile, makeDirectory } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { type FileSubject, fileError } from './read-file.ts';
import { DIRECTORY_MODE } from './write-file.ts';

const LOCK_TIMEOUT_MS = 10_000;

/**
 * Does the work while no other process of nv2 changes the file. Its directory is made.
 *
 * @throws NotaryError `NOTARY_FILE_BUSY`, `NOTARY_FILE_*`
 */
export async function withFileLock<T>(
  path: string,
  subject: FileSubject,
  work: () => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  const lock = await lockFor(path, subject, options);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function lockFor(path: string, subject: FileSubject, { signal }: CallOptions) {
  const lockPath = `${path}.lock`;
  try {
    await makeDirectory(dirname(path), DIRECTORY_MODE);
    const lock = await lockFile(lockPath, { timeoutMs: LOCK_TIMEOUT_MS, signal });
    if (lock !== undefined) return lock;
  } catch (cause) {
    signal?.throwIfAborted();
    throw fileError(cause, path, subject);
  }
  throw new NotaryError('NOTARY_FILE_BUSY', `${path} is being changed by another process`, {
    data: { path, lock: lockPath },
    hint: `try again; if there is no other process, delete ${lockPath}`,
  });
}
