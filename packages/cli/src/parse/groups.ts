import { usageError } from '../errors.ts';
import type { CommandSpec, ProgramName } from '../table/types.ts';

/**
 * Checks the flags a command requires, then its groups of flags, in cobra's order.
 * @throws CliError CLI_USAGE with cobra's words
 */
export function checkFlagRules(
  command: CommandSpec,
  changed: ReadonlySet<string>,
  program: ProgramName,
): void {
  const missing = (command.required ?? [])
    .filter((rule) => rule.only === undefined || rule.only === program)
    .map((rule) => rule.flag)
    .filter((flag) => !changed.has(flag))
    .sort();
  if (missing.length > 0) {
    throw usageError(`required flag(s) ${missing.map((f) => `"${f}"`).join(', ')} not set`);
  }
  for (const group of sorted(command.together)) checkTogether(group, changed, command);
  for (const group of sorted(command.oneRequired)) checkOneRequired(group, changed);
  for (const group of sorted(command.exclusive)) checkExclusive(group, changed);
}

function sorted(groups: CommandSpec['together'] = []): readonly (readonly string[])[] {
  return [...groups].sort((a, b) => (a.join(' ') < b.join(' ') ? -1 : 1));
}

function checkTogether(
  group: readonly string[],
  changed: ReadonlySet<string>,
  { dispensable = {} }: CommandSpec,
): void {
  const unset = group.filter((flag) => !changed.has(flag)).sort();
  if (unset.length === group.length) return;
  const missing = unset.filter((flag) => !dispensable[flag]?.some((one) => changed.has(one)));
  if (missing.length === 0) return;
  throw usageError(
    `if any flags in the group [${group.join(' ')}] are set they must all be set; missing [${missing.join(' ')}]`,
  );
}

function checkOneRequired(group: readonly string[], changed: ReadonlySet<string>): void {
  if (group.some((flag) => changed.has(flag))) return;
  throw usageError(`at least one of the flags in the group [${group.join(' ')}] is required`);
}

function checkExclusive(group: readonly string[], changed: ReadonlySet<string>): void {
  const set = group.filter((flag) => changed.has(flag)).sort();
  if (set.length < 2) return;
  throw usageError(
    `if any flags in the group [${group.join(' ')}] are set none of the others can be; [${set.join(' ')}] were all set`,
  );
}
