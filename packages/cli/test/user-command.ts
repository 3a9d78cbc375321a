import { glob } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asOrdinaryUser, type ScriptCommand } from '@nv2/testkit';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
/** What runs when it is loaded. */
const PROGRAMS: ReadonlySet<string> = new Set(['nv2.ts', 'notation.ts', 'executable.ts']);

let loading: Promise<void> | undefined;

/** `user COMMAND ...`: runs a command as somebody whom permissions bind, also where root tests. */
export function userCommand(
  dir: string,
  commands: Readonly<Record<string, ScriptCommand>>,
): ScriptCommand {
  return async ({ args: [name = '', ...args], ...rest }) => {
    const command = commands[name];
    if (command === undefined) throw new SyntaxError(`there is no command ${name}`);
    loading ??= loadAll();
    await loading;
    return await asOrdinaryUser(dir, () => command({ ...rest, args }));
  };
}

// Commands load what they need when they run: that user may not be allowed to read this clone.
async function loadAll(): Promise<void> {
  for await (const file of glob('**/*.ts', { cwd: SOURCES })) {
    if (file.endsWith('.test.ts') || PROGRAMS.has(file)) continue;
    await import(pathToFileURL(`${SOURCES}${file}`).href);
  }
}
