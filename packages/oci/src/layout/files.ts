import { systemReason } from '@nv2/core';
import { OciError, type OciErrorCode } from '../errors.ts';

/** A file of a layout. */
export interface LayoutFile {
  /** Bytes, as the file system or archive says. */
  readonly size: number;
  /** The content from its start. */
  bytes(): AsyncIterable<Uint8Array>;
}

/** The files of a layout, in a directory or an archive. Names are as in the specification. */
export interface LayoutFiles {
  /** How the layout is named to the user. */
  readonly name: string;
  /** The file, or undefined if there is none. */
  open(path: string): Promise<LayoutFile | undefined>;
}

const ACCESS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Turns an error of the file system into one of this package. */
export function layoutError(cause: unknown, doing: string, path: string): OciError {
  if (cause instanceof OciError) return cause;
  const errno = errnoOf(cause) ?? 'unknown';
  const { reason = errno, hint } = systemReason(cause) ?? {};
  const code = ACCESS.has(errno) ? 'OCI_LAYOUT_ACCESS' : 'OCI_LAYOUT_IO';
  return new OciError(code, `cannot ${doing} ${path}: ${reason}`, {
    hint,
    cause,
    data: { path, reason: errno },
  });
}

/** The code of an error of the file system, as in `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const MISMATCHES: ReadonlySet<unknown> = new Set<OciErrorCode>([
  'OCI_DIGEST_MISMATCH',
  'OCI_SIZE_MISMATCH',
]);

/** The error for content that is not what its descriptor says, with its layout; others as they are. */
export function inLayout(error: unknown, name: string): unknown {
  if (!(error instanceof OciError) || !MISMATCHES.has(error.code)) return error;
  const { code, message, hint, data } = error;
  return new OciError(code, `${name}: ${message}`, {
    hint,
    cause: error,
    data: { ...data, layout: name },
  });
}

/** @throws OciError `OCI_LAYOUT_INVALID` is what this makes */
export function invalidLayout(name: string, problem: string, cause?: unknown): OciError {
  return new OciError('OCI_LAYOUT_INVALID', `${name} is not an OCI image layout: ${problem}`, {
    hint: 'name a directory or archive that holds oci-layout, index.json and blobs',
    cause,
    data: { layout: name, problem },
  });
}
