import { OciError } from '../errors.ts';

/** One header block of a tar archive (POSIX pax interchange format, ustar and GNU forms). */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** Unix permissions. */
  readonly mode: number;
  /**
   * The type flag: `0` a file, `5` a directory, `x` and `g` pax records, `L` a GNU long name. Old archives
   * have a zero byte for both of the first, and mark directories by a slash at the end of their names.
   */
  readonly type: string;
}

/** Everything in a tar archive comes in blocks of this many bytes. */
export const TAR_BLOCK = 512;

/**
 * Reads a header block. What other readers of tar take otherwise is refused: it would be another file,
 * or another size, to whoever unpacks the archive later.
 * @returns undefined for the block of zeros that ends an archive
 * @throws OciError `OCI_TAR_INVALID`
 */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  assertChecksum(block);
  const prefix = readPrefix(block);
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: number(block, 124, 12, 'size'),
    mode: number(block, 100, 8, 'mode') & 0o777,
    type: String.fromCharCode(block[156] ?? 0),
  };
}

/**
 * The records of a pax extended header, `length key=value` each.
 * @throws OciError `OCI_TAR_INVALID`
 */
export function parsePaxRecords(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : ascii(bytes.subarray(at, space));
    const end = at + Number(digits);
    if (!/^[1-9][0-9]{0,8}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a) {
      throw invalidTar('malformed pax header');
    }
    const record = Buffer.from(bytes.subarray(space + 1, end - 1)).toString('utf8');
    const equals = record.indexOf('=');
    if (equals < 1) throw invalidTar('malformed pax header');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}

/**
 * The name of an entry without a leading `./`.
 * @throws OciError `OCI_TAR_INVALID` if it leads out of the archive, is not plain text, or is another
 *   spelling of a name
 */
export function safeEntryName(name: string): string {
  const plain = name
    .replace(/^(?:\.\/+)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
  const unsafe =
    plain.length > 1024 ||
    plain.startsWith('/') ||
    /[\p{Cc}\\]|^[A-Za-z]:/u.test(plain) ||
    // some readers make index.json of a/.//../index.json and of index.json/.
    (plain !== '' && plain.split('/').some((part) => ['', '.', '..'].includes(part)));
  if (unsafe) {
    throw invalidTar(`unsafe entry name ${JSON.stringify(name.slice(0, 200))}`, { name });
  }
  return plain;
}

/** @internal */
export function invalidTar(
  problem: string,
  { cause, name }: { readonly cause?: unknown; readonly name?: string } = {},
): OciError {
  return new OciError('OCI_TAR_INVALID', `malformed archive: ${problem}`, {
    hint: 'make the archive again, or unpack it and name the directory',
    cause,
    data: { problem, ...(name !== undefined && { name }) },
  });
}

function assertChecksum(block: Uint8Array): void {
  const expected = number(block, 148, 8, 'checksum');
  // the checksum field itself counts as blanks
  const actual = block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (actual !== expected) throw invalidTar('header checksum does not hold');
}

/** Archives of star have times after 131 bytes, which Go does not take for part of the prefix. */
function readPrefix(block: Uint8Array): string {
  if (!isUstar(block)) {
    assertNoPrefix(block);
    return '';
  }
  const isStar = ascii(block.subarray(508, 512)) === 'tar\0';
  if (isStar && !block.subarray(345, 345 + 131).includes(0)) {
    throw invalidTar('a name that readers cut off at different places');
  }
  return text(block, 345, 155);
}

/**
 * Headers of other forms have no prefix. GNU tar has times there, and Go takes what are none for one;
 * bsdtar does so where anything else than GNU's follows `ustar`.
 */
function assertNoPrefix(block: Uint8Array): void {
  if (block[345] === 0) return;
  if (ascii(block.subarray(257, 265)) !== 'ustar  \0') {
    throw invalidTar('a name that some readers put another before');
  }
  number(block, 345, 12, 'time of access');
  number(block, 357, 12, 'time of change');
}

function isUstar(block: Uint8Array): boolean {
  return ascii(block.subarray(257, 263)) === 'ustar\0';
}

function text(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8');
}

function number(block: Uint8Array, start: number, length: number, what: string): number {
  const field = block.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) !== 0) return base256(field, what);
  // nothing before or after it but what ends it: some readers pass over a zero byte in front
  const [, digits] = /^ *([0-7]*)[ \0]*$/.exec(ascii(field)) ?? [];
  if (digits === undefined) throw invalidTar(`${what} is not a number`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function base256(field: Uint8Array, what: string): number {
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f);
  if (!Number.isSafeInteger(value)) throw invalidTar(`${what} is too large`);
  return value;
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
