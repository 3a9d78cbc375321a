import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../scripts/run-command.ts';

/**
 * Puts examples/plugin.ts under the name that notation looks for into a directory of plugins.
 * @returns the path of its executable
 */
export async function writeExamplePlugin(plugins: string): Promise<string> {
  const directory = join(plugins, 'keyfile');
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'notation-keyfile');
  await writeFile(
    path,
    `#!/bin/sh\nexec sh '${ROOT}/scripts/node.sh' '${ROOT}/examples/plugin.ts' "$@"\n`,
  );
  await chmod(path, 0o755);
  return path;
}
