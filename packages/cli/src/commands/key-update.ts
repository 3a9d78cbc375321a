import { setDefaultSigningKey, updateSigningKeys } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { markedAsDefault, reportKeys } from './key-report.ts';

/** `key update`: sets the default key; without `--default` there is nothing to do. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, environment, log, printer, program } = context;
  const name = args[0] ?? '';
  if (!flags.isOn('default')) {
    const message = '--default flag is not set, command did not take effect';
    log('warning', message);
    if (program === 'nv2') printer.warn(message);
    return;
  }
  await updateSigningKeys(environment.paths, (keys) => setDefaultSigningKey(keys, name));
  reportKeys(context, { text: markedAsDefault(name), json: { name, default: true } });
}
