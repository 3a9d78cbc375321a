import { commandName } from './command-name.ts';
import type { CliIo, CommandContext } from './context.ts';
import { type Environment, hidingVariables, readEnvironment } from './environment.ts';
import { CliError, usageError } from './errors.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { Input } from './input.ts';
import { type Interruption, interrupted, isInterrupted, untilAborted } from './interrupt.ts';
import { type Logger, lineLog, noLog } from './log.ts';
import { CommandFlags } from './parse/command-flags.ts';
import { assertCommand, type FoundCommand, findCommand, flagsOf } from './parse/find-command.ts';
import { parseFlags } from './parse/flag-set.ts';
import { checkFlagRules } from './parse/groups.ts';
import { Printer } from './printer.ts';
import { secretVariables } from './secret-variables.ts';
import { ROOT } from './table/commands.ts';
import type { ProgramName } from './table/types.ts';

/** For closing connections and servers after an interrupt. */
const INTERRUPT_GRACE_MS = 5000;
const EXPERIMENTAL_WARNING =
  'This feature is experimental and may not be fully tested or completed and may be deprecated. Report any issues to "https://github/notaryproject/notation"';
const REFERRERS_API_WARNING =
  "flag '--allow-referrers-api' is deprecated and will be removed in future versions.";

/**
 * Runs one command line and gives the exit code, one of {@link EXIT_CODES}. Nothing outside `io` is read or written except files and the network.
 */
export async function run(io: CliIo): Promise<number> {
  const printer = new Printer(io.stdout, io.stderr);
  const input = new Input(io);
  const interruption: Interruption = {};
  const { env, cwd, program } = io;
  const environment = readEnvironment({ env, cwd, program, platform: process.platform });
  try {
    const work = execute(io, { printer, input, environment, interruption });
    await untilAborted(work, { signal: io.signal, graceMs: INTERRUPT_GRACE_MS });
    return EXIT_CODES.success;
  } catch (error) {
    const { reportError } = await import('./report-error.ts');
    if (io.signal.aborted || isInterrupted(error)) {
      // whatever the work ended with then, it is because of the signal
      if (program === 'nv2') await reportError(interrupted(interruption), { io, printer });
      return EXIT_CODES.interrupted;
    }
    await reportError(error, { io, printer });
    return exitCodeOf(error, io.program);
  } finally {
    input.close();
  }
}

interface Prepared {
  readonly printer: Printer;
  readonly input: Input;
  readonly environment: Environment;
  readonly interruption: Interruption;
}

async function execute(io: CliIo, prepared: Prepared): Promise<void> {
  if (io.args[0] === '__complete' || io.args[0] === '__completeNoDesc') {
    const { printCompletions } = await import('./complete.ts');
    printCompletions(io.args, { io, ...prepared });
    return;
  }
  const found = findCommand(ROOT, io.args, io.program);
  try {
    await executeFound(found, io, prepared);
  } catch (cause) {
    if (!needsUsage(cause)) throw cause;
    const name = commandName({ program: io.program, path: found.path });
    const meant = await flagMeant(cause, found, io.program);
    const usage = `see "${name} --help"`;
    throw new CommandFailure(
      { hint: meant === undefined ? usage : `${meant}; ${usage}` },
      { cause },
    );
  }
}

async function executeFound(found: FoundCommand, io: CliIo, prepared: Prepared): Promise<void> {
  const line = parseFlags(flagsOf(found.command, io.program), found.rest, {
    program: io.program,
  });
  const flags = new CommandFlags(line);
  const { load } = found.command;
  if (flags.isOn('help') || load === undefined) {
    if (!flags.isOn('help')) assertCommand(found, line.args, io.program);
    const { formatHelp } = await import('./help.ts');
    const { experimental } = prepared.environment;
    prepared.printer.text(formatHelp(found, { program: io.program, experimental }));
    return;
  }
  const context: CommandContext = {
    io,
    program: io.program,
    path: found.path,
    command: found.command,
    flags,
    args: line.args,
    ...prepared,
    environment: hidingVariables(prepared.environment, secretVariables(flags)),
    log: logOf(flags, io),
  };
  check(context, line.changed);
  await (await load()).run(context);
}

/** Whether the error says that the command line was misunderstood, and not yet what to do. */
function needsUsage(error: unknown): error is CliError {
  return error instanceof CliError && error.code === 'CLI_USAGE' && error.hint === undefined;
}

async function flagMeant(
  { data }: CliError,
  { command }: FoundCommand,
  program: ProgramName,
): Promise<string | undefined> {
  const { flag } = data;
  if (typeof flag !== 'string' || program !== 'nv2') return undefined;
  const { hintForUnknownFlag } = await import('./parse/unknown-flag.ts');
  return hintForUnknownFlag(
    flag,
    flagsOf(command, program).map(({ name }) => name),
  );
}

function logOf(flags: CommandFlags, { stderr, now }: CliIo): Logger {
  if (flags.isOn('debug')) return lineLog(stderr, { now, from: 'debug' });
  return flags.isOn('verbose') ? lineLog(stderr, { now, from: 'info' }) : noLog;
}

// The order of cobra: arguments, then what notation does in PreRun, required flags, groups.
function check(context: CommandContext, changed: ReadonlySet<string>): void {
  const { command, flags, program, args } = context;
  // a reference that was taken for the value of -o is not missing
  if (program === 'nv2') checkOutput(context);
  const problem = command.args?.(args, { program, isOn: (name) => flags.isOn(name) });
  if (problem !== undefined) throw usageError(problem);
  checkExperimental(context);
  if (program === 'notation') checkOutput(context);
  checkFlagRules(command, changed, program);
  if (flags.isOn('allow-referrers-api')) context.printer.warn(REFERRERS_API_WARNING);
}

function checkExperimental(context: CommandContext): void {
  const { command, flags, program, environment, printer } = context;
  const used = (command.flags ?? []).filter((f) => f.experimental && flags.isSet(f.name));
  if (used.length === 0 || program === 'nv2') return;
  if (environment.experimental) {
    printer.warn(EXPERIMENTAL_WARNING);
    return;
  }
  const names = used.map((flag) => `--${flag.name}`).join(',');
  throw new CliError(
    'CLI_EXPERIMENTAL_DISABLED',
    `flag(s) ${names} in "${commandName(context)}" is experimental and not enabled by default. To use, please set NOTATION_EXPERIMENTAL=1 environment variable`,
  );
}

function checkOutput({ command, flags, program }: CommandContext): void {
  const output = command.flags?.find((flag) => flag.name === 'output');
  if (output?.values === undefined) return;
  const format = flags.string('output');
  if (output.values.includes(format) || output.older?.includes(format)) return;
  const words =
    output.otherwise === undefined
      ? `invalid format: ${JSON.stringify(format)}`
      : `${output.otherwise} ${format}`;
  throw usageError(
    program === 'nv2' ? `${words}, expected one of ${output.values.join(', ')}` : words,
  );
}
