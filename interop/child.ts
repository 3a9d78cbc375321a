// Foreign programs that serve: started, waited for, and ended by their own process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** A program that runs until it is stopped. */
export interface Serving {
  /** The port on which it said it serves. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts a program that takes a free port and says which.
 *
 * @param said the text in which it says so, the port in the first group
 * @throws Error if it ends before, with what it said
 */
export async function startServing(
  program: string,
  args: readonly string[],
  said: RegExp,
): Promise<Serving> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const port = await portFrom([child.stdout, child.stderr], { child, said });
    // what it says from here on is nobody's concern, but must not fill the pipe
    for (const stream of [child.stdout, child.stderr]) stream.resume();
    return { port, stop: () => stopped(child) };
  } catch (error) {
    await stopped(child);
    throw error;
  }
}

/** What has to be stopped. */
interface Stoppable {
  stop(): Promise<void>;
}

/** Waits until all have started; if one cannot, the others are stopped again. */
export async function startAll<T extends readonly Stoppable[]>(
  ...starts: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  const settled = await Promise.allSettled<Stoppable>(starts);
  const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return started as unknown as T;
  await Promise.all(started.map((one) => one.stop()));
  throw failed.reason;
}

/** Ends a child, and waits until it has ended. */
export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

function portFrom(
  streams: readonly Readable[],
  { child, said }: { readonly child: ChildProcess; readonly said: RegExp },
): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk: Buffer): void => {
      text += chunk.toString();
      const port = said.exec(text)?.[1];
      if (port === undefined) return;
      for (const stream of streams) stream.off('data', listen);
      resolve(Number(port));
    };
    for (const stream of streams) stream.on('data', listen);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}: ${text}`)));
  });
}
