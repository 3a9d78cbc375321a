import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import type { CommandFlags } from './parse/command-flags.ts';
import { quote } from './text/quote.ts';

/**
 * The `{key}={value}` pairs of a flag; neither may be empty. Of two values of one key notation takes the
 * last: of what a signature has to have, the other would not be asked for.
 *
 * @throws CliError `CLI_USAGE`
 */
export function keyValues(
  { flags, program }: Pick<CommandContext, 'flags' | 'program'>,
  name: string,
): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const text of flags.strings(name)) {
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(equals, 0));
    const value = text.slice(equals + 1);
    if (key === '' || value === '') {
      throw usageError(`could not parse flag ${name}: key-value pair requires "=" as separator`);
    }
    if (program === 'nv2' && (pairs.get(key) ?? value) !== value) {
      throw usageError(`the flag --${name} gives ${quote(key)} two values`);
    }
    pairs.set(key, value);
  }
  return pairs;
}

/** The value of `--max-signatures`. @throws CliError `CLI_USAGE` */
export function maxSignatures(flags: CommandFlags): number {
  const value = flags.integer('max-signatures');
  if (value <= 0) throw usageError(`max-signatures value ${value} must be a positive number`);
  return value;
}
