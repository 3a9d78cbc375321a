import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../scripts/run-command.ts';

/**
 * Puts examples/plugin.ts under the name that notation looks for into a directory of plugins.
 * @returns the path of its executable
 */
export function writeExamplePlugin(plugins: string): Promise<string> {
  return writePlugin(plugins, { name: 'keyfile', program: 'examples/plugin.ts' });
}

/**
 * Puts a program of the repository, by its path from the root, as a plugin of that name into a
 * directory of plugins.
 * @returns the path of its executable
 */
export async function writePlugin(
  plugins: string,
  { name, program }: { readonly name: string; readonly program: string },
): Promise<string> {
  const directory = join(plugins, name);
  await mkdir(directory, { recursive: true });
  const path = join(directory, `notation-${name}`);
  await writeFile(path, `#!/bin/sh\nexec sh '${ROOT}/scripts/node.sh' '${ROOT}/${program}' "$@"\n`);
  await chmod(path, 0o755);
  return path;
}
