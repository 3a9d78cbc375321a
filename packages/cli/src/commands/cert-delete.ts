import { join } from 'node:path';
import { deleteCertificate, deleteTrustStore, notationFiles } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';
import { confirm } from '../prompt.ts';
import { describeError } from '../report-error.ts';
import { quote } from '../text/quote.ts';
import { namedStore } from './trust-store-arguments.ts';

/** `cert delete`: one certificate file, or a store with `--all`. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer, environment } = context;
  const named = namedStore(context);
  const root = notationFiles(environment.paths).trustStore;
  const where = `in ${quote(named.store)} of type ${quote(named.type)}?`;
  const confirmed = flags.isOn('yes');
  if (flags.isOn('all')) {
    const question = `Are you sure you want to delete all certificates ${where}`;
    if (!(await confirm(question, { ...context, confirmed }))) return;
    await prefixed('failed to delete the named trust store', () => deleteTrustStore(root, named));
    printer.line(`Successfully deleted ${join(root, named.type, named.store)}`);
    return;
  }
  const file = args[0] ?? '';
  if (file === '') {
    throw usageError('to delete a specific certificate, certificate fileName cannot be empty');
  }
  const question = `Are you sure you want to delete ${quote(file)} ${where}`;
  if (!(await confirm(question, { ...context, confirmed }))) return;
  await prefixed('failed to delete the certificate file', () =>
    removeCertificate(context, { ...named, file }),
  );
}

/** Removes one file of a store and says so. */
export async function removeCertificate(
  { environment, printer, program }: CommandContext,
  name: Parameters<typeof deleteCertificate>[1],
): Promise<void> {
  const root = notationFiles(environment.paths).trustStore;
  const { storeError } = await deleteCertificate(root, name);
  if (storeError !== undefined) {
    const directory = join(root, name.type, name.store);
    const reason = await describeError(storeError, program);
    printer.warn(`failed to check if the trust store directory ${directory} is empty: ${reason}`);
  }
  printer.line(
    `Successfully deleted ${name.file} from trust store ${name.store} of type ${name.type}`,
  );
}
