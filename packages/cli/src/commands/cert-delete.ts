import { join } from 'node:path';
import {
  deleteCertificate,
  deleteTrustStore,
  notationFiles,
  type TrustStoreFileName,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';
import { systemError } from '../files.ts';
import { confirm } from '../prompt.ts';
import { quote } from '../text/quote.ts';
import { namedStore } from './trust-store-arguments.ts';

/** `cert delete`: one certificate file, or a store with `--all`. */
export async function run(context: CommandContext): Promise<void> {
  const { flags } = context;
  const deleted = flags.isOn('all') ? await deleteStore(context) : await deleteFile(context);
  if (deleted === undefined) return;
  if (flags.string('output') === 'json') context.printer.json({ deleted: deleted.path });
  else context.printer.line(deleted.text);
}

interface Deleted {
  readonly path: string;
  readonly text: string;
}

async function deleteStore(context: CommandContext): Promise<Deleted | undefined> {
  const { flags, environment } = context;
  const named = namedStore(context);
  const question = `Are you sure you want to delete all certificates in ${quote(named.store)} of type ${quote(named.type)}?`;
  if (!(await confirm(question, { ...context, confirmed: flags.isOn('yes') }))) return undefined;
  const root = notationFiles(environment.paths).trustStore;
  const path = join(root, named.type, named.store);
  const prefix = 'failed to delete the named trust store';
  await prefixed(prefix, () => deleteTrustStore(root, named), { deletes: true, path });
  return { path, text: `Successfully deleted ${path}` };
}

async function deleteFile(context: CommandContext): Promise<Deleted | undefined> {
  const { args, flags } = context;
  const named = namedStore(context);
  const file = args[0] ?? '';
  if (file === '') {
    throw usageError('to delete a specific certificate, certificate fileName cannot be empty');
  }
  const question = `Are you sure you want to delete ${quote(file)} in ${quote(named.store)} of type ${quote(named.type)}?`;
  if (!(await confirm(question, { ...context, confirmed: flags.isOn('yes') }))) return undefined;
  const prefix = 'failed to delete the certificate file';
  return prefixed(prefix, () => removeCertificate(context, { ...named, file }), { deletes: true });
}

/** Removes one file of a store; the text says so. */
export async function removeCertificate(
  { environment, printer }: CommandContext,
  name: TrustStoreFileName,
): Promise<Deleted> {
  const root = notationFiles(environment.paths).trustStore;
  const { path, storeError } = await deleteCertificate(root, name);
  if (storeError !== undefined) {
    const directory = join(root, name.type, name.store);
    const { message } = systemError(storeError, directory, 'remove');
    printer.warn(`failed to check if the trust store directory ${directory} is empty: ${message}`);
  }
  const { file, store, type } = name;
  return { path, text: `Successfully deleted ${file} from trust store ${store} of type ${type}` };
}
