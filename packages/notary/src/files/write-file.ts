import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FileSubject, fileError } from './read-file.ts';

/** Mode of files that nv2 writes below notation's directories. */
export const FILE_MODE = 0o600;

/** Mode of directories that nv2 makes there. */
export const DIRECTORY_MODE = 0o700;

/**
 * Replaces a file in one step: a reader sees the old bytes or the new, and a failure leaves the old.
 * Directories on the way are made. After return the bytes are on the disk.
 *
 * @throws NotaryError `NOTARY_FILE_DENIED`, `NOTARY_FILE_FAILED`
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array,
  options: { readonly subject: FileSubject; readonly mode?: number },
): Promise<void> {
  const temporary = join(dirname(path), `notation-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    await writeNew(temporary, bytes, options.mode ?? FILE_MODE);
    await rename(temporary, path);
  } catch (cause) {
    // the first failure is the one to report
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(cause, path, options.subject);
  }
}

async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    // before the rename, or a crash could leave the new name on an empty file
    await file.sync();
  } finally {
    await file.close();
  }
}
