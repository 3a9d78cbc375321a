import { fstatSync, writeSync } from 'node:fs';
import type { InputStream, OutputStream } from './context.ts';

/** An output of the process, and when all that was written to it has left. */
export type ProcessOutput = OutputStream & { readonly drained: () => Promise<void> };

/**
 * Standard output (1) or error (2). What is written leaves before `write` returns, as with Node's own
 * stream on files, terminals and pipes. That stream is opened only where a descriptor that others
 * have made non-blocking is full: to open it takes longer than many a command.
 *
 * @param onFailure hears once of output that failed, and ends the process; without it, a failure is
 *   nobody's concern
 */
export function processOutput(
  descriptor: 1 | 2,
  onFailure?: (error: NodeJS.ErrnoException) => void,
): ProcessOutput {
  let stream: NodeJS.WriteStream | undefined;
  let hasFailed = false;
  const fail = (error: unknown): void => {
    if (!hasFailed) onFailure?.(error as NodeJS.ErrnoException);
    hasFailed = true;
  };
  return {
    get isTTY() {
      return isTerminal(descriptor);
    },
    get columns() {
      if (!isTerminal(descriptor)) return undefined;
      return (descriptor === 1 ? process.stdout : process.stderr).columns;
    },
    write: (data) => {
      if (hasFailed) return;
      const bytes = Buffer.from(data);
      try {
        const rest = stream === undefined ? writeAtOnce(descriptor, bytes) : bytes;
        if (rest.length === 0) return;
        stream ??= openStream(descriptor, fail);
        stream.write(rest);
      } catch (error) {
        fail(error);
      }
    },
    drained: () =>
      new Promise((resolve) => {
        const settle = (): void => {
          if (!hasFailed || onFailure === undefined) resolve();
        };
        if (stream === undefined || hasFailed) settle();
        else stream.write('', settle);
      }),
  };
}

// The rest, from where the descriptor takes no more.
function writeAtOnce(descriptor: number, bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return rest;
}

function openStream(descriptor: 1 | 2, fail: (error: Error) => void): NodeJS.WriteStream {
  return (descriptor === 1 ? process.stdout : process.stderr).on('error', fail);
}

/** Standard input. */
export function processInput(): InputStream {
  return {
    get isTTY() {
      return isTerminal(0);
    },
    get setRawMode() {
      return isTerminal(0) ? (on: boolean) => process.stdin.setRawMode(on) : undefined;
    },
    [Symbol.asyncIterator]: readInput,
  };
}

// What is opened or read of a terminal that was closed is an end or an error, as the moment has it.
function readInput(): AsyncIterator<Uint8Array> {
  const end = { done: true, value: undefined } as const;
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return {
    next: async () => {
      try {
        chunks ??= process.stdin[Symbol.asyncIterator]();
        return await chunks.next();
      } catch (error) {
        if (fstatSync(0).isCharacterDevice()) return end;
        throw error;
      }
    },
    return: async () => (await chunks?.return?.()) ?? end,
  };
}

// node:tty is not needed by most commands, and is long in loading
function isTerminal(descriptor: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}
