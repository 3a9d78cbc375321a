import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { equalBytes } from '@nv2/core';
import { archiveInvalid } from './archive-error.ts';
import { REFUSED_FLAGS, readExactly, type ZipDirectory, type ZipEntry } from './zip-directory.ts';

/** An entry whose content was found. */
export interface ZipFile extends ZipEntry {
  /** Where its content starts. */
  readonly contentOffset: number;
}

const LOCAL_HEADER_BYTES = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const HAS_DATA_DESCRIPTOR = 0x0008;
const MAX_DATA_DESCRIPTOR_BYTES = 24;
const ZIP64_EXTRA = 0x0001;
const READ_BYTES = 64 * 1024;

/**
 * Finds the content of every entry. The header in front of it has to say what the directory says,
 * no two entries may share bytes (a small archive could become large that way), and there are none
 * that the directory does not have.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`
 * @see APPNOTE.TXT 6.3.10, section 4.3.7
 */
export async function findZipContent(
  handle: FileHandle,
  { entries, offset }: ZipDirectory,
): Promise<readonly ZipFile[]> {
  const inOrder = [...entries].sort((a, b) => a.offset - b.offset);
  const found: ZipFile[] = [];
  let free = 0;
  let gap = 0;
  for (const entry of inOrder) {
    if (entry.offset < free) throw invalid(entry, 'shares bytes with another entry');
    if (entry.offset - free > gap) throw invalid(entry, 'comes after data of no entry');
    gap = MAX_DATA_DESCRIPTOR_BYTES;
    const file = { ...entry, contentOffset: await findContent(handle, entry) };
    free = file.contentOffset + file.compressedSize;
    if (free > offset) throw invalid(entry, 'reaches into the directory of the archive');
    found.push(file);
  }
  if (offset - free > gap) throw archiveInvalid('zip', 'it has data of no entry');
  return found;
}

/**
 * The content of an entry, of exactly its size and checksum once it was read to its end.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`
 */
export async function* zipContent(handle: FileHandle, file: ZipFile): AsyncGenerator<Uint8Array> {
  let size = 0;
  let checksum = 0;
  for await (const chunk of file.method === 'stored' ? raw(handle, file) : inflated(handle, file)) {
    size += chunk.length;
    if (size > file.size) throw invalid(file, `is larger than the ${file.size} bytes it says`);
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (size !== file.size) throw invalid(file, `has ${size} bytes, and says ${file.size}`);
  if (checksum !== file.crc32) throw invalid(file, 'is damaged: its checksum does not hold');
}

async function findContent(handle: FileHandle, entry: ZipEntry): Promise<number> {
  const { offset } = entry;
  const fixed = await readExactly(handle, { offset, length: LOCAL_HEADER_BYTES });
  const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE)
    throw invalid(entry, 'is not where it should be');
  const nameLength = view.getUint16(26, true);
  const extraLength = view.getUint16(28, true);
  const rest = await readExactly(handle, {
    offset: offset + LOCAL_HEADER_BYTES,
    length: nameLength + extraLength,
  });
  const agrees =
    (view.getUint16(6, true) & REFUSED_FLAGS) === 0 &&
    view.getUint16(8, true) === (entry.method === 'stored' ? 0 : 8) &&
    equalBytes(rest.subarray(0, nameLength), Buffer.from(entry.name)) &&
    sizesAgree(entry, { view, extra: rest.subarray(nameLength) });
  if (!agrees) throw invalid(entry, 'is described in two ways');
  return offset + LOCAL_HEADER_BYTES + nameLength + extraLength;
}

function sizesAgree(
  entry: ZipEntry,
  { view, extra }: { readonly view: DataView; readonly extra: Uint8Array },
): boolean {
  const [checksum, compressed, size] = [14, 18, 22].map((i) => view.getUint32(i, true));
  const given = [compressed, size].includes(0xffffffff)
    ? [checksum, ...zip64Sizes(extra)]
    : [checksum, compressed, size];
  const said = [entry.crc32, entry.compressedSize, entry.size];
  // written before the sizes were known: then they are zero here and come after the content
  const open = (view.getUint16(6, true) & HAS_DATA_DESCRIPTOR) !== 0;
  return given.every((value, i) => value === said[i] || (open && value === 0));
}

// Programs that write to a pipe leave room for large sizes, and then do not need it.
function zip64Sizes(extra: Uint8Array): readonly (number | undefined)[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_EXTRA && length >= 16 && at + 20 <= extra.length) {
      return [Number(view.getBigUint64(at + 12, true)), Number(view.getBigUint64(at + 4, true))];
    }
    at += 4 + length;
  }
  return [undefined, undefined];
}

async function* raw(handle: FileHandle, file: ZipFile): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < file.compressedSize; ) {
    const length = Math.min(READ_BYTES, file.compressedSize - done);
    yield await readExactly(handle, { offset: file.contentOffset + done, length });
    done += length;
  }
}

async function* inflated(handle: FileHandle, file: ZipFile): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw();
  // the error reaches whoever reads the end of the pipe
  pipeline(Readable.from(raw(handle, file)), inflate, () => undefined);
  try {
    yield* inflate;
  } catch (cause) {
    throw archiveInvalid('zip', `${file.name} cannot be decompressed`, { name: file.name, cause });
  }
  if (inflate.bytesWritten !== file.compressedSize) {
    throw invalid(file, 'has data behind its end');
  }
}

function invalid({ name }: ZipEntry, problem: string): ReturnType<typeof archiveInvalid> {
  return archiveInvalid('zip', `${name} ${problem}`, { name });
}
