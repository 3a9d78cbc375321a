import type { CommandContext } from '../context.ts';
import { formatHelp, formatUsage } from '../help.ts';
import { childrenOf, findCommand } from '../parse/find-command.ts';
import type { CommandSpec, ProgramName } from '../table/types.ts';

/** `help [command]` */
export async function run({
  args,
  path: [root],
  program,
  environment,
  printer,
}: CommandContext): Promise<void> {
  if (root === undefined) return;
  const options = { program, experimental: environment.experimental };
  const path =
    program === 'nv2' ? findCommand(root, args, program).path : descend([root], args, program);
  if (path === undefined) {
    // cobra succeeds, and says this on standard error
    const topics = args.map((word) => `\`${word}\``).join(' ');
    const usage = formatUsage([root], { ...options, withFlags: false });
    printer.error(`Unknown help topic [${topics}]\n${usage.trimEnd()}`);
    return;
  }
  printer.text(formatHelp({ path }, options));
}

function descend(
  path: readonly CommandSpec[],
  words: readonly string[],
  program: ProgramName,
): readonly CommandSpec[] | undefined {
  const [word, ...rest] = words;
  const parent = path[path.length - 1];
  if (word === undefined || parent === undefined) return path;
  const child = childrenOf(parent, program).find(
    (candidate) => candidate.name === word || candidate.aliases?.includes(word),
  );
  if (child === undefined) return path.length === 1 ? undefined : path;
  return descend([...path, child], rest, program);
}
