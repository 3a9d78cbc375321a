import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/**
 * Writes a file so that after return it is durable, and so that at no time part of it is seen under
 * its name: temporary file, fsync, rename, fsync of the directory. Nothing stays behind on failure.
 */
export async function writeDurably(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const directory = dirname(path);
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await mkdir(directory, { recursive: true });
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw layoutError(cause, 'write', path);
  }
  await syncDirectory(directory);
}

async function syncDirectory(path: string): Promise<void> {
  // not every file system lets a directory be opened; then the rename is as durable as it gets
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
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
