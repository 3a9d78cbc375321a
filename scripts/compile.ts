import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePrograms } from './bundle-programs.ts';
import { ROOT, runNode } from './run-command.ts';

/** Sources that are younger than this file are not in the build: `bin/nv2` looks at it. */
const STAMP = join(ROOT, 'packages/cli/dist/.built');

/**
 * Compiles every package to its dist/ folder and bundles the programs; resolves to the compiler's exit
 * code.
 */
export async function compile(): Promise<number> {
  const started = new Date();
  const code = await runNode(['node_modules/typescript/bin/tsc', '-b']);
  if (code !== 0) return code;
  await rm(STAMP, { force: true });
  await bundlePrograms();
  await writeFile(STAMP, '');
  // a file that is saved while the compiler runs counts as younger
  await utimes(STAMP, started, started);
  return 0;
}
