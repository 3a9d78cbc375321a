import type { CommandContext } from '../context.ts';
import { versionFacts, versionText } from '../version.ts';

/** `version`. */
export async function run({ program, flags, printer }: CommandContext): Promise<void> {
  if (flags.string('output') === 'json') printer.json(versionFacts());
  else printer.line(versionText(program));
}
