/** Why the operating system refused, in its words, and what its user can do. */
export interface SystemReason {
  /** As in `ENOSPC`. */
  readonly code: string;
  readonly reason: string;
  readonly hint: string;
}

const SPELLING = 'check the spelling of the path';
const PERMISSIONS = 'check the permissions of the file and of the directories above it';

const REASONS: ReadonlyMap<string, readonly [reason: string, hint: string]> = new Map([
  ['ENOENT', ['no such file or directory', SPELLING]],
  ['ENOTDIR', ['not a directory', SPELLING]],
  ['EISDIR', ['is a directory', 'name a file']],
  ['ENAMETOOLONG', ['file name too long', 'use a shorter name']],
  ['EACCES', ['permission denied', PERMISSIONS]],
  ['EPERM', ['operation not permitted', PERMISSIONS]],
  ['EROFS', ['read-only file system', 'use a directory on a file system that can be written']],
  ['ENOSPC', ['no space left on device', 'free space on the disk and try again']],
  ['EDQUOT', ['disk quota exceeded', 'free space within your quota and try again']],
  ['EFBIG', ['file too large', 'raise the limit on the size of files (ulimit -f) and try again']],
  ['EMFILE', ['too many open files', 'raise the limit on open files (ulimit -n) and try again']],
  ['EIO', ['input/output error', 'check the disk and the log of the system']],
]);

/**
 * What an error of the operating system means; undefined for an error without such a code. A code
 * that is not in the table gives the error's own words.
 */
export function systemReason(error: unknown): SystemReason | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) {
    return undefined;
  }
  const { code, message } = error;
  const [reason, hint] = REASONS.get(code) ?? [message, 'see what the operating system says of it'];
  return { code, reason, hint };
}
