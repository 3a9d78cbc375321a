import { CliError } from './errors.ts';

/** The code of an error of the operating system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** An error of the operating system about a file named on the command line, as one of nv2's. */
export function systemError(cause: unknown, path: string): CliError {
  const data = { path };
  switch (systemCode(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CliError('CLI_FILE_MISSING', `open ${path}: no such file or directory`, {
        cause,
        data,
        hint: 'check the path',
      });
    case 'EACCES':
    case 'EPERM':
      return new CliError('CLI_FILE_DENIED', `open ${path}: permission denied`, {
        cause,
        data,
        hint: `verify the permissions of ${path}`,
      });
    case 'EISDIR':
      return new CliError('CLI_FILE_UNREADABLE', `read ${path}: is a directory`, { cause, data });
    case 'EEXIST':
      return new CliError('CLI_FILE_EXISTS', `file already exists: ${path}`, {
        cause,
        data,
        hint: 'remove the file first, or choose another name',
      });
    default: {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return new CliError('CLI_WRITE_FAILED', `${path}: ${reason}`, {
        cause,
        data,
        hint: 'check that the disk is writable and not full',
      });
    }
  }
}
