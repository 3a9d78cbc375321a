import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveInvalid, MAX_ENTRIES, MAX_PLUGIN_BYTES, pluginTooLarge } from './archive-error.ts';
import { writeStreamed } from './write-streamed.ts';
import { findZipContent, zipContent } from './zip-content.ts';
import { plainName, readZipDirectory, type ZipEntry } from './zip-directory.ts';

/**
 * Unpacks the files at the root of a zip archive; the whole archive is checked before the first.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`, `NOTARY_PLUGIN_TOO_LARGE`; what the file
 *   system throws
 */
export async function extractZip(path: string, directory: string): Promise<void> {
  const archive = await open(path, 'r');
  try {
    const zip = await readZipDirectory(archive, (await archive.stat()).size);
    if (zip.entries.length > MAX_ENTRIES) {
      throw archiveInvalid('zip', `more than ${MAX_ENTRIES} entries`);
    }
    const size = zip.entries.filter(isAtRoot).reduce((sum, entry) => sum + entry.size, 0);
    if (size >= MAX_PLUGIN_BYTES) throw pluginTooLarge('total file size');
    for (const file of (await findZipContent(archive, zip)).filter(isAtRoot)) {
      const target = join(directory, plainName(file));
      await writeStreamed(target, zipContent(archive, file), { mode: file.mode });
    }
  } finally {
    await archive.close();
  }
}

function isAtRoot(entry: ZipEntry): boolean {
  return !entry.isDirectory && !plainName(entry).includes('/');
}
