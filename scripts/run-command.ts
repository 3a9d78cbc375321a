import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the repository, without a trailing slash. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Runs a program in the repository with our own output streams; resolves to its exit code. */
export function runCommand(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a JavaScript or TypeScript program of the repository on this very Node. */
export function runNode(args: readonly string[]): Promise<number> {
  return runCommand(process.execPath, [...process.execArgv, ...args]);
}
