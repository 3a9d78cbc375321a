// The two programs under the name `notation`, each with a home of its own that holds the same files.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptInvocation, ScriptOutcome } from '@nv2/testkit';
import { finish } from '../../packages/cli/test/process-outcome.ts';
import { peer } from '../peers.ts';

/** A program with its home, in which it also runs. */
export interface Side {
  readonly program: string;
  readonly home: string;
}

/** What a command line says in place of the directory that its program runs in. */
const HOME_NAME = '{{home}}';

/** The real command and our `program`; the paths of their homes in `dir` are of one length, as columns are. */
export async function makeSides(
  dir: string,
  program: string,
): Promise<readonly [theirs: Side, ours: Side]> {
  const theirs: Side = { program: await peer('notation'), home: join(dir, 'a') };
  const ours: Side = { program, home: join(dir, 'b') };
  for (const { home } of [theirs, ours]) await mkdir(home, { recursive: true });
  return [theirs, ours];
}

/** What a command is called with, {@link HOME_NAME} replaced by the path of the home. */
export function inHome({ home }: Side, { args, env, stdin }: ScriptInvocation): ScriptInvocation {
  const own = (text: string): string => text.replaceAll(HOME_NAME, home);
  const variables = Object.entries(env).map(([name, value]) => [name, own(value)]);
  return { args: args.map(own), env: Object.fromEntries(variables), stdin: own(stdin) };
}

/** Runs one command line to its end; what it prints has {@link HOME_NAME} in place of its home. */
export async function runSide(side: Side, invocation: ScriptInvocation): Promise<ScriptOutcome> {
  const { program, home } = side;
  const { args, env, stdin } = inHome(side, invocation);
  const child = spawn(program, args, {
    cwd: home,
    env: { HOME: home, PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...env },
  });
  child.stdin.on('error', () => undefined); // a program need not read it
  child.stdin.end(stdin);
  const { code, stdout, stderr } = await finish(child);
  const common = (text: string): string => text.replaceAll(home, HOME_NAME);
  return { exitCode: code ?? -1, stdout: common(stdout), stderr: common(stderr) };
}
