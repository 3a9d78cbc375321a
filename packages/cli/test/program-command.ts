import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CliIo, type OutputStream, type ProgramName, run } from '@nv2/cli';
import type { ScriptCommand, ScriptInvocation, ScriptOutcome } from '@nv2/testkit';
import { finish } from './process-outcome.ts';
import { PROGRAMS, preload, SCRIPTS_START_PROGRAMS } from './program-under-test.ts';

const LATER_CLOCK = fileURLToPath(new URL('./later-clock.ts', import.meta.url));

/**
 * The program under a name, with a home of its own in `dir` and local time an hour east of UTC: in
 * this process, or as a process of its own where the tests are told which program to start.
 * `CLOCK=90` before a command sets its clock forward by so many seconds.
 */
export function programCommand(program: ProgramName, dir: string): ScriptCommand {
  return (invocation) => programOver(program, dir, invocation);
}

/** The same, with any bytes on its standard input. */
export async function programOver(
  program: ProgramName,
  dir: string,
  { args, env, stdin }: Omit<ScriptInvocation, 'stdin'> & { readonly stdin: string | Uint8Array },
): Promise<ScriptOutcome> {
  const home = { HOME: join(dir, 'home'), NOTATION_CONFIG: join(dir, 'config'), PATH: dir };
  const work = SCRIPTS_START_PROGRAMS ? runProcess : runHere;
  return await work({ program, args, env: { ...home, ...env }, cwd: dir, stdin });
}

interface Invocation extends Pick<CliIo, 'program' | 'args' | 'cwd'> {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | Uint8Array;
}

async function runHere({ stdin, ...invocation }: Invocation): ReturnType<ScriptCommand> {
  const stdout = collector();
  const stderr = collector();
  const exitCode = await run({
    ...invocation,
    stdin: {
      isTTY: false,
      async *[Symbol.asyncIterator]() {
        if (stdin.length > 0) yield Buffer.from(stdin);
      },
    },
    stdout,
    stderr,
    now: () => new Date(Date.now() + Number(invocation.env['CLOCK'] ?? 0) * 1000),
    zoneOffset: () => 60,
    signal: new AbortController().signal,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

async function runProcess(invocation: Invocation): ReturnType<ScriptCommand> {
  const { program, args, env, cwd, stdin } = invocation;
  const clock = env['CLOCK'] === undefined ? {} : preload(LATER_CLOCK);
  const child = spawn(join(PROGRAMS, program), args, {
    cwd,
    env: { ...env, ...clock, TZ: 'Etc/GMT-1' },
  });
  child.stdin.on('error', () => undefined); // a program need not read it
  child.stdin.end(stdin);
  const { code, stdout, stderr } = await finish(child);
  return { exitCode: code ?? -1, stdout, stderr };
}

function collector(): OutputStream & { readonly text: () => string } {
  const chunks: Uint8Array[] = [];
  return {
    isTTY: false,
    write: (data) => {
      chunks.push(Buffer.from(data));
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
