import type { CommandContext } from '../context.ts';
import { formatColumns } from '../text/columns.ts';
import { printable } from '../text/printable.ts';
import { configuredDenials } from '../trust/denial-list.ts';

/** `policy denials`: the denial list, in the order in which it was written. */
export async function run(context: CommandContext): Promise<void> {
  const { flags, printer } = context;
  const denials = [...(await configuredDenials(context))];
  if (flags.string('output') === 'json') {
    printer.json(denials.map(([digest, reason]) => ({ digest, reason })));
    return;
  }
  const rows = denials.map(([digest, reason]) => [digest, printable(reason)]);
  printer.text(formatColumns([['DIGEST', 'REASON'], ...rows]));
}
