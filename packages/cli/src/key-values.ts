import { usageError } from './errors.ts';
import type { CommandFlags } from './parse/command-flags.ts';

/** The `{key}={value}` pairs of a flag; neither may be empty. @throws CliError `CLI_USAGE` */
export function keyValues(flags: CommandFlags, name: string): ReadonlyMap<string, string> {
  const pairs = flags.strings(name).map((text) => {
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(equals, 0));
    const value = text.slice(equals + 1);
    if (key === '' || value === '') {
      throw usageError(`could not parse flag ${name}: key-value pair requires "=" as separator`);
    }
    return [key, value] as const;
  });
  return new Map(pairs);
}

/** The value of `--max-signatures`. @throws CliError `CLI_USAGE` */
export function maxSignatures(flags: CommandFlags): number {
  const value = flags.integer('max-signatures');
  if (value <= 0) throw usageError(`max-signatures value ${value} must be a positive number`);
  return value;
}
