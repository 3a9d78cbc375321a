import { spawn } from 'node:child_process';
import { ROOT } from '../scripts/run-command.ts';

/** What lets Node run programs on the packages' sources, as scripts/node.sh does. */
export const SOURCE_FLAGS: readonly string[] = [
  '--experimental-strip-types',
  '--disable-warning=ExperimentalWarning',
  '--conditions=@nv2/source',
];

/** What a process ended with; standard output and standard error are one text. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program, by default at the root of the repository, until it ends. */
export function runProcess(
  command: string,
  args: readonly string[],
  {
    env = process.env,
    cwd = ROOT,
  }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Outcome> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

/** Runs a file of `examples/` with the command that its first lines name. */
export function runExample(file: string, args: readonly string[]): Promise<Outcome> {
  return runProcess('sh', ['scripts/node.sh', `examples/${file}`, ...args]);
}
