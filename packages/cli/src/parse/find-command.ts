import { editDistance, MAX_SLIP_DISTANCE } from '@nv2/core/nearest-word';
import { commandName } from '../command-name.ts';
import { CliError, usageError } from '../errors.ts';
import type { CommandSpec, FlagSpec, ProgramName } from '../table/types.ts';

/** A command as found on a command line. */
export interface FoundCommand {
  readonly command: CommandSpec;
  /** From the root to the command. */
  readonly path: readonly CommandSpec[];
  /** The line without the names of the commands. */
  readonly rest: readonly string[];
}

const HELP_FLAG: FlagSpec = { name: 'help', shorthand: 'h', type: 'bool', usage: '' };

/** The flags that a command has under a name, `--help` with them. */
export function flagsOf(command: CommandSpec, program: ProgramName): readonly FlagSpec[] {
  const name = command.use === '' ? program : command.name;
  return [...ownFlags(command, program), { ...HELP_FLAG, usage: `help for ${name}` }];
}

function ownFlags(command: CommandSpec, program: ProgramName): readonly FlagSpec[] {
  return (command.flags ?? []).filter((f) => f.only === undefined || f.only === program);
}

/** The commands below a command under a name, in order of their names. */
export function childrenOf(command: CommandSpec, program: ProgramName): readonly CommandSpec[] {
  return (command.children ?? [])
    .filter((child) => child.only === undefined || child.only === program)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Finds the command that a line names, as cobra does: a flag that the parent does not know takes
 * the word after it.
 * @throws CliError CLI_USAGE when the first word names no command
 */
export function findCommand(
  root: CommandSpec,
  line: readonly string[],
  program: ProgramName,
): FoundCommand {
  let path: readonly CommandSpec[] = [root];
  let rest = line;
  for (;;) {
    const command = path[path.length - 1] ?? root;
    const [word] = withoutFlags(rest, command, program);
    const child =
      word === undefined
        ? undefined
        : childrenOf(command, program).find((c) => c.name === word || c.aliases?.includes(word));
    if (word === undefined || child === undefined) {
      const isCommand = command !== root && !takesCommand(command, program);
      // as if help were a command of each group
      const isHelp = command !== root && word === 'help';
      if (word !== undefined && !isCommand && !isHelp) throw unknownCommand(path, word, program);
      return { command, path, rest };
    }
    rest = withoutFirst(rest, word, command, program);
    path = [...path, child];
  }
}

/** Whether what follows can be nothing but a command: to notation it is passed over. */
function takesCommand(command: CommandSpec, program: ProgramName): boolean {
  return program === 'nv2' && command.load === undefined;
}

/**
 * Refuses a line that gives words to a command that does nothing with them but print its help.
 *
 * @param args what is no flag
 * @throws CliError CLI_USAGE
 */
export function assertCommand(
  { command, path }: FoundCommand,
  args: readonly string[],
  program: ProgramName,
): void {
  const [word] = args;
  if (word === undefined || word === 'help' || !takesCommand(command, program)) return;
  throw unknownCommand(path, word, program);
}

function unknownCommand(
  path: readonly CommandSpec[],
  word: string,
  program: ProgramName,
): CliError {
  const name = commandName({ program, path });
  const children = path.slice(-1).flatMap((parent) => childrenOf(parent, program));
  // cobra never suggests help
  const close = children
    .filter((child) => child.hidden !== true && child.name !== 'help')
    .filter((child) => isClose(word, child.name))
    .map((child) => `\t${child.name}\n`);
  const suggestions = close.length === 0 ? '' : `\n\nDid you mean this?\n${close.join('')}`;
  const message = `unknown command ${JSON.stringify(word)} for "${name}"${suggestions}`;
  return program === 'nv2'
    ? new CliError('CLI_USAGE', message.trimEnd(), { hint: `see "${name} --help"` })
    : usageError(`${message}\nRun '${name} --help' for usage.`);
}

function isClose(word: string, name: string): boolean {
  return editDistance(word, name) <= MAX_SLIP_DISTANCE || name.startsWith(word.toLowerCase());
}

function takesNextWord(word: string, command: CommandSpec, program: ProgramName): boolean {
  if (word.includes('=')) return false;
  // cobra adds --help only once the command is found: to notation it takes the next word as any other
  const flags = program === 'nv2' ? flagsOf(command, program) : ownFlags(command, program);
  if (word.startsWith('--')) {
    return flags.find((flag) => flag.name === word.slice(2))?.type !== 'bool';
  }
  if (!word.startsWith('-') || word.length !== 2) return false;
  return flags.find((flag) => flag.shorthand === word[1])?.type !== 'bool';
}

function withoutFlags(
  line: readonly string[],
  command: CommandSpec,
  program: ProgramName,
): readonly string[] {
  const words: string[] = [];
  for (let i = 0; i < line.length; i += 1) {
    const word = line[i] ?? '';
    if (word === '--') break;
    if (takesNextWord(word, command, program)) {
      if (line.length - i <= 2) break;
      i += 1;
    } else if (word !== '' && !word.startsWith('-')) {
      words.push(word);
    }
  }
  return words;
}

function withoutFirst(
  line: readonly string[],
  name: string,
  command: CommandSpec,
  program: ProgramName,
): readonly string[] {
  for (let i = 0; i < line.length; i += 1) {
    const word = line[i] ?? '';
    if (word === '--') break;
    if (takesNextWord(word, command, program)) i += 1;
    else if (word === name) return line.toSpliced(i, 1);
  }
  return line;
}
