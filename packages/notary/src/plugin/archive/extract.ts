import { open } from 'node:fs/promises';
import type { ArchiveKind } from './archive-error.ts';
import { extractTarGz } from './tar-gz.ts';
import { extractZip } from './zip.ts';

/** The kind of archive that a file is by its first bytes, or undefined. */
export async function archiveKind(path: string): Promise<ArchiveKind | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString('hex');
    if (magic === '504b0304') return 'zip';
    return magic.startsWith('1f8b08') ? 'tar.gz' : undefined;
  } finally {
    await file.close();
  }
}

/**
 * Unpacks an archive into an empty directory that nobody else writes to: of a zip the files at its
 * root, of a tar.gz all files by their base names. Their permissions are kept, within 0755.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`, `NOTARY_PLUGIN_TOO_LARGE`; what the file
 *   system throws
 */
export async function extractArchive(
  path: string,
  directory: string,
  kind: ArchiveKind,
): Promise<void> {
  await (kind === 'zip' ? extractZip : extractTarGz)(path, directory);
}
