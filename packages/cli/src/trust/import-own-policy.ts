import { rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type TrustStatement, writeFileAtomic } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { confirm } from '../prompt.ts';
import { printable } from '../text/printable.ts';
import { readOwnPolicy } from './policy-file.ts';
import { isThere, OWN_POLICY_FILES } from './trust.ts';

/**
 * Stores a policy in nv2's own format, once it is valid, as `trustpolicy.nv2.json` if its file is
 * called so, else as `trustpolicy.nv2.yaml`; one under the other name is removed after.
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`, `NOTARY_FILE_*`
 */
export async function importOwnPolicy(
  context: CommandContext,
  bytes: Uint8Array,
  given: string,
): Promise<void> {
  const { environment, flags, printer } = context;
  await readOwnPolicy(bytes, given, { name: given, imports: true });
  const [yaml, json] = OWN_POLICY_FILES.map((name) => join(environment.paths.config, name));
  const [path = '', other = ''] = extname(given) === '.json' ? [json, yaml] : [yaml, json];
  const isOverwriting = isThere(path) || isThere(other);
  if (isOverwriting && flags.isOn('force')) {
    printer.warn('the existing trust policy will be overwritten');
  } else if (isOverwriting) {
    const question = 'The trust policy already exists, do you want to overwrite it?';
    if (!(await confirm(question, { ...context, confirmed: false }))) return;
  }
  await writeFileAtomic(path, bytes, { subject: 'trust policy' });
  await warnOfMissing(context, await readOwnPolicy(bytes, path));
  // until here there are two, which every verification refuses
  await rm(other, { force: true });
  if (flags.string('output') === 'json') printer.json({ path });
  else printer.line(`Successfully imported trust policy to ${printable(path)}.`);
}

// Paths in a policy are from where it is, and it is somewhere else now.
async function warnOfMissing(
  { printer }: CommandContext,
  { statements }: { readonly statements: readonly TrustStatement[] },
): Promise<void> {
  const directories = statements.map(({ revocation }) => revocation?.offline?.directory);
  for (const directory of new Set(directories)) {
    if (directory === undefined || (await isThere(directory))) continue;
    printer.warn(`the policy keeps answers about revocation in ${directory}, which does not exist`);
  }
}
