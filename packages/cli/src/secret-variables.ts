import type { CommandFlags } from './parse/command-flags.ts';

/** The flags whose value may be `env:NAME`, where NAME holds a secret. */
const SECRET_FLAGS = ['key-file', 'cert-file', 'passphrase'] as const;

/** What a value begins with that names an environment variable. */
export const VARIABLE_PREFIX = 'env:';

/** The variables that a command line reads secrets from: child processes must not inherit them. */
export function secretVariables(flags: CommandFlags): ReadonlySet<string> {
  const sources = SECRET_FLAGS.filter((name) => flags.isSet(name)).map((name) =>
    flags.string(name),
  );
  const named = sources.filter((source) => source.startsWith(VARIABLE_PREFIX));
  return new Set(named.map((source) => source.slice(VARIABLE_PREFIX.length)));
}
