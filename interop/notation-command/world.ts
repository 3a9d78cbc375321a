// What a script runs in: two homes with the same files, a registry that both reach, and commands.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptCommand } from '@nv2/testkit';
import { fileCommands } from '../../packages/cli/test/file-commands.ts';
import { pluginCommands } from '../../packages/cli/test/plugin-commands.ts';
import { pushCommand } from '../../packages/cli/test/push-command.ts';
import { comparingCommand, type Tally } from './compare.ts';
import { envelopeCommand } from './envelopes.ts';
import { keyCommand } from './keys.ts';
import { policyCommand } from './policies.ts';
import { inHome, makeSides, runSide, type Side } from './sides.ts';

export interface World {
  readonly values: Map<string, string>;
  readonly commands: Readonly<Record<string, ScriptCommand>>;
}

/** What the scripts have in common but for some values. */
export interface WorldOptions {
  /** Our program under the name `notation`. */
  readonly program: string;
  readonly values: Map<string, string>;
  readonly tally: Tally;
}

/** The world of one script in `dir`. */
export async function makeWorld(
  dir: string,
  { program, values, tally }: WorldOptions,
): Promise<World> {
  const sides = await makeSides(dir, program);
  const [theirs, ours] = sides;
  const commandsOf = ({ home }: Side) => ({
    ...fileCommands(home),
    ...pluginCommands(home, values, '.config/notation'),
  });
  const [first, second] = [commandsOf(theirs), commandsOf(ours)];
  const inBoth = Object.entries(second).map(([name, command]): [string, ScriptCommand] => [
    name,
    async (invocation) => {
      await first[name]?.(inHome(theirs, invocation));
      return await command(inHome(ours, invocation));
    },
  ]);
  return {
    values,
    commands: {
      ...Object.fromEntries(inBoth),
      notation: comparingCommand(sides, tally),
      theirs: (invocation) => runSide(theirs, invocation),
      ours: (invocation) => runSide(ours, invocation),
      // `home FROM TO`: the configuration of one side becomes that of the other
      home: async ({ args: [from] }) => {
        const [source, target] = from === 'theirs' ? [theirs, ours] : [ours, theirs];
        await moveConfiguration(source.home, target.home);
        return { stdout: '', stderr: '', exitCode: 0 };
      },
      key: keyCommand(sides.map(({ home }) => home)),
      policy: policyCommand(sides.map(({ home }) => home)),
      envelope: envelopeCommand(ours.home),
      push: pushCommand(values, ours.home),
    },
  };
}

/** Copies `.config`; the paths that its files name are those of the new home. */
async function moveConfiguration(source: string, target: string): Promise<void> {
  await rm(join(target, '.config'), { recursive: true, force: true });
  await cp(join(source, '.config'), join(target, '.config'), { recursive: true });
  const keys = join(target, '.config/notation/signingkeys.json');
  await writeFile(keys, (await readFile(keys, 'utf8')).replaceAll(source, target));
}
