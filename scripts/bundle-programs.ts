import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedRuntime } from './bun-runtime.ts';
import { foreignDependencies } from './packages.ts';
import { ROOT } from './run-command.ts';

const CLI = 'packages/cli';
const PROGRAMS = ['nv2', 'notation'];
/** Not minified: a report of an internal error shows the names. */
const FLAGS = ['build', '--target=node', '--format=esm', '--splitting', '--conditions=@nv2/source'];

/**
 * Writes the programs that npm installs into `packages/cli/dist/bin/`: for a scan a hundred files in place
 * of four hundred modules, since loading is most of what a short command costs on Node. What a command
 * loads only when it needs it stays apart; packages of others stay what npm installs. Without bun a
 * program is a line that loads the modules.
 */
export async function bundlePrograms(): Promise<void> {
  const dist = join(ROOT, CLI, 'dist');
  const bin = join(dist, 'bin');
  const work = await mkdtemp(join(dist, '.bin-'));
  try {
    const bundled = join(work, 'new');
    await bundle(bundled);
    await rename(bin, join(work, 'old')).catch(unlessMissing);
    await rename(bundled, bin);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function bundle(folder: string): Promise<void> {
  const bun = installedRuntime();
  if (bun !== undefined) {
    const sources = PROGRAMS.map((name) => join(CLI, `src/${name}.ts`));
    const externals = (await foreignDependencies()).map((name) => `--external=${name}`);
    const args = [...FLAGS, ...externals, `--outdir=${folder}`, ...sources];
    await promisify(execFile)(bun, args, { cwd: ROOT });
    return;
  }
  await mkdir(folder);
  for (const name of PROGRAMS)
    await writeFile(join(folder, `${name}.js`), `#!/usr/bin/env node\nimport '../${name}.js';\n`);
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
