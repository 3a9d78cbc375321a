import { pluginDirectory, uninstallPlugin } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed, withFacts } from '../failure.ts';
import { pluginAccess } from '../plugin-access.ts';
import { confirm } from '../prompt.ts';
import { quote } from '../text/quote.ts';

/** `plugin uninstall`: the plugin with all its files. */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, printer } = context;
  const name = args[0] ?? '';
  const { directory } = pluginAccess(context);
  await withFacts({ plugin: 'uninstall' }, () => pluginDirectory(directory).find(name));
  const question = `Are you sure you want to uninstall plugin ${quote(name)}?`;
  if (!(await confirm(question, { ...context, confirmed: flags.isOn('yes') }))) return;
  const prefix = `failed to uninstall plugin ${name}`;
  await prefixed(prefix, () => uninstallPlugin(directory, name), { plugin: 'uninstall' });
  if (flags.string('output') === 'json') printer.json({ uninstalled: name });
  else printer.line(`Successfully uninstalled plugin ${name}`);
}
