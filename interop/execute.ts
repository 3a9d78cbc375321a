// Runs foreign programs, and our own command line as a user would.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The command line under its reference's name, from the checkout. */
export const NOTATION: string = fileURLToPath(new URL('../bin/notation', import.meta.url));

/** Runs a program to its end; resolves to its standard output. @throws on any exit code but 0 */
export async function execute(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const env = { ...process.env, ...options.env };
  const { stdout } = await promisify(execFile)(program, args, { cwd: options.cwd, env });
  return stdout;
}
