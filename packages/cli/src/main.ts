import { fstatSync, readFileSync } from 'node:fs';
import type { CliIo } from './context.ts';
import { type EndingSignal, endInterrupted } from './end-interrupted.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { type ProcessOutput, processInput, processOutput } from './process-streams.ts';
import { run } from './run.ts';
import type { ProgramName } from './table/types.ts';

/** As `engines` in package.json. */
const OLDEST_NODE = { major: 22, minor: 13 } as const;

/** Runs the process's command line under a name, and sets the exit code. */
export async function main(program: ProgramName): Promise<void> {
  if (!isNodeNewEnough()) {
    const { major, minor } = OLDEST_NODE;
    process.stderr.write(
      `${program}: this needs Node.js ${major}.${minor} or later, and runs on ${process.versions.node}\n`,
    );
    process.exitCode = exitCodeOf(undefined, program);
    return;
  }
  const signals = handleSignals();
  const io = processIo(program, signals.aborted);
  // credential helpers and whatever else is started must not inherit them
  delete process.env['NOTATION_USERNAME'];
  delete process.env['NOTATION_PASSWORD'];
  process.once('beforeExit', () => lostItsWay(program));
  const code = await run(io);
  await Promise.all([io.stdout.drained(), io.stderr.drained()]);
  if (code === EXIT_CODES.interrupted) await endInterrupted(signals.ending());
  // what is left of connections or work that does not listen to the signal must not keep the process
  process.exit(code);
}

// Nothing is left to wait for, and yet the command has not come to its end.
function lostItsWay(program: ProgramName): never {
  process.stderr.write(
    'Error: internal error: the command stopped before its end\nhint: this is a defect of nv2; please report it\n',
  );
  process.exit(exitCodeOf(undefined, program));
}

function isNodeNewEnough(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor);
}

function handleSignals(): {
  readonly aborted: AbortSignal;
  readonly ending: () => EndingSignal;
} {
  const controller = new AbortController();
  let ending: EndingSignal = 'SIGINT';
  const interrupt = (): void => {
    // the second signal does not wait for anything
    if (controller.signal.aborted) void endInterrupted(ending);
    else controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  if (!isHangupIgnored()) {
    process.on('SIGHUP', () => {
      // of a terminal that is closed both the system and the shell tell
      if (controller.signal.aborted) return;
      ending = 'SIGHUP';
      controller.abort();
    });
  }
  return { aborted: controller.signal, ending: () => ending };
}

// What nohup asks for. Node takes it back as it starts; bun does not, and a handler would.
function isHangupIgnored(): boolean {
  if (process.versions['bun'] === undefined) return false;
  try {
    const [, mask] =
      /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return mask === undefined || (Number(`0x${mask.slice(-1)}`) & 1) === 1;
  } catch {
    return true;
  }
}

type ProcessIo = CliIo & { readonly [name in 'stdout' | 'stderr']: ProcessOutput };

function processIo(program: ProgramName, signal: AbortSignal): ProcessIo {
  const io: ProcessIo = {
    program,
    args: process.argv.slice(2),
    env: { ...process.env },
    cwd: process.cwd(),
    stdin: processInput(),
    stdout: processOutput(1, (error) => {
      const exit = (): never => process.exit(exitCodeOf(undefined, program));
      outputFailed(error, io).then(exit, exit);
    }),
    stderr: processOutput(2),
    now: () => new Date(),
    zoneOffset: (milliseconds) => -new Date(milliseconds).getTimezoneOffset(),
    signal,
  };
  return io;
}

// A verdict that nobody could read is no success.
async function outputFailed(error: NodeJS.ErrnoException, io: CliIo): Promise<void> {
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.brokenPipe);
  // a terminal that was closed: the shell's signal comes later, or not at all
  if (error.code === 'EIO' && fstatSync(1).isCharacterDevice()) process.exit(EXIT_CODES.hungUp);
  const { systemError } = await import('./files.ts');
  const { Printer } = await import('./printer.ts');
  const { reportError } = await import('./report-error.ts');
  const printer = new Printer(io.stdout, io.stderr);
  await reportError(systemError(error, 'standard output'), { io, printer });
}
