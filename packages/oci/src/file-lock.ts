import { constants, readFileSync, readlinkSync } from 'node:fs';
import { copyFile, link, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { type Clock, sleep, systemClock } from '@nv2/http';

/** How {@link lockFile} waits. */
export interface FileLockOptions {
  /** How long another holder is waited for, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** A lock that is held. */
export interface FileLock {
  release(): Promise<void>;
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  /** When the process started, in the kernel's own count: a process id is used again. */
  readonly started: string;
  /** Where process ids mean the same: the machine, its boot and the container. */
  readonly space: string;
}

const POLL_MS = 20;
const HEARTBEAT_MS = 10_000;
/** A holder that cannot be looked at, and has shown no sign of life for so long, is gone. */
const SILENCE_MS = 60_000;

/**
 * Takes a lock that processes share by the name of a file, which says who holds it. A lock whose
 * process has ended is taken over; that of another machine or container, where a process cannot be
 * looked at, when it was not refreshed for a minute.
 *
 * @returns undefined if another holder does not let go in time
 * @throws the error of the file system as it is; HttpError `HTTP_ABORTED`, whose cause is the reason of
 *   `options.signal`
 */
export async function lockFile(
  path: string,
  options: FileLockOptions,
): Promise<FileLock | undefined> {
  const { timeoutMs, clock = systemClock, random = Math.random } = options;
  const signal = options.signal ?? new AbortController().signal;
  const deadline = clock.now() + timeoutMs;
  while (!(await tryCreate(path))) {
    if (await removeIfAbandoned(path)) continue;
    if (clock.now() >= deadline) return undefined;
    await sleep(POLL_MS * (0.5 + random()), clock, signal);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS).unref();
  return {
    release: async () => {
      clearInterval(heartbeat);
      await unlink(path).catch(() => undefined);
    },
  };
}

/** Creates the lock with its content in one step, so that nobody sees it without its holder. */
async function tryCreate(path: string): Promise<boolean> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, encode(ourselves()), { flag: 'wx' });
    await link(temporary, path).catch(async (error: unknown) => {
      if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(errno(error))) throw error;
      await copyFile(temporary, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** True if it is worth another try at once. */
async function removeIfAbandoned(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return true;
  if (!(await isAbandoned(text, path))) return false;
  // only one of those who see an abandoned lock may remove it, or a fresh one would go with it
  const guard = `${path}.takeover`;
  if (!(await tryCreate(guard))) return removeDeadGuard(guard);
  try {
    const again = await readFile(path, 'utf8').catch(() => undefined);
    if (again === text) await unlink(path).catch(() => undefined);
    return true;
  } finally {
    await unlink(guard).catch(() => undefined);
  }
}

async function removeDeadGuard(guard: string): Promise<boolean> {
  const text = await readFile(guard, 'utf8').catch(() => undefined);
  if (text === undefined) return true;
  if (!(await isAbandoned(text, guard))) return false;
  await unlink(guard).catch(() => undefined);
  return true;
}

async function isAbandoned(text: string, path: string): Promise<boolean> {
  const holder = parse(text);
  const us = ourselves();
  // it tells nothing, or of processes that cannot be looked at from here
  if (holder === undefined || holder.space !== us.space) return await isSilent(path);
  if (holder.pid === us.pid) return holder.started !== us.started;
  return !isRunning(holder.pid) || holder.started !== startOf(holder.pid);
}

/** Both times are the file system's own, whatever the clocks of its users say. */
async function isSilent(path: string): Promise<boolean> {
  const probe = temporaryName(path);
  try {
    await writeFile(probe, '', { flag: 'wx' });
    const [now, then] = await Promise.all([stat(probe), stat(path)]);
    return now.mtimeMs - then.mtimeMs > SILENCE_MS;
  } catch (error) {
    if (errno(error) === 'ENOENT') return true;
    throw error;
  } finally {
    await unlink(probe).catch(() => undefined);
  }
}

function touch(path: string): void {
  const now = Date.now() / 1000;
  // one that cannot be refreshed is at worst waited for in vain
  utimes(path, now, now).catch(() => undefined);
}

function encode({ pid, started, space }: Holder): string {
  return `${JSON.stringify({ pid, started, space })}\n`;
}

function parse(text: string): Holder | undefined {
  const match = /^\{"pid":(\d{1,10}),"started":"([^"\\]*)","space":"([^"\\]*)"\}\n$/.exec(text);
  if (match === null) return undefined;
  return { pid: Number(match[1]), started: match[2] ?? '', space: match[3] ?? '' };
}

function ourselves(): Holder {
  return { pid: process.pid, started: startOf(process.pid), space: processSpace() };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errno(error) !== 'ESRCH';
  }
}

function startOf(pid: number): string {
  const fallback = pid === process.pid ? String(Math.round(performance.timeOrigin)) : '-';
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the 22nd field; the 2nd is in parentheses and may hold anything
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? fallback;
  } catch {
    return fallback;
  }
}

function processSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname().replace(/["\\]/g, '');
  }
}

function temporaryName(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
}

function errno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
