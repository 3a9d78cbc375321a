import { statSync } from 'node:fs';
import { systemReason } from '@nv2/core';
import { createFileAtomic } from '@nv2/notary';
import { CliError } from './errors.ts';

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** What is no directory, where one was to be made or to have another in it. */
function fileInTheWay(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'path' in error)) return undefined;
  const isInTheWay = ['EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '');
  return error.syscall === 'mkdir' && isInTheWay ? String(error.path) : undefined;
}

/**
 * An error of the operating system about a file named on the command line, as one of nv2's.
 * @param call what was asked of the system, in Go's words
 */
export function systemError(
  cause: unknown,
  path: string,
  call: 'open' | 'mkdir' | 'remove' = 'open',
): CliError {
  const data = { path };
  const file = fileInTheWay(cause);
  if (file !== undefined) {
    return new CliError('CLI_FILE_EXISTS', `mkdir ${file}: not a directory`, {
      cause,
      data: { path: file },
      hint: 'name a directory',
    });
  }
  switch (systemCode(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CliError('CLI_FILE_MISSING', `${call} ${path}: no such file or directory`, {
        cause,
        data,
        hint: 'check the path',
      });
    case 'EACCES':
    case 'EPERM':
      return new CliError('CLI_FILE_DENIED', `${call} ${path}: permission denied`, {
        cause,
        data,
        hint: `verify the permissions of ${path}`,
      });
    case 'EISDIR':
      return isDirectory(path, cause);
    case 'EEXIST':
      return new CliError('CLI_FILE_EXISTS', `file already exists: ${path}`, {
        cause,
        data,
        hint: 'remove the file first, or choose another name',
      });
    default: {
      const { reason = String(cause), hint } = systemReason(cause) ?? {};
      return new CliError('CLI_WRITE_FAILED', `write ${path}: ${reason}`, { cause, data, hint });
    }
  }
}

/** The error for a directory where a file is meant. */
export function isDirectory(path: string, cause?: unknown): CliError {
  return new CliError('CLI_FILE_UNREADABLE', `read ${path}: is a directory`, {
    cause,
    data: { path },
    hint: 'name a file',
  });
}

/**
 * Writes a file that does not exist yet: it is there whole or not at all, and on the disk after
 * return. Directories on the way are made for this user alone.
 * @throws CliError `CLI_FILE_EXISTS`, `CLI_FILE_DENIED`, `CLI_WRITE_FAILED`
 */
export async function writeNewFile(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  try {
    await createFileAtomic(path, bytes, { mode });
  } catch (cause) {
    throw systemError(cause, path);
  }
}

/** Whether the path leads to a directory. */
export function isDirectoryPath(path: string): boolean {
  return kindOfPath(path) === 'directory';
}

/** What the path leads to; undefined for nothing, and for what is neither. */
export function kindOfPath(path: string): 'directory' | 'file' | undefined {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : undefined;
  } catch (error) {
    if (systemReason(error) === undefined) throw error;
    return undefined;
  }
}
