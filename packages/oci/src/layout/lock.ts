import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { type Clock, sleep } from '@nv2/http';
import { OciError } from '../errors.ts';
import { errnoOf, layoutError } from './files.ts';

/** How {@link withLock} waits. */
export interface LockOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How long another holder is waited for. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, ms since the epoch: a process id is used again. */
  readonly startedAt: number;
}

const POLL_MS = 20;

/**
 * Calls `use` while a lock file is held. The file names its holder; that of a process of this host
 * that has ended is taken over.
 * @throws OciError `OCI_LAYOUT_LOCKED` if another holder does not let go in time
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  use: () => Promise<T>,
): Promise<T> {
  await acquire(path, options);
  try {
    return await use();
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

async function acquire(path: string, options: LockOptions): Promise<void> {
  const { clock, random, timeoutMs } = options;
  const signal = options.signal ?? new AbortController().signal;
  const deadline = clock.now() + timeoutMs;
  while (!(await tryCreate(path))) {
    if (await removeIfAbandoned(path)) continue;
    if (clock.now() >= deadline) throw locked(path, timeoutMs);
    await sleep(POLL_MS * (0.5 + random()), clock, signal);
  }
}

/** Creates the lock with its content in one step, so that nobody sees it without its holder. */
async function tryCreate(path: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: hostname(), startedAt: startedAt() };
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    await writeFile(temporary, JSON.stringify(holder), { flag: 'wx' });
    await link(temporary, path);
    return true;
  } catch (cause) {
    const reason = errnoOf(cause);
    if (reason === 'EEXIST') return false;
    throw layoutError(cause, 'lock', path);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function removeIfAbandoned(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return true;
  if (!isAbandoned(text)) return false;
  // only one of those who see an abandoned lock may remove it, or a fresh one would go with it
  const guard = `${path}.takeover`;
  if (!(await tryCreate(guard))) return false;
  try {
    const again = await readFile(path, 'utf8').catch(() => undefined);
    if (again === text) await unlink(path).catch(() => undefined);
    return true;
  } finally {
    await unlink(guard).catch(() => undefined);
  }
}

function isAbandoned(text: string): boolean {
  const holder = parseHolder(text);
  if (holder === undefined || holder.host !== hostname()) return false;
  if (holder.pid === process.pid) return holder.startedAt !== startedAt();
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return errnoOf(error) === 'ESRCH';
  }
}

function parseHolder(text: string): Holder | undefined {
  const match = /^\{"pid":(\d{1,10}),"host":"([^"\\]*)","startedAt":(\d{1,15})\}$/.exec(text);
  if (match === null) return undefined;
  return { pid: Number(match[1]), host: match[2] ?? '', startedAt: Number(match[3]) };
}

function startedAt(): number {
  return Math.round(performance.timeOrigin);
}

function locked(path: string, timeoutMs: number): OciError {
  return new OciError('OCI_LAYOUT_LOCKED', `${path} is held by another process`, {
    hint: `wait for the other process to end; if there is none, delete ${path}`,
    data: { path, timeoutMs },
  });
}
