import { open } from 'node:fs/promises';

/** How {@link writeStreamed} makes a file. */
export interface WriteStreamedOptions {
  /** Permissions; those outside 0755 are left out. */
  readonly mode: number;
  /** `w` replaces a file of that name; default `wx`. */
  readonly flags?: 'w' | 'wx';
}

/**
 * Writes a file to its end and onto the disk.
 *
 * @throws what the file system or the chunks throw
 */
export async function writeStreamed(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { mode, flags = 'wx' }: WriteStreamedOptions,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.chmod(mode & 0o755);
    await file.sync();
  } finally {
    await file.close();
  }
}
