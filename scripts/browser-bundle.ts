import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installedRuntime } from './bun-runtime.ts';
import { ROOT } from './run-command.ts';

/** Modules of Node are left as they are: a bundle that names one runs in no browser. */
const FLAGS = ['build', '--target=browser', '--format=esm', '--minify', '--external=node:*'];

/**
 * Bundles a program for browsers.
 *
 * @param entry path from the root of the repository, whose sources are taken; or within `project`,
 *   with the packages that are installed there
 * @param outfile where the bundle goes
 */
export async function bundleForBrowser(
  entry: string,
  outfile: string,
  { project }: { readonly project?: string } = {},
): Promise<void> {
  const bun = installedRuntime();
  if (bun === undefined) throw new Error('bun is not installed here');
  const sources = project === undefined ? ['--conditions=@nv2/source'] : [];
  const args = [...FLAGS, ...sources, `--outfile=${outfile}`, entry];
  await promisify(execFile)(bun, args, { cwd: project ?? ROOT });
}
