import type { FileHandle } from 'node:fs/promises';
import { archiveInvalid, assertSafeName } from './archive-error.ts';

/** How the content of an entry is kept. */
export type ZipMethod = 'stored' | 'deflate';

/** An entry as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Unix permissions; what other systems would give where the archive says none. */
  readonly mode: number;
  readonly method: ZipMethod;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where the entry's local header is. */
  readonly offset: number;
}

/** The central directory of an archive. */
export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where it starts: all content is before it. */
  readonly offset: number;
}

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const HEADER_BYTES = 46;
const MAX_DIRECTORY_BYTES = 16 * 1024 * 1024;

const SIGNATURE = { end: 0x06054b50, central: 0x02014b50 } as const;
/** General purpose bits that no plugin needs: encryption, patch data, strong encryption, masked headers. */
export const REFUSED_FLAGS: number = 0x0001 | 0x0020 | 0x0040 | 0x2000;
const ZIP64 = 'it is in the zip64 format, which only larger archives than a plugin need';

/**
 * Reads the central directory of a zip archive. What is ambiguous is refused, since another reader
 * could see other files: several ends, data around the directory, two entries of one name, sizes
 * that are given elsewhere. So is what no plugin needs: encryption, several disks, links, devices.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`
 * @see APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.3.16
 */
export async function readZipDirectory(handle: FileHandle, size: number): Promise<ZipDirectory> {
  const tail = await readExactly(handle, {
    offset: Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES),
    length: Math.min(size, END_BYTES + MAX_COMMENT_BYTES),
  });
  const at = findEnd(tail);
  const end = new DataView(tail.buffer, tail.byteOffset + at, END_BYTES);
  const endOffset = size - tail.length + at;
  const [disk, startDisk, onDisk, count] = [4, 6, 8, 10].map((i) => end.getUint16(i, true));
  const length = end.getUint32(12, true);
  const offset = end.getUint32(16, true);
  if (count === 0xffff || length === 0xffffffff || offset === 0xffffffff) throw invalid(ZIP64);
  if (disk !== 0 || startDisk !== 0 || onDisk !== count) throw invalid('it has several parts');
  if (length > MAX_DIRECTORY_BYTES) throw invalid('its directory is too large');
  if (offset + length !== endOffset) throw invalid('its directory is not where it says');
  const bytes = await readExactly(handle, { offset, length });
  return { entries: readEntries(bytes, count ?? 0), offset };
}

/** The name of an entry without the `./` that some programs put before it. */
export function plainName({ name }: Pick<ZipEntry, 'name'>): string {
  return name.replace(/^(?:\.\/+)+/, '');
}

/** Bytes of the archive. @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID` if it ends before */
export async function readExactly(
  handle: FileHandle,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) throw invalid('it is cut off');
    filled += bytesRead;
  }
  return bytes;
}

function findEnd(tail: Uint8Array): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const found: number[] = [];
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    const isEnd = view.getUint32(at, true) === SIGNATURE.end;
    if (isEnd && at + END_BYTES + view.getUint16(at + 20, true) === tail.length) found.push(at);
  }
  const [at, another] = found;
  if (at === undefined) throw invalid('it is cut off, or has data behind its end');
  if (another !== undefined) throw invalid('it has two ends');
  return at;
}

function readEntries(bytes: Uint8Array, count: number): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, length } = readEntry(bytes.subarray(at));
    const name = plainName(entry);
    if (names.has(name)) throw invalid(`two entries of the name ${name}`, name);
    names.add(name);
    entries.push(entry);
    at += length;
  }
  if (at !== bytes.length) throw invalid('its directory is longer than its entries');
  return entries;
}

function readEntry(bytes: Uint8Array): { readonly entry: ZipEntry; readonly length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== SIGNATURE.central) {
    throw invalid('an entry of its directory is damaged');
  }
  const [nameLength = 0, extraLength = 0, commentLength = 0] = [28, 30, 32].map((i) =>
    view.getUint16(i, true),
  );
  const length = HEADER_BYTES + nameLength + extraLength + commentLength;
  if (length > bytes.length) throw invalid('an entry of its directory is cut off');
  const name = decodeName(bytes.subarray(HEADER_BYTES, HEADER_BYTES + nameLength));
  assertSafeName('zip', name);
  const flags = view.getUint16(8, true);
  if ((flags & REFUSED_FLAGS) !== 0) throw invalid(`${name} is encrypted or a patch`, name);
  const [compressedSize = 0, size = 0, offset = 0] = [20, 24, 42].map((i) =>
    view.getUint32(i, true),
  );
  if ([compressedSize, size, offset].includes(0xffffffff)) throw invalid(ZIP64, name);
  if (view.getUint16(34, true) !== 0) throw invalid('it has several parts', name);
  const method = readMethod(view.getUint16(10, true), name);
  if (method === 'stored' && size !== compressedSize) throw invalid(`${name} has two sizes`, name);
  const kind = readKind(name, {
    madeBy: view.getUint16(4, true),
    attributes: view.getUint32(38, true),
  });
  const crc32 = view.getUint32(16, true);
  return { entry: { name, ...kind, method, crc32, compressedSize, size, offset }, length };
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw archiveInvalid('zip', 'a file name is not UTF-8', { cause });
  }
}

function readMethod(method: number, name: string): ZipMethod {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflate';
  throw invalid(`${name} is compressed by method ${method}, expected 0 or 8`, name);
}

// APPNOTE.TXT 4.4.2 and 4.4.15: what the attributes mean depends on the system they are from
const UNIX_SYSTEMS: ReadonlySet<number> = new Set([3, 19]);
const FILE_TYPE = { mask: 0o170000, regular: 0o100000, directory: 0o040000 } as const;

function readKind(
  name: string,
  { madeBy, attributes }: { readonly madeBy: number; readonly attributes: number },
): Pick<ZipEntry, 'isDirectory' | 'mode'> {
  const isDirectory = name.endsWith('/');
  if (!UNIX_SYSTEMS.has(madeBy >> 8)) return { isDirectory, mode: isDirectory ? 0o755 : 0o644 };
  const unix = attributes >>> 16;
  const type = unix & FILE_TYPE.mask;
  const expected = isDirectory ? FILE_TYPE.directory : FILE_TYPE.regular;
  if (type !== 0 && type !== expected) {
    throw invalid(`${name} is a link, a device, or of another kind than file and directory`, name);
  }
  return { isDirectory, mode: unix & 0o777 };
}

function invalid(problem: string, name?: string): ReturnType<typeof archiveInvalid> {
  return archiveInvalid('zip', problem, name === undefined ? {} : { name });
}
