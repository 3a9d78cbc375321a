import {
  invalidTar,
  parsePaxRecords,
  parseTarHeader,
  safeEntryName,
  TAR_BLOCK,
  type TarHeader,
} from './tar-header.ts';

/** Bytes that are read in order, and can be passed over. */
export interface TarInput {
  /** How many bytes were read or passed over. */
  readonly position: number;
  /** The next bytes, fewer than asked for only at the end. */
  read(length: number): Promise<Uint8Array>;
  skip(length: number): Promise<void>;
}

/** A file in an archive. */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** Unix permissions. */
  readonly mode: number;
  /** Where its content starts in the archive. */
  readonly offset: number;
}

/** Bounds on the entries of an archive. */
export interface TarLimits {
  readonly maxEntries: number;
  /** Of the whole archive, unpacked. */
  readonly maxArchiveBytes: number;
}

/** 100,000 entries, 64 GiB. */
export const DEFAULT_TAR_LIMITS: TarLimits = {
  maxEntries: 100_000,
  maxArchiveBytes: 64 * 1024 * 1024 * 1024,
};

const MAX_META_BYTES = 1024 * 1024;

/** Called with each file when the input stands at its content; may read that content. */
export type EntryVisitor = (entry: TarEntry, input: TarInput) => Promise<void>;

/**
 * Visits the files of an archive in order. Directories are passed over; links, devices and anything
 * else that is not plain content, unsafe names, two files of one name, and what other readers of tar
 * take for another name or size are refused.
 * @throws OciError `OCI_TAR_INVALID`
 */
export async function visitTar(
  input: TarInput,
  limits: TarLimits,
  visit: EntryVisitor,
): Promise<void> {
  const names = new Set<string>();
  for (let count = 0; ; count++) {
    if (count > limits.maxEntries) throw invalidTar(`more than ${limits.maxEntries} entries`);
    const header = await nextHeader(input);
    if (header === undefined) return;
    const name = safeEntryName(header.name);
    const offset = input.position;
    const end = offset + paddedSize(header.size);
    if (end > limits.maxArchiveBytes) {
      throw invalidTar(`more than ${limits.maxArchiveBytes} bytes`);
    }
    if (isFile(header, name)) {
      if (names.has(name)) throw invalidTar(`two entries of the name ${name}`);
      names.add(name);
      await visit({ name, size: header.size, mode: header.mode, offset }, input);
    }
    await input.skip(end - input.position);
  }
}

/** What headers before an entry say in place of the entry's own. */
interface Overrides {
  readonly name?: string;
  readonly size?: number;
}

/** The next header of a file or directory, what pax and GNU headers before it say included. */
async function nextHeader(input: TarInput): Promise<TarHeader | undefined> {
  let overrides: Overrides = {};
  let kinds = '';
  // one of each kind at most comes before an entry
  for (let meta = 0; meta < 4; meta++) {
    const block = await input.read(TAR_BLOCK);
    // an archive should end with two blocks of zeros; some tools leave them out
    if (block.length === 0 && meta === 0) return undefined;
    if (block.length !== TAR_BLOCK) throw invalidTar('it is cut off');
    const header = parseTarHeader(block);
    if (header === undefined) return await assertEnd(input);
    const { type } = header;
    if (!'xgL'.includes(type)) return overridden(header, kinds, overrides);
    assertNext(type, kinds);
    kinds += type;
    const more = readOverrides(type, await readMeta(input, header.size));
    if (overrides.name !== undefined && more.name !== undefined) {
      throw invalidTar('two names of one entry');
    }
    overrides = { ...overrides, ...more };
  }
  throw invalidTar('too many extended headers');
}

function overridden(header: TarHeader, kinds: string, overrides: Overrides): TarHeader {
  if (kinds === '') return header;
  const named = { ...header, ...overrides };
  // readers look at either of the two names for whether it is a directory
  if ([header, named].some(isOldDirectory)) {
    throw invalidTar('extended headers of a directory of the old form');
  }
  return named;
}

/** Some readers end at one block of zeros, others go on after it. */
async function assertEnd(input: TarInput): Promise<undefined> {
  const block = await input.read(TAR_BLOCK);
  if (block.some((byte) => byte !== 0)) throw invalidTar('something follows its end');
}

/** Of two headers of one kind, and of one before a global one, readers take another each. */
function assertNext(type: string, before: string): void {
  const isRepeated = type === 'g' ? /[xL]/.test(before) : before.includes(type);
  if (isRepeated) throw invalidTar('extended headers that readers take otherwise');
}

function readOverrides(type: string, bytes: Uint8Array): Overrides {
  if (type === 'L') return { name: Buffer.from(bytes).toString('utf8').replace(/\0+$/, '') };
  const records = parsePaxRecords(bytes);
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw invalidTar('a sparse file');
  }
  const name = records.get('path');
  const size = paxSize(records);
  // a global name or size would hold for every entry after it
  if (type === 'g' && (name !== undefined || size !== undefined)) {
    throw invalidTar('global name or size');
  }
  return { ...(name !== undefined && { name }), ...(size !== undefined && { size }) };
}

async function readMeta(input: TarInput, size: number): Promise<Uint8Array> {
  if (size > MAX_META_BYTES) throw invalidTar('an extended header is too large');
  const bytes = await input.read(size);
  if (bytes.length !== size) throw invalidTar('it is cut off');
  await input.skip(paddedSize(size) - size);
  return bytes;
}

function paxSize(records: ReadonlyMap<string, string>): number | undefined {
  const text = records.get('size');
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) throw invalidTar('size is not a number');
  return Number(text);
}

function isFile({ type, size, name: written }: TarHeader, name: string): boolean {
  const isOld = isOldDirectory({ type, name: written });
  if ((type === '5' || isOld) && size === 0) return false;
  if (type === '0' || type === '\0') {
    if (name === '') throw invalidTar('a file without a name');
    if (written.endsWith('/')) throw invalidTar(`${name} is a file and a directory`, { name });
    return true;
  }
  throw invalidTar(`${name} is a link, a device, or of another kind than file and directory`, {
    name,
  });
}

function isOldDirectory({ type, name }: Pick<TarHeader, 'type' | 'name'>): boolean {
  return type === '\0' && name.endsWith('/');
}

function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}
