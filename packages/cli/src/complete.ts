import type { CliIo } from './context.ts';
import type { Environment } from './environment.ts';
import { CliError, usageError } from './errors.ts';
import { visibleChildren, visibleFlags } from './help.ts';
import { findCommand, flagsOf } from './parse/find-command.ts';
import type { Printer } from './printer.ts';
import { ROOT } from './table/commands.ts';
import type { CommandSpec, FlagSpec, ProgramName } from './table/types.ts';

/** What the shell does with the candidates, in cobra's numbers. */
const DIRECTIVE = { files: 0, noFiles: 4 } as const;
const DIRECTIVE_NAMES = { 0: 'ShellCompDirectiveDefault', 4: 'ShellCompDirectiveNoFileComp' };

interface Candidate {
  readonly value: string;
  readonly description: string;
}

interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: keyof typeof DIRECTIVE_NAMES;
}

/**
 * Answers the shells' completion scripts: `__complete WORD... LAST` prints one candidate for LAST
 * a line (a tab and its description follow unless `__completeNoDesc` was asked), then a colon and
 * the directive.
 */
export function printCompletions(
  line: readonly string[],
  { io, printer, environment }: { io: CliIo; printer: Printer; environment: Environment },
): void {
  const [mode, ...words] = line;
  const last = words.pop();
  if (last === undefined) throw usageError('requires at least 1 arg(s), only received 0');
  const { candidates, directive } = complete(words, last, { io, environment });
  for (const { value, description } of candidates) {
    printer.line(mode === '__complete' ? `${value}\t${description}`.trimEnd() : value);
  }
  printer.line(`:${directive}`);
  printer.error(`Completion ended with directive: ${DIRECTIVE_NAMES[directive]}`);
}

function complete(
  words: readonly string[],
  last: string,
  { io, environment }: { io: CliIo; environment: Environment },
): Completion {
  const options = { program: io.program, experimental: environment.experimental };
  const command = commandOf(words, io.program);
  if (command === undefined) return { candidates: [], directive: DIRECTIVE.files };
  const flags = flagsOf(command, io.program);
  const pending = pendingValue(flags, words[words.length - 1], last);
  if (pending !== undefined) return flagValues(pending.flag, pending.start);
  if (last.startsWith('-')) {
    const names = visibleFlags(command, options).flatMap(({ name, shorthand, usage }) => [
      { value: `--${name}`, description: usage },
      ...(shorthand === undefined ? [] : [{ value: `-${shorthand}`, description: usage }]),
    ]);
    return { candidates: startingWith(names, last), directive: DIRECTIVE.noFiles };
  }
  const children = visibleChildren(command, options);
  if (children.length === 0) return { candidates: [], directive: DIRECTIVE.files };
  const names = children.map(({ name, short }) => ({ value: name, description: short }));
  return { candidates: startingWith(names, last), directive: DIRECTIVE.noFiles };
}

/** The command that the words before the last one name, if they name any. */
function commandOf(words: readonly string[], program: ProgramName): CommandSpec | undefined {
  try {
    return findCommand(ROOT, words, program).command;
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

/** The flag whose value the last word is (the beginning of), if it is one. */
function pendingValue(
  flags: readonly FlagSpec[],
  before: string | undefined,
  last: string,
): { readonly flag: FlagSpec; readonly start: string } | undefined {
  const [name = '', start] = last.split(/=(.*)/s);
  const written = start === undefined ? before : name;
  const flag = flags.find(
    (f) =>
      `--${f.name}` === written || (f.shorthand !== undefined && `-${f.shorthand}` === written),
  );
  return flag === undefined || flag.type === 'bool' ? undefined : { flag, start: start ?? last };
}

function flagValues(flag: FlagSpec, start: string): Completion {
  if (flag.values === undefined) return { candidates: [], directive: DIRECTIVE.files };
  const values = flag.values.map((value) => ({ value, description: '' }));
  return { candidates: startingWith(values, start), directive: DIRECTIVE.noFiles };
}

function startingWith(all: readonly Candidate[], start: string): readonly Candidate[] {
  return all.filter(({ value }) => value.startsWith(start));
}
