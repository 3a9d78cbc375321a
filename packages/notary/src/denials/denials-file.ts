import type { CallOptions } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { withFileLock } from '../files/lock-file.ts';
import { type NotationPaths, notationFiles } from '../files/paths.ts';
import { readRegularFile } from '../files/read-file.ts';
import { writeFileAtomic } from '../files/write-file.ts';
import { type Denials, encodeDenials, MAX_DENIALS_BYTES, parseDenials } from './denials.ts';

const SUBJECT = 'denial list';

/**
 * The denial list in the directory of the configuration; an empty one where there is no file. One
 * that cannot be read, or not be understood as a whole, is an error: it could deny anything.
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`, `NOTARY_FILE_*`
 */
export async function loadDenials(paths: NotationPaths): Promise<Denials> {
  const bytes = await readIfPresent(notationFiles(paths).denials);
  return bytes === undefined ? new Map() : parseDenials(bytes);
}

/**
 * Replaces the denial list by what `change` makes of it, while no other process of nv2 does. What
 * `change` throws leaves the file as it is.
 *
 * @returns the path of the file
 * @param options its signal ends the wait for the other process
 * @throws NotaryError as {@link loadDenials}, `NOTARY_FILE_BUSY`
 */
export async function updateDenials(
  paths: NotationPaths,
  change: (before: Denials) => Denials,
  options: CallOptions = {},
): Promise<string> {
  const path = notationFiles(paths).denials;
  const work = async (): Promise<string> => {
    const after = change(await loadDenials(paths));
    await writeFileAtomic(path, encodeDenials(after), { subject: SUBJECT });
    return path;
  };
  return withFileLock(path, SUBJECT, work, options);
}

async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readRegularFile(path, { subject: SUBJECT, maxBytes: MAX_DENIALS_BYTES });
  } catch (cause) {
    if (cause instanceof NotaryError && cause.code === 'NOTARY_FILE_NOT_FOUND') return undefined;
    throw cause;
  }
}
