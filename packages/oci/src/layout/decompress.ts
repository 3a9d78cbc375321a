import type { FileHandle } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { OciError } from '../errors.ts';

/** How an archive is compressed. */
export type Compression = 'gzip' | 'zstd';

const MAGIC: Readonly<Record<Compression, readonly number[]>> = {
  // RFC 1952 2.3.1
  gzip: [0x1f, 0x8b],
  // RFC 8878 3.1.1
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
};

/** How a file is compressed, by its first bytes; undefined if it is not. */
export async function compressionOf(handle: FileHandle): Promise<Compression | undefined> {
  const start = new Uint8Array(4);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  const has = (magic: readonly number[]): boolean =>
    bytesRead >= magic.length && magic.every((byte, at) => start[at] === byte);
  if (has(MAGIC.gzip)) return 'gzip';
  return has(MAGIC.zstd) ? 'zstd' : undefined;
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
): Promise<Transform> {
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
