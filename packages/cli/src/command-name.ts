import type { CommandContext } from './context.ts';

/** The command as it is typed, without what follows: `nv2 blob verify`. */
export function commandName({ program, path }: Pick<CommandContext, 'program' | 'path'>): string {
  return [program, ...path.slice(1).map(({ name }) => name)].join(' ');
}
