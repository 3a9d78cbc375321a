import { EXIT_CODES } from './exit-codes.ts';
import { commandPath, useLine, visibleFlags } from './help.ts';
import { ROOT } from './table/commands.ts';
import type { CommandSpec, Example, FlagSpec, ProgramName } from './table/types.ts';

const OPTIONS = { program: 'nv2', experimental: true } as const;

/** The whole text of docs/cli.md: every command and flag of the table. */
export function cliDocs(): string {
  return `# The command line

\`nv2\` and \`notation\` are one program under two names. Called as \`notation\` it prints what notation
prints and needs \`NOTATION_EXPERIMENTAL=1\` for the flags marked experimental; called as \`nv2\` it adds
the error's code and a hint to messages, uses plain HTTP for loopback addresses unless it is told
\`--insecure-registry=false\`, and has the commands and flags marked "nv2 only".

| exit code of \`nv2\` | means |
|---|---|
| ${EXIT_CODES.success} | done; verified, or skipped as the trust policy says |
| ${EXIT_CODES.denied} | decided no: not signed as the trust policy asks, or what was checked does not hold |
| ${EXIT_CODES.input} | the command line, a file or another input has to be changed first |
| ${EXIT_CODES.undecided} | it could not be decided, or not be done, now |
| ${EXIT_CODES.hungUp} | interrupted by SIGHUP, as when the terminal was closed |
| ${EXIT_CODES.interrupted} | interrupted by Ctrl-C (SIGINT) or SIGTERM |
| ${EXIT_CODES.brokenPipe} | the reader of the output went away |

Interrupted, a command ends in its own way; by a second Ctrl-C or SIGTERM, at once. SIGQUIT (Ctrl-\\)
asks for a core dump: it ends the process at once, for which shells tell 131.

Of \`notation\`, any error is 1. [errors.md](errors.md) has the exit code of every kind of error.

This file is made by \`scripts/generate-cli-docs.ts\` from the table in \`packages/cli/src/table\`.

${sections([ROOT]).join('\n')}`;
}

function sections(path: readonly CommandSpec[]): readonly string[] {
  const command = path.at(-1);
  if (command === undefined) return [];
  const children = [...(command.children ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = command.load === undefined ? [] : [section(path, command)];
  return [...own, ...children.flatMap((child) => sections([...path, child]))];
}

function section(path: readonly CommandSpec[], command: CommandSpec): string {
  const only = path.find((step) => step.only !== undefined)?.only;
  const parts = [
    `## ${commandPath(path, 'nv2')}${marker(only)}`,
    '',
    command.long ?? command.short,
  ];
  parts.push('', '```text', useLine(path, 'nv2'), '```');
  if (command.aliases !== undefined) {
    parts.push('', `Also: ${command.aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  }
  const flags = [...visibleFlags(command, OPTIONS)].filter((flag) => flag.name !== 'help');
  if (flags.length > 0) {
    parts.push('', '| flag | value | means |', '|---|---|---|', ...flags.map(row));
  }
  for (const example of command.examples ?? []) parts.push('', ...exampleLines(example));
  return `${parts.join('\n')}\n`;
}

function row(flag: FlagSpec): string {
  const shorthand = flag.shorthand === undefined ? '' : `\`-${flag.shorthand}\`, `;
  const usage = flag.usage.replaceAll('|', '\\|').replaceAll('<', '\\<');
  const fallback = flag.default === undefined ? '' : ` (default \`${flag.default}\`)`;
  return `| ${shorthand}\`--${flag.name}\`${marker(flag.only)} | ${flag.type} | ${usage}${fallback} |`;
}

function exampleLines({ title, command }: Example): readonly string[] {
  return [`${title}:`, '', '```sh', `nv2 ${command}`, '```'];
}

function marker(only: ProgramName | undefined): string {
  return only === undefined ? '' : ` (${only} only)`;
}
