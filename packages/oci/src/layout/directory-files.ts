import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, type LayoutFile, type LayoutFiles, layoutError } from './files.ts';

/** The files of a layout in a directory. */
export function directoryFiles(root: string): LayoutFiles {
  return {
    name: root,
    async open(path) {
      const full = join(root, path);
      const handle = await openForReading(full);
      if (handle === undefined) return undefined;
      try {
        const stat = await handle.stat();
        if (!stat.isFile()) throw layoutError(undefined, 'read what is not a file,', full);
        return { size: stat.size, bytes: () => readFrom(full) } satisfies LayoutFile;
      } finally {
        await handle.close();
      }
    },
  };
}

async function openForReading(path: string): Promise<FileHandle | undefined> {
  try {
    // without O_NONBLOCK a named pipe would hold us up for ever
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const reason = errnoOf(cause);
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return undefined;
    throw layoutError(cause, 'read', path);
  }
}

async function* readFrom(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openForReading(path);
  if (handle === undefined) throw layoutError(undefined, 'read', path);
  try {
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw layoutError(cause, 'read', path);
  } finally {
    await handle.close();
  }
}
