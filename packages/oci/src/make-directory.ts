import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory where there is none, and those above it. Where one cannot be made and the
 * system only says that it is missing, as below /proc, that is an error; `mkdir` of Node with
 * `recursive` goes on for ever there.
 * @returns whether the directory was made
 * @throws the error of the file system as it is
 */
export async function makeDirectory(path: string, mode?: number): Promise<boolean> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing || dirname(path) === path) throw error;
    await makeDirectory(dirname(path), mode);
    return await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number | undefined): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    // which error a system has for one that is there differs
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) return false;
    throw error;
  }
}
