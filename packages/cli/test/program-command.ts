import { join } from 'node:path';
import { type CliIo, type OutputStream, type ProgramName, run } from '@nv2/cli';
import type { ScriptCommand } from '@nv2/testkit';

/**
 * The program under a name, in this process, with a home of its own in `dir`. `CLOCK=90` before a
 * command sets its clock forward by so many seconds.
 */
export function programCommand(program: ProgramName, dir: string): ScriptCommand {
  return async ({ args, env, stdin }) => {
    const stdout = collector();
    const stderr = collector();
    const io: CliIo = {
      program,
      args,
      env: { HOME: join(dir, 'home'), NOTATION_CONFIG: join(dir, 'config'), PATH: dir, ...env },
      cwd: dir,
      stdin: {
        isTTY: false,
        async *[Symbol.asyncIterator]() {
          if (stdin !== '') yield Buffer.from(stdin);
        },
      },
      stdout,
      stderr,
      now: () => new Date(Date.now() + Number(env['CLOCK'] ?? 0) * 1000),
      zoneOffset: () => 60,
      signal: new AbortController().signal,
    };
    const exitCode = await run(io);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  };
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
