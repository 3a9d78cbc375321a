import {
  isTrustStoreName,
  isTrustStoreType,
  listCertificates,
  notationFiles,
  type TrustStoreFile,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { formatColumns } from '../text/columns.ts';
import { printable } from '../text/printable.ts';
import { assertStoreName, assertStoreType } from './trust-store-arguments.ts';

/**
 * `cert list`: a store that does not exist has no certificates, which is no error; nor to notation is a
 * type or a name that cannot be.
 */
export async function run(context: CommandContext): Promise<void> {
  const { flags, printer } = context;
  const files = await find(context);
  if (flags.string('output') === 'json') {
    printer.json({ certificates: files });
    return;
  }
  if (files.length === 0) return;
  const rows = files.map(({ type, store, file }) => [type, store, file].map(printable));
  printer.text(formatColumns([['STORE TYPE', 'STORE NAME', 'CERTIFICATE'], ...rows]));
}

async function find(context: CommandContext): Promise<readonly TrustStoreFile[]> {
  const { flags, environment, program } = context;
  const type = flags.string('type');
  const store = flags.string('store');
  if (program === 'nv2') {
    if (type !== '') assertStoreType(type);
    if (store !== '') assertStoreName(store);
  }
  if (store !== '' && !isTrustStoreName(store)) return [];
  const root = notationFiles(environment.paths).trustStore;
  if (type !== '' && !isTrustStoreType(type)) return [];
  return prefixed('failed to list all certificates stored in the trust store, with error', () =>
    listCertificates(root, { ...(type !== '' && { type }), ...(store !== '' && { store }) }),
  );
}
