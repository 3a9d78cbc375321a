import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type CallOptions, MAX_MANIFEST_BYTES, type StreamingSource } from '../artifact.ts';
import { OciError } from '../errors.ts';
import { errnoOf, type LayoutFile, type LayoutFiles, layoutError } from './files.ts';
import { LayoutReader } from './layout-reader.ts';
import { invalidTar } from './tar-header.ts';
import { DEFAULT_TAR_LIMITS, type TarEntry, type TarLimits, visitTar } from './tar-index.ts';
import { fileInput, streamInput } from './tar-input.ts';

/** Options of {@link openLayoutTar}. */
export interface LayoutTarOptions extends CallOptions {
  readonly limits?: Partial<TarLimits>;
}

/** Files of a compressed archive up to this size are kept when it is first read. */
const MAX_KEPT_FILE_BYTES: number = MAX_MANIFEST_BYTES;
/** All kept files together; beyond, a file is found by reading the archive again. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** A compressed archive is read from its start for each file that was not kept: no more than so often. */
const MAX_READINGS = 64;

/**
 * An OCI image layout in a tar archive, plain or compressed by gzip. Nothing is unpacked to disk.
 * The archive is read once to know its entries; it must not change afterwards, and if it does, the
 * digests of what is read no longer hold.
 * @throws OciError `OCI_NOT_FOUND` if there is no such file, `OCI_TAR_INVALID`,
 *   `OCI_LAYOUT_INVALID`, `OCI_LAYOUT_ACCESS`
 */
export async function openLayoutTar(
  path: string,
  options: LayoutTarOptions = {},
): Promise<StreamingSource> {
  const limits = { ...DEFAULT_TAR_LIMITS, ...options.limits };
  const isCompressed = await withArchive(path, isGzip);
  const files = isCompressed
    ? await compressedFiles(path, limits, options)
    : await plainFiles(path, limits);
  const reader = new LayoutReader(files);
  await reader.assertLayout();
  return reader;
}

async function plainFiles(path: string, limits: TarLimits): Promise<LayoutFiles> {
  const entries = new Map<string, TarEntry>();
  await withArchive(path, async (handle) => {
    const { size } = await handle.stat();
    await visitTar(fileInput(handle, size), limits, (entry) => {
      entries.set(entry.name, entry);
      return Promise.resolve();
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

async function compressedFiles(
  path: string,
  limits: TarLimits,
  { signal }: CallOptions,
): Promise<LayoutFiles> {
  const files = new Map<string, LayoutFile>();
  let keptBytes = 0;
  const stream = unpack(path, limits);
  const input = streamInput(stream);
  let readings = 0;
  const again = (entry: TarEntry): AsyncIterable<Uint8Array> => {
    if (++readings > MAX_READINGS) throw tooManyReadings(path);
    return readAgain(path, entry, limits);
  };
  const visited = visitTar(input, limits, async (entry) => {
    signal?.throwIfAborted();
    const { name, size } = entry;
    if (size > MAX_KEPT_FILE_BYTES || keptBytes + size > MAX_KEPT_BYTES) {
      files.set(name, { size, bytes: () => again(entry) });
      return;
    }
    const kept = await input.read(size);
    keptBytes += size;
    files.set(name, { size, bytes: () => once(kept) });
  });
  await visited.finally(() => stream.return(undefined));
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
  path: string,
  { offset, size }: TarEntry,
  limits: TarLimits,
): AsyncGenerator<Uint8Array> {
  const stream = unpack(path, limits);
  try {
    const input = streamInput(stream);
    await input.skip(offset);
    yield* input.chunks(size);
  } finally {
    await stream.return(undefined);
  }
}

async function* unpack(path: string, limits: TarLimits): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await import('node:zlib');
  const handle = await openArchive(path);
  const packed = handle.createReadStream({ autoClose: false });
  const gunzip = createGunzip();
  packed.once('error', (error) => gunzip.destroy(error));
  let size = 0;
  try {
    for await (const chunk of packed.pipe(gunzip) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limits.maxArchiveBytes) {
        throw invalidTar(`more than ${limits.maxArchiveBytes} bytes`);
      }
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof OciError) throw cause;
    throw invalidTar('it cannot be decompressed', { cause });
  } finally {
    packed.destroy();
    gunzip.destroy();
    await handle.close();
  }
}

async function isGzip(handle: FileHandle): Promise<boolean> {
  const magic = new Uint8Array(2);
  const { bytesRead } = await handle.read(magic, 0, 2, 0);
  return bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
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
      if (errnoOf(cause) !== 'ENOENT') throw layoutError(cause, 'open', path);
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
