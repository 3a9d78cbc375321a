import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { systemClock } from '@nv2/http';

/** More output than this, on either stream, is refused. */
export const MAX_PLUGIN_OUTPUT_BYTES: number = 64 * 1024 * 1024;

/** How {@link runExecutable} runs a program. */
export interface RunOptions {
  readonly input: Uint8Array;
  readonly timeoutMs: number;
  /** Default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly maxOutputBytes?: number;
}

/** How a program ended. */
export type RunResult =
  | {
      readonly kind: 'exited';
      /** Undefined: a signal ended it. */
      readonly exitCode: number | undefined;
      /** The name of that signal. */
      readonly signal: string | undefined;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
    }
  | { readonly kind: 'not-started'; readonly cause: Error }
  | { readonly kind: 'timeout' | 'too-much-output' };

/**
 * Runs a program without a shell, with one argument, and gives what it printed. It is the first of a
 * process group of its own; when time, output or the caller's patience end, the whole group is
 * killed, so that nothing that it has started outlives it.
 *
 * @throws the reason of `options.signal`
 */
export async function runExecutable(
  path: string,
  argument: string,
  options: RunOptions,
): Promise<RunResult> {
  const { signal, environment, maxOutputBytes = MAX_PLUGIN_OUTPUT_BYTES } = options;
  signal?.throwIfAborted();
  const child = await start(path, argument, environment);
  if (child instanceof Error) return { kind: 'not-started', cause: child };
  let cutShort: (why: Cut) => void = () => undefined;
  const cut = new Promise<Cut>((resolve) => {
    cutShort = resolve;
  });
  const stopTimer = systemClock.setTimer(() => cutShort('timeout'), options.timeoutMs);
  const onAbort = (): void => cutShort('aborted');
  signal?.addEventListener('abort', onAbort, { once: true });
  // a program that ends without reading its input is judged by what it prints
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  try {
    const tooMuch = (): void => cutShort('too-much-output');
    const ended = await Promise.race([finished(child, { maxOutputBytes, tooMuch }), cut]);
    if (ended === 'aborted') signal?.throwIfAborted();
    if (typeof ended === 'object') return ended;
    return { kind: ended === 'timeout' ? 'timeout' : 'too-much-output' };
  } finally {
    stopTimer();
    signal?.removeEventListener('abort', onAbort);
    endGroup(child);
  }
}

type Cut = 'timeout' | 'aborted' | 'too-much-output';
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** The program once it runs, or why it does not: some reasons Node throws, and some it tells later. */
async function start(
  path: string,
  argument: string,
  environment: RunOptions['environment'],
): Promise<Child | Error> {
  // what most verifications do without, and takes long to be loaded
  const { spawn } = await import('node:child_process');
  try {
    const child = spawn(path, [argument], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      ...(environment && { env: { ...environment } }),
    });
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

async function finished(
  child: Child,
  limits: { readonly maxOutputBytes: number; tooMuch(): void },
): Promise<RunResult> {
  const stdout = collect(child.stdout, limits);
  const stderr = collect(child.stderr, limits);
  const [exitCode, signal] = await once(child, 'close');
  return {
    kind: 'exited',
    exitCode: typeof exitCode === 'number' ? exitCode : undefined,
    signal: typeof signal === 'string' ? signal : undefined,
    stdout: stdout(),
    stderr: stderr(),
  };
}

function collect(
  stream: Readable,
  limits: { readonly maxOutputBytes: number; tooMuch(): void },
): () => Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  stream.on('data', (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > limits.maxOutputBytes) limits.tooMuch();
    else chunks.push(chunk);
  });
  stream.on('error', () => undefined);
  return () => Buffer.concat(chunks);
}

function endGroup(child: Child): void {
  child.stdout.destroy();
  child.stderr.destroy();
  if (child.pid === undefined) return;
  try {
    // the group outlives its first process while anything in it runs
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // nothing of it is left
  }
}
