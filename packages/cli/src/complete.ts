import type { CliIo } from './context.ts';
import type { Environment } from './environment.ts';
import { visibleChildren, visibleFlags } from './help.ts';
import { findCommand, flagsOf } from './parse/find-command.ts';
import type { Printer } from './printer.ts';
import { ROOT } from './table/commands.ts';
import type { FlagSpec } from './table/types.ts';

/** What the shell does with the candidates, in cobra's numbers. */
const DIRECTIVE = { files: 0, noFiles: 4 } as const;

interface Candidate {
  readonly value: string;
  readonly description: string;
}

interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
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
  const last = words.pop() ?? '';
  const { candidates, directive } = complete(words, last, { io, environment });
  for (const { value, description } of candidates) {
    printer.line(mode === '__complete' ? `${value}\t${description}` : value);
  }
  printer.line(`:${directive}`);
}

function complete(
  words: readonly string[],
  last: string,
  { io, environment }: { io: CliIo; environment: Environment },
): Completion {
  const options = { program: io.program, experimental: environment.experimental };
  const { command } = findCommand(ROOT, words, io.program);
  const flags = flagsOf(command, io.program);
  const pending = pendingValue(flags, words[words.length - 1], last);
  if (pending !== undefined) return flagValues(pending.flag, pending.start);
  if (last.startsWith('-')) {
    const names = visibleFlags(command, options).map((flag) => ({
      value: `--${flag.name}`,
      description: flag.usage,
    }));
    return { candidates: startingWith(names, last), directive: DIRECTIVE.noFiles };
  }
  const children = visibleChildren(command, options);
  if (children.length === 0) return { candidates: [], directive: DIRECTIVE.files };
  const names = children.map(({ name, short }) => ({ value: name, description: short }));
  return { candidates: startingWith(names, last), directive: DIRECTIVE.noFiles };
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
