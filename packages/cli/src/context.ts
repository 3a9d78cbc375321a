import type { Environment } from './environment.ts';
import type { Input } from './input.ts';
import type { Interruption } from './interrupt.ts';
import type { Logger } from './log.ts';
import type { CommandFlags } from './parse/command-flags.ts';
import type { Printer } from './printer.ts';
import type { CommandSpec, ProgramName } from './table/types.ts';

/** A stream that text is written to. */
export interface OutputStream {
  readonly isTTY: boolean;
  /** How many characters a line of the terminal has, where that is known. */
  readonly columns?: number | undefined;
  write(data: string | Uint8Array): void;
}

/** Standard input. */
export interface InputStream extends AsyncIterable<Uint8Array> {
  readonly isTTY: boolean;
  /** Switches a terminal to giving every key as it is, without echo; absent where there is none. */
  readonly setRawMode?: ((on: boolean) => void) | undefined;
}

/** Everything that a run of the program takes from the world around it. */
export interface CliIo {
  readonly program: ProgramName;
  /** The command line after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative paths on the command line are taken from. */
  readonly cwd: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly now: () => Date;
  /** Minutes that local time is east of UTC at a moment. */
  readonly zoneOffset: (milliseconds: number) => number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a command runs with. */
export interface CommandContext {
  readonly io: CliIo;
  readonly program: ProgramName;
  /** From the root of the table to the command. */
  readonly path: readonly CommandSpec[];
  readonly command: CommandSpec;
  readonly flags: CommandFlags;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly printer: Printer;
  readonly input: Input;
  readonly interruption: Interruption;
  readonly log: Logger;
}
