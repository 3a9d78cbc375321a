import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OciError, streamInput, visitTar } from '@nv2/oci';
import { systemCode } from '../../files/read-file.ts';
import { pluginNameOf } from '../names.ts';
import {
  archiveInvalid,
  assertSafeName,
  MAX_ENTRIES,
  MAX_PLUGIN_BYTES,
  pluginTooLarge,
} from './archive-error.ts';
import { writeStreamed } from './write-streamed.ts';

/** What headers and padding may add to the content of an archive. */
const MAX_OVERHEAD_BYTES = 32 * 1024 * 1024;

/**
 * Unpacks the files of a tar.gz archive by their base names.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`, `NOTARY_PLUGIN_TOO_LARGE`; what the file
 *   system throws
 */
export async function extractTarGz(path: string, directory: string): Promise<void> {
  const stream = decompressed(path);
  try {
    await extract(stream, directory);
  } catch (error) {
    throw asArchiveError(error);
  } finally {
    await stream.return(undefined);
  }
}

async function extract(stream: AsyncIterable<Uint8Array>, directory: string): Promise<void> {
  const input = streamInput(stream);
  // the bound on the stream holds for the archive; this one would say so in other words
  const limits = { maxEntries: MAX_ENTRIES, maxArchiveBytes: Number.MAX_SAFE_INTEGER };
  let size = 0;
  await visitTar(input, limits, async (entry) => {
    assertSafeName('tar.gz', entry.name);
    size += entry.size;
    if (size >= MAX_PLUGIN_BYTES) throw pluginTooLarge('total file size');
    const name = basename(entry.name);
    // of other files the last one of a name counts; which plugin is run must not depend on that
    const flags = pluginNameOf(name) === undefined ? 'w' : 'wx';
    const content = input.chunks(entry.size);
    await writeStreamed(join(directory, name), content, { mode: entry.mode, flags });
    if (input.position !== entry.offset + entry.size)
      throw archiveInvalid('tar.gz', 'it is cut off');
  });
  // the checksum of what was read comes at the very end
  for await (const rest of input.chunks(Number.MAX_SAFE_INTEGER)) void rest;
}

async function* decompressed(path: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // the error reaches whoever reads the end of the pipe
  pipeline(createReadStream(path), gunzip, () => undefined);
  let size = 0;
  for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_PLUGIN_BYTES + MAX_OVERHEAD_BYTES) throw pluginTooLarge('total file size');
    yield chunk;
  }
}

function asArchiveError(error: unknown): unknown {
  if (error instanceof OciError && error.code === 'OCI_TAR_INVALID') {
    const { name, problem } = error.data;
    if (typeof name === 'string') assertSafeName('tar.gz', name);
    return archiveInvalid('tar.gz', String(problem), { cause: error });
  }
  const code = systemCode(error);
  if (code === 'EEXIST') {
    return archiveInvalid('tar.gz', 'two plugin executable files of one name', { cause: error });
  }
  if (code?.startsWith('Z_') !== true) return error;
  return archiveInvalid('tar.gz', 'it cannot be decompressed', { cause: error });
}
