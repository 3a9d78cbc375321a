import { removeSigningKey, updateSigningKeys } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { reportKeys } from './key-report.ts';

/** `key delete`: takes names off the list, all or none; the keys themselves stay. */
export async function run(context: CommandContext): Promise<void> {
  const { args, environment } = context;
  const before = await updateSigningKeys(environment.paths, (keys) =>
    args.reduce(removeSigningKey, keys),
  );
  reportKeys(context, { text: words(args, before.default), json: { removed: args } });
}

function words(names: readonly string[], defaultName: string | undefined): string {
  const [name = '', ...others] = names;
  if (others.length === 0) {
    const subject = name === defaultName ? `default key ${name}` : name;
    return `Removed ${subject} from Notation signing key list. The source key still exists.`;
  }
  const list = names.map((each) => (each === defaultName ? `${each} (default)` : each));
  return [
    'Removed the following keys from Notation signing key list. The source keys still exist.',
    ...list,
  ].join('\n');
}
