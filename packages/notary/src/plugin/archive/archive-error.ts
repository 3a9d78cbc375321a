import { NotaryError } from '../../errors.ts';

/** The kinds of archive that plugins come in. */
export type ArchiveKind = 'zip' | 'tar.gz';

/** The files of a plugin must together be smaller than this. */
export const MAX_PLUGIN_BYTES: number = 256 * 1024 * 1024;

/** Archives of more entries are refused. */
export const MAX_ENTRIES = 10_000;

/** The error for an archive that is damaged, or holds what no plugin needs. */
export function archiveInvalid(
  kind: ArchiveKind,
  problem: string,
  { name, cause }: { readonly name?: string; readonly cause?: unknown } = {},
): NotaryError {
  return new NotaryError('NOTARY_PLUGIN_ARCHIVE_INVALID', `malformed ${kind} archive: ${problem}`, {
    ...(cause !== undefined && { cause }),
    data: { kind, problem, ...(name !== undefined && { name }) },
    hint: 'get the archive again from the maker of the plugin',
  });
}

/** The error for too many bytes; `what` is what they are counted of. */
export function pluginTooLarge(what: 'total file size' | 'file size'): NotaryError {
  const limit = `${MAX_PLUGIN_BYTES / 1024 / 1024} MiB`;
  return new NotaryError('NOTARY_PLUGIN_TOO_LARGE', `${what} reached the ${limit} size limit`, {
    data: { maxBytes: MAX_PLUGIN_BYTES },
    hint: 'ask the maker of the plugin for a smaller one',
  });
}

/**
 * Refuses a name in an archive that could lead out of the directory it is unpacked to, on any
 * system, or that cannot be shown.
 *
 * @throws NotaryError `NOTARY_PLUGIN_ARCHIVE_INVALID`
 */
export function assertSafeName(kind: ArchiveKind, name: string): void {
  const shown = JSON.stringify(name.slice(0, 200));
  if (name.includes('..')) {
    throw new NotaryError(
      'NOTARY_PLUGIN_ARCHIVE_INVALID',
      `file name in ${kind} cannot contain '..', but found ${shown}`,
      {
        data: { kind, name, rule: 'dots' },
        hint: 'do not install anything from where this is from',
      },
    );
  }
  const isPlain = name !== '' && name.length <= 1024 && !/[\p{Cc}\\]|^\/|^[A-Za-z]:/u.test(name);
  if (!isPlain) throw archiveInvalid(kind, `unsafe file name ${shown}`, { name });
}
