import type { FileHandle } from 'node:fs/promises';
import type { Gunzip, ZstdDecompress } from 'node:zlib';
import { OciError } from '../errors.ts';

/** How an archive is compressed. */
export type Compression = 'gzip' | 'zstd';

const MAGIC: Readonly<Record<Compression, readonly number[]>> = {
  // RFC 1952 2.3.1
  gzip: [0x1f, 0x8b],
  // RFC 8878 3.1.1
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
};

/** Compressions that are not read, by the name of the program that undoes them. */
const FOREIGN_MAGIC: Readonly<Record<string, readonly number[]>> = {
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58],
  lz4: [0x04, 0x22, 0x4d, 0x18],
};

/**
 * How a file is compressed, by its first bytes; undefined if it is not.
 *
 * @throws OciError `OCI_COMPRESSION_UNSUPPORTED` of what nothing here decompresses
 */
export async function compressionOf(handle: FileHandle): Promise<Compression | undefined> {
  const start = new Uint8Array(4);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  const has = (magic: readonly number[]): boolean =>
    bytesRead >= magic.length && magic.every((byte, at) => start[at] === byte);
  if (has(MAGIC.gzip)) return 'gzip';
  if (has(MAGIC.zstd) || isSkippable(start)) return 'zstd';
  for (const [compression, magic] of Object.entries(FOREIGN_MAGIC)) {
    if (!has(magic)) continue;
    throw new OciError(
      'OCI_COMPRESSION_UNSUPPORTED',
      `archives compressed by ${compression} are not read, only by gzip or zstd`,
      { hint: `decompress the archive first (${compression} -d)`, data: { compression } },
    );
  }
  return undefined;
}

/** RFC 8878 3.1.2: pzstd begins with a frame that only says how large the next one is. */
function isSkippable([first = 0, ...rest]: Uint8Array): boolean {
  return (first & 0xf0) === 0x50 && Buffer.from(rest).equals(Buffer.from([0x2a, 0x4d, 0x18]));
}

/**
 * A stream that decompresses.
 * @param runtime what it is made of; default: `node:zlib`
 * @throws OciError `OCI_COMPRESSION_UNSUPPORTED` where the runtime cannot: zstd came with Node.js
 *   22.15 and 23.8
 */
export async function decompressor(
  compression: Compression,
  runtime?: Partial<typeof import('node:zlib')>,
): Promise<Gunzip | ZstdDecompress> {
  const zlib = runtime ?? (await import('node:zlib'));
  const create = compression === 'gzip' ? zlib.createGunzip : zlib.createZstdDecompress;
  if (create !== undefined) return create();
  throw new OciError(
    'OCI_COMPRESSION_UNSUPPORTED',
    `this runtime (Node.js ${process.versions.node}) cannot read archives compressed by ${compression}`,
    {
      hint: 'decompress the archive first (zstd -d), or run Node.js 22.15, 23.8 or later',
      data: { compression, node: process.versions.node },
    },
  );
}
