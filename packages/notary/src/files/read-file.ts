import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';
import { systemReason } from '@nv2/core';
import { NotaryError } from '../errors.ts';

/** What is read, for messages. */
export type FileSubject =
  | 'config.json'
  | 'signingkeys.json'
  | 'trust policy'
  | 'denial list'
  | 'file of test cases'
  | 'certificate'
  | 'private key'
  | 'passphrase file'
  | 'CRL'
  | 'revocation answer'
  | 'directory of revocation answers'
  | 'signature';

/** How {@link readRegularFile} reads. */
export interface ReadFileOptions {
  readonly subject: FileSubject;
  readonly maxBytes: number;
  /** Follow a symbolic link to a file. Default false. */
  readonly followLinks?: boolean;
}

/**
 * The bytes of a regular file. A directory, a device or (unless asked for) a symbolic link is
 * refused, also where it takes the file's place while it is opened.
 *
 * @throws NotaryError `NOTARY_FILE_NOT_FOUND`, `NOTARY_FILE_NOT_REGULAR`, `NOTARY_FILE_DENIED`,
 *   `NOTARY_FILE_TOO_LARGE`, `NOTARY_FILE_FAILED`; `data.path`, `data.subject`
 */
export async function readRegularFile(path: string, options: ReadFileOptions): Promise<Uint8Array> {
  try {
    // Synchronous: configuration is small and local, and each turn of the event loop costs more
    // than the call. For one certificate of a trust store, 30 µs against 170 µs.
    return readNow(path, options);
  } catch (cause) {
    if (cause instanceof NotaryError) throw cause;
    if (systemCode(cause) === 'ELOOP' && options.followLinks !== true) {
      throw notRegular(path, { ...options, found: 'symbolic link' });
    }
    throw fileError(cause, path, options.subject);
  }
}

/** Turns an error of the operating system into one of nv2's. */
export function fileError(cause: unknown, path: string, subject: FileSubject): NotaryError {
  const data = { path, subject };
  switch (systemCode(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new NotaryError('NOTARY_FILE_NOT_FOUND', `${subject} ${path} does not exist`, {
        cause,
        data,
        hint: 'check the spelling of the path',
      });
    case 'EACCES':
    case 'EPERM':
      return new NotaryError('NOTARY_FILE_DENIED', `no permission for ${subject} ${path}`, {
        cause,
        data,
        hint: `verify the permissions of ${path}`,
      });
    case 'ELOOP':
      return notRegular(path, { subject, found: 'loop of symbolic links' });
    case 'EISDIR':
      return notRegular(path, { subject, found: 'directory' });
    default: {
      const { reason = String(cause), hint } = systemReason(cause) ?? {};
      return new NotaryError('NOTARY_FILE_FAILED', `${subject} ${path}: ${reason}`, {
        cause,
        data,
        hint,
      });
    }
  }
}

/** The code of an operating system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function readNow(path: string, options: ReadFileOptions): Uint8Array {
  const followLinks = options.followLinks === true;
  // O_NOFOLLOW and O_NONBLOCK are absent on Windows, where the file is looked at first
  if (!followLinks && constants.O_NOFOLLOW === undefined)
    assertRegular(lstatSync(path), path, options);
  const noFollow = followLinks ? 0 : (constants.O_NOFOLLOW ?? 0);
  const file = openSync(path, constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    assertRegular(stats, path, options);
    return readAtMost(file, path, { ...options, size: stats.size });
  } finally {
    closeSync(file);
  }
}

function assertRegular(stats: Stats, path: string, { subject }: ReadFileOptions): void {
  if (!stats.isFile()) throw notRegular(path, { subject, found: whatIs(stats) });
}

/** What is not a regular file. */
type Irregular =
  | 'directory'
  | 'symbolic link'
  | 'loop of symbolic links'
  | 'pipe'
  | 'socket'
  | 'device';

function whatIs(stats: Stats): Irregular {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symbolic link';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}

function notRegular(
  path: string,
  { subject, found }: { readonly subject: FileSubject; readonly found: Irregular },
): NotaryError {
  const why = found === 'symbolic link' ? ', which is not followed here' : '';
  return new NotaryError(
    'NOTARY_FILE_NOT_REGULAR',
    `${subject} ${path} is not a regular file but a ${found}${why}`,
    { data: { path, subject, found }, hint: `put a regular file at ${path}` },
  );
}

function readAtMost(
  file: number,
  path: string,
  { subject, maxBytes, size }: ReadFileOptions & { readonly size: number },
): Uint8Array {
  // One byte more than allowed shows a larger file without reading it whole, whatever its size says.
  let buffer = new Uint8Array(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const bytesRead = readSync(file, buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (length > maxBytes) throw tooLarge(path, subject, maxBytes);
    if (bytesRead === 0 || length === size) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(buffer.length * 2, maxBytes + 1));
      larger.set(buffer);
      buffer = larger;
    }
  }
}

function tooLarge(path: string, subject: FileSubject, maxBytes: number): NotaryError {
  return new NotaryError(
    'NOTARY_FILE_TOO_LARGE',
    `${subject} ${path} is larger than ${maxBytes} bytes`,
    { data: { path, subject, maxBytes }, hint: 'check that this is the right file' },
  );
}
