import { updateDenials } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { printable } from '../text/printable.ts';
import { givenDigest, withPlaces } from '../trust/denial-list.ts';

/** `policy deny`: whatever has the digest is not accepted any more; a later reason replaces one. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer, environment } = context;
  const digest = givenDigest(args[0] ?? '');
  const reason = flags.string('reason');
  if (!/^[^\p{Cc}]{1,1000}$/u.test(reason)) {
    throw usageError('the flag --reason expects from 1 to 1000 characters in one line');
  }
  const path = await withPlaces(context, () =>
    updateDenials(environment.paths, (before) => new Map(before).set(digest, reason)),
  );
  if (flags.string('output') === 'json') printer.json({ path, digest, reason });
  else printer.line(`Denied ${digest} in ${printable(path)}: ${printable(reason)}`);
}
