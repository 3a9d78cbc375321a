import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { withDefaults } from '@nv2/core';
import { type CallOptions, MAX_MANIFEST_BYTES, type StreamingSource } from '../artifact.ts';
import { OciError } from '../errors.ts';
import { type Compression, compressionOf, decompressor } from './decompress.ts';
import { assertNotDockerArchive } from './docker-archive.ts';
import { errnoOf, type LayoutFile, type LayoutFiles, layoutError } from './files.ts';
import { LayoutReader } from './layout-reader.ts';
import { invalidTar } from './tar-header.ts';
import {
  DEFAULT_TAR_LIMITS,
  type EntryVisitor,
  type TarEntry,
  type TarLimits,
  visitTar,
} from './tar-index.ts';
import { fileInput, streamInput } from './tar-input.ts';

/** Options of {@link openLayoutTar}. */
export interface LayoutTarOptions extends CallOptions {
  /** How the archive is named to the user. Default: its path. */
  readonly name?: string;
  readonly limits?: Partial<TarLimits>;
}

/** Files of a compressed archive up to this size are kept when it is first read. */
const MAX_KEPT_FILE_BYTES: number = MAX_MANIFEST_BYTES;
/** All kept files together; beyond, a file is found by reading the archive again. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** A compressed archive is read from its start for each file that was not kept: no more than so often. */
const MAX_READINGS = 64;

/**
 * An OCI image layout in a tar archive, plain or compressed by gzip or zstd; `docker save` of Docker
 * 25 and later writes such archives. Nothing is unpacked to disk.
 * The archive is read once to know its entries; it must not change afterwards, and if it does, the
 * digests of what is read no longer hold.
 * @throws OciError `OCI_NOT_FOUND` if there is no such file, `OCI_TAR_INVALID`,
 *   `OCI_LAYOUT_INVALID`, `OCI_LAYOUT_ACCESS`, `OCI_COMPRESSION_UNSUPPORTED`; `OCI_DOCKER_ARCHIVE`
 *   for the older form of `docker save`, which holds no manifest that a signature could be about
 */
export async function openLayoutTar(
  path: string,
  options: LayoutTarOptions = {},
): Promise<StreamingSource> {
  const limits = withDefaults(DEFAULT_TAR_LIMITS, options.limits);
  const compression = await withArchive(path, compressionOf);
  const archive = { path, compression, limits };
  const opened = compression
    ? await compressedFiles({ ...archive, compression }, options)
    : await plainFiles(path, limits, options);
  const files = { ...opened, name: options.name ?? path };
  await assertNotDockerArchive(files);
  const reader = new LayoutReader(files);
  await reader.assertLayout();
  return reader;
}

async function plainFiles(
  path: string,
  limits: TarLimits,
  { signal }: CallOptions,
): Promise<LayoutFiles> {
  const entries = new Map<string, TarEntry>();
  await withArchive(path, async (handle) => {
    const { size } = await handle.stat();
    await visitTar(fileInput(handle, size), limits, async (entry) => {
      signal?.throwIfAborted();
      entries.set(entry.name, entry);
    });
  });
  return {
    name: path,
    open: (name) => {
      const entry = entries.get(name);
      return Promise.resolve(entry && { size: entry.size, bytes: () => readPart(path, entry) });
    },
  };
}

/** A compressed archive, and how much is read of it. */
interface Archive {
  readonly path: string;
  readonly compression: Compression;
  readonly limits: TarLimits;
}

async function compressedFiles(archive: Archive, { signal }: CallOptions): Promise<LayoutFiles> {
  const { path, limits } = archive;
  const files = new Map<string, LayoutFile>();
  let keptBytes = 0;
  const stream = unpack(archive);
  const input = streamInput(stream);
  let readings = 0;
  const again = (entry: TarEntry): AsyncIterable<Uint8Array> => {
    if (++readings > MAX_READINGS) throw tooManyReadings(path);
    return readAgain(archive, entry);
  };
  const visit: EntryVisitor = async (entry) => {
    signal?.throwIfAborted();
    const { name, size } = entry;
    if (size > MAX_KEPT_FILE_BYTES || keptBytes + size > MAX_KEPT_BYTES) {
      files.set(name, { size, bytes: () => again(entry) });
      return;
    }
    const kept = await input.read(size);
    keptBytes += size;
    files.set(name, { size, bytes: () => once(kept) });
  };
  try {
    await visitTar(input, limits, visit);
    // that all of it was decompressed is known at its very end
    for await (const _ of input.chunks(Number.MAX_SAFE_INTEGER)) signal?.throwIfAborted();
  } finally {
    await stream.return(undefined);
  }
  return { name: path, open: (name) => Promise.resolve(files.get(name)) };
}

function tooManyReadings(path: string): OciError {
  return new OciError(
    'OCI_CONTENT_TOO_LARGE',
    `${path} would have to be decompressed more than ${MAX_READINGS} times`,
    { hint: 'unpack the archive and name the directory', data: { path, limit: MAX_READINGS } },
  );
}

async function* readPart(path: string, { offset, size }: TarEntry): AsyncGenerator<Uint8Array> {
  if (size === 0) return;
  const handle = await openArchive(path);
  try {
    const options = { start: offset, end: offset + size - 1, autoClose: false };
    for await (const chunk of handle.createReadStream(options)) yield chunk as Uint8Array;
  } catch (cause) {
    throw layoutError(cause, 'read', path);
  } finally {
    await handle.close();
  }
}

async function* readAgain(
  archive: Archive,
  { offset, size }: TarEntry,
): AsyncGenerator<Uint8Array> {
  const stream = unpack(archive);
  try {
    const input = streamInput(stream);
    await input.skip(offset);
    yield* input.chunks(size);
  } finally {
    await stream.return(undefined);
  }
}

async function* unpack({ path, compression, limits }: Archive): AsyncGenerator<Uint8Array> {
  const unpacked = await decompressor(compression);
  const handle = await openArchive(path);
  const packed = handle.createReadStream({ autoClose: false });
  packed.once('error', (error) => unpacked.destroy(error));
  let size = 0;
  try {
    for await (const chunk of packed.pipe(unpacked) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limits.maxArchiveBytes) {
        throw invalidTar(`more than ${limits.maxArchiveBytes} bytes`);
      }
      yield chunk;
    }
    // Node passes over what follows a frame of zstd in one chunk with it; others, and bun, decompress that too
    if (compression === 'zstd' && unpacked.bytesWritten < packed.bytesRead) {
      throw invalidTar('it is made of several frames of zstd');
    }
    // bun ends a zstd stream that is cut short without a word; no archive is as short as this
    if (size === 0) throw invalidTar('it is cut off');
  } catch (cause) {
    if (cause instanceof OciError) throw cause;
    throw invalidTar('it cannot be decompressed', { cause });
  } finally {
    packed.destroy();
    unpacked.destroy();
    await handle.close();
  }
}

async function withArchive<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openArchive(path);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function openArchive(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      const isMissing = ['ENOENT', 'ENOTDIR'].includes(errnoOf(cause) ?? '');
      if (!isMissing) throw layoutError(cause, 'open', path);
      throw new OciError('OCI_NOT_FOUND', `there is no archive at ${path}`, {
        hint: 'check the spelling of the path',
        cause,
        data: { layout: path },
      });
    },
  );
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new OciError('OCI_LAYOUT_INVALID', `${path} is not a file`, { data: { layout: path } });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield await Promise.resolve(bytes);
}
