import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installedRuntime } from './bun-runtime.ts';
import { ROOT } from './run-command.ts';

/** Modules of Node are left as they are: a bundle that names one runs in no browser. */
const FLAGS = [
  'build',
  '--target=browser',
  '--format=esm',
  '--minify',
  '--external=node:*',
  '--conditions=@nv2/source',
];

/**
 * Bundles a program of the repository for browsers.
 *
 * @param entry path from the root
 * @param outfile where the bundle goes
 */
export async function bundleForBrowser(entry: string, outfile: string): Promise<void> {
  const bun = installedRuntime();
  if (bun === undefined) throw new Error('bun is not installed here');
  await promisify(execFile)(bun, [...FLAGS, `--outfile=${outfile}`, entry], { cwd: ROOT });
}
