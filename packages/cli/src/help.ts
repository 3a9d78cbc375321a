import { childrenOf, type FoundCommand, flagsOf } from './parse/find-command.ts';
import type { CommandSpec, FlagSpec, ProgramName } from './table/types.ts';
import { quote } from './text/quote.ts';

const MIN_NAME_WIDTH = 11;
const SHORT_OF_ROOT: Readonly<Record<ProgramName, string>> = {
  notation: 'Notation - a tool to sign and verify artifacts',
  nv2: 'nv2 - sign, verify and enforce trust in container images and any OCI artifact',
};

/** For whom help is written. */
export interface HelpOptions {
  readonly program: ProgramName;
  /** Whether experimental flags and examples are shown. */
  readonly experimental: boolean;
}

/** The command as a user types it: the program's name and those of its commands. */
export function commandPath(path: readonly CommandSpec[], program: ProgramName): string {
  return [program, ...path.slice(1).map((command) => command.name)].join(' ');
}

/** The help text of a command, in cobra's layout. */
export function formatHelp(found: Pick<FoundCommand, 'path'>, options: HelpOptions): string {
  const command = found.path[found.path.length - 1];
  if (command === undefined) return '';
  const isRoot = found.path.length === 1;
  const short = isRoot ? SHORT_OF_ROOT[options.program] : command.short;
  const long = `${command.long ?? short}${formatExamples(command, options)}`;
  return `${long.trimEnd()}\n\n${formatUsage(found.path, options)}`;
}

function formatExamples(command: CommandSpec, options: HelpOptions): string {
  return (command.examples ?? [])
    .filter((example) => example.only === undefined || example.only === options.program)
    .filter((example) => example.experimental !== true || options.experimental)
    .map((example) => {
      const marker = example.experimental === true ? '[Experimental] ' : '';
      return `\n\nExample - ${marker}${example.title}:\n  ${options.program} ${example.command}`;
    })
    .join('');
}

/** The usage of a command: its help without the description; `withFlags: false` leaves them out. */
export function formatUsage(
  path: readonly CommandSpec[],
  options: HelpOptions & { readonly withFlags?: boolean },
): string {
  const command = path[path.length - 1] ?? path[0];
  if (command === undefined) return '';
  const children = visibleChildren(command, options);
  const name = commandPath(path, options.program);
  const lines = ['Usage:'];
  if (command.load !== undefined) lines.push(`  ${useLine(path, options.program)}`);
  if (children.length > 0) lines.push(`  ${name} [command]`);
  if (command.aliases !== undefined) {
    lines.push('', 'Aliases:', `  ${[command.name, ...command.aliases].join(', ')}`);
  }
  if (children.length > 0) lines.push('', 'Available Commands:', ...childLines(children));
  if (options.withFlags !== false) {
    lines.push('', 'Flags:', ...flagLines(visibleFlags(command, options)));
  }
  if (children.length > 0) {
    lines.push('', `Use "${name} [command] --help" for more information about a command.`);
  }
  return `${lines.join('\n')}\n`;
}

/** The usage line of a command. */
export function useLine(path: readonly CommandSpec[], program: ProgramName): string {
  const command = path[path.length - 1];
  const line = `${commandPath(path.slice(0, -1), program)} ${command?.use ?? ''}`;
  return line.includes('[flags]') ? line : `${line} [flags]`;
}

/** The commands that help and completion show. */
export function visibleChildren(
  command: CommandSpec,
  options: HelpOptions,
): readonly CommandSpec[] {
  return childrenOf(command, options.program).filter((child) => child.hidden !== true);
}

/** The flags that help and completion show, in order of their names. */
export function visibleFlags(command: CommandSpec, options: HelpOptions): readonly FlagSpec[] {
  return flagsOf(command, options.program)
    .filter((flag) => flag.hidden !== true)
    .filter((flag) => flag.experimental !== true || options.experimental)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function childLines(children: readonly CommandSpec[]): readonly string[] {
  const width = Math.max(MIN_NAME_WIDTH, ...children.map((child) => child.name.length));
  return children.map((child) => `  ${child.name.padEnd(width)} ${child.short}`);
}

function flagLines(flags: readonly FlagSpec[]): readonly string[] {
  const heads = flags.map((flag) => {
    const shorthand = flag.shorthand === undefined ? '    ' : `-${flag.shorthand}, `;
    const type = flag.type === 'bool' ? '' : ` ${flag.type}`;
    return `  ${shorthand}--${flag.name}${type}`;
  });
  const width = Math.max(...heads.map((head) => head.length));
  return flags.map((flag, i) =>
    `${(heads[i] ?? '').padEnd(width)}   ${flag.usage}${shownDefault(flag)}`.trimEnd(),
  );
}

function shownDefault(flag: FlagSpec): string {
  if (flag.default === undefined) return '';
  const value = typeof flag.default === 'string' ? quote(flag.default) : flag.default;
  return ` (default ${value})`;
}
