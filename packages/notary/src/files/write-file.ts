import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectory } from '@nv2/oci';
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
  const { subject, mode = FILE_MODE } = options;
  try {
    await written(bytes, { directory: dirname(path), mode }, (temporary) =>
      rename(temporary, path),
    );
  } catch (cause) {
    throw fileError(cause, path, subject);
  }
}

/**
 * Writes a file that does not exist yet: it is there whole or not at all, and on the disk after
 * return. Directories on the way are made.
 *
 * @param options.staging the directory, on the same file system, where it is written first; default:
 *   that of the file, where another reader may come across it
 * @throws the error of the operating system as it is; `EEXIST` if the file exists
 */
export async function createFileAtomic(
  path: string,
  bytes: Uint8Array,
  options: { readonly mode: number; readonly staging?: string },
): Promise<void> {
  const { mode, staging = dirname(path) } = options;
  await written(bytes, { directory: staging, mode }, async (temporary) => {
    const isMade = await makeDirectory(dirname(path), DIRECTORY_MODE);
    try {
      // unlike a rename, a link never replaces what is there
      await link(temporary, path);
    } catch (cause) {
      if (isMade) await rmdir(dirname(path)).catch(() => undefined);
      throw cause;
    }
  });
}

/** Writes a temporary file, has it put where it belongs, and leaves nothing else behind. */
async function written(
  bytes: Uint8Array,
  at: { readonly directory: string; readonly mode: number },
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(at.directory, `notation-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await makeDirectory(at.directory, DIRECTORY_MODE);
    const file = await open(temporary, 'wx', at.mode);
    try {
      await file.writeFile(bytes);
      // before it has its name, or a crash could leave the name on an empty file
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary);
  } finally {
    // the first failure is the one to report
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
