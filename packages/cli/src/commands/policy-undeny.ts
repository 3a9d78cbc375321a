import { updateDenials } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { printable } from '../text/printable.ts';
import { givenDigest, withPlaces } from '../trust/denial-list.ts';

/** `policy undeny`: takes a digest out of the denial list. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer, environment } = context;
  const digest = givenDigest(args[0] ?? '');
  const path = await withPlaces(context, () =>
    updateDenials(environment.paths, (before) => {
      if (!before.has(digest)) throw notDenied(digest);
      return new Map([...before].filter(([one]) => one !== digest));
    }),
  );
  if (flags.string('output') === 'json') printer.json({ path, digest });
  else printer.line(`No longer denied in ${printable(path)}: ${digest}`);
}

function notDenied(digest: string): CliError {
  return new CliError('CLI_DENIAL_MISSING', `the denial list does not have ${digest}`, {
    data: { digest },
    hint: '"nv2 policy denials" lists what it has',
  });
}
