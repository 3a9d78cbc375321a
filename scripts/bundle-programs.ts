import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedRuntime } from './bun-runtime.ts';
import { ROOT } from './run-command.ts';

const PROGRAMS = ['nv2', 'notation'];
/** Not minified: a report of an internal error shows the names. */
const FLAGS = [
  'build',
  '--target=node',
  '--format=esm',
  '--splitting',
  '--external=yaml',
  '--conditions=@nv2/source',
];

/**
 * Writes the programs that npm installs into `packages/cli/dist/bin/`: few files in place of some four
 * hundred modules, whose loading is most of what a short command costs on Node. What a command loads
 * only when it needs it stays a file of its own. Without bun a program is a line that loads the modules.
 */
export async function bundlePrograms(): Promise<void> {
  const cli = join(ROOT, 'packages/cli');
  const bin = join(cli, 'dist/bin');
  const work = join(cli, 'dist/.bin');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const bun = installedRuntime();
  if (bun === undefined) {
    for (const name of PROGRAMS)
      await writeFile(join(work, `${name}.js`), `#!/usr/bin/env node\nimport '../${name}.js';\n`);
  } else {
    const sources = PROGRAMS.map((name) => join(cli, `src/${name}.ts`));
    await promisify(execFile)(bun, [...FLAGS, `--outdir=${work}`, ...sources], { cwd: ROOT });
  }
  await rm(bin, { recursive: true, force: true });
  await rename(work, bin);
}
