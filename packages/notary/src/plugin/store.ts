import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemReason } from '@nv2/core';
import { type CallOptions, type FileLock, lockFile, makeDirectory } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { systemCode } from '../files/read-file.ts';
import { TEMPORARY_PREFIX } from './names.ts';

const OLD_PREFIX = `${TEMPORARY_PREFIX}old-`;
const LOCK = '.nv2-plugins.lock';
/** Longer than a plugin may take to say what it is, twice. */
const LOCK_TIMEOUT_MS = 60_000;
const RESTORE_TIMEOUT_MS = 2000;

/** A plugin on its way into a directory of plugins. */
export interface Stage {
  /** Where its files are gathered. */
  readonly files: string;
  /** For what has to be kept beside them meanwhile. */
  readonly scratch: string;
  /**
   * Puts the files in the place of the plugin of that name. At no time is part of them there; when
   * the process ends in between, {@link restorePlugins} brings the old ones back.
   */
  replace(name: string): Promise<void>;
}

/**
 * Does work on a directory of plugins that nobody else works on meanwhile. What an interrupted run
 * has left there is cleared first, and what this one leaves afterwards.
 *
 * @param options its signal ends the wait for somebody else
 * @throws NotaryError `NOTARY_PLUGIN_INSTALL_FAILED`; what the work throws
 */
export async function withStage<T>(
  directory: string,
  work: (stage: Stage) => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  const { lock, root } = await prepare(directory, options);
  try {
    const stage = { files: join(root, 'files'), scratch: join(root, 'scratch') };
    await mkdir(stage.files);
    await mkdir(stage.scratch);
    return await work({ ...stage, replace: (name) => replace(directory, stage.files, name) });
  } catch (cause) {
    throw isSystemError(cause) ? installFailed(directory, cause) : cause;
  } finally {
    await rm(root, { recursive: true, force: true }).catch(() => undefined);
    await lock.release();
  }
}

/**
 * Takes a plugin out of the directory, in one step.
 *
 * @throws NotaryError `NOTARY_PLUGIN_INSTALL_FAILED`; the error of the file system
 */
export async function takeOut(
  directory: string,
  name: string,
  options: CallOptions = {},
): Promise<void> {
  const take = ({ scratch }: Stage): Promise<void> =>
    rename(join(directory, name), join(scratch, name));
  await withStage(directory, take, options);
}

/**
 * Brings back plugins that were being replaced when a process ended. Does nothing where another
 * process is at work, or where the directory cannot be written.
 */
export async function restorePlugins(directory: string): Promise<void> {
  const interrupted = await names(directory).catch(() => []);
  if (!interrupted.some((name) => name.startsWith(OLD_PREFIX))) return;
  const path = join(directory, LOCK);
  const lock = await lockFile(path, { timeoutMs: RESTORE_TIMEOUT_MS }).catch(() => undefined);
  if (lock === undefined) return;
  try {
    await restoreOld(directory);
  } catch {
    // a directory that cannot be written is used as it is
  } finally {
    await lock.release();
  }
}

async function prepare(
  directory: string,
  { signal }: CallOptions,
): Promise<{ lock: FileLock; root: string }> {
  let lock: FileLock | undefined;
  try {
    await makeDirectory(directory, 0o755);
    lock = await lockFile(join(directory, LOCK), { timeoutMs: LOCK_TIMEOUT_MS, signal });
    if (lock === undefined) {
      throw new NotaryError(
        'NOTARY_PLUGIN_INSTALL_FAILED',
        `another process is changing the plugins in ${directory}`,
        { data: { path: directory }, hint: 'try again when it has ended' },
      );
    }
    await restoreOld(directory);
    await clear(directory);
    return { lock, root: await mkdtemp(join(directory, TEMPORARY_PREFIX)) };
  } catch (cause) {
    await lock?.release();
    signal?.throwIfAborted();
    throw cause instanceof NotaryError ? cause : installFailed(directory, cause);
  }
}

async function replace(directory: string, files: string, name: string): Promise<void> {
  const target = join(directory, name);
  const old = join(directory, `${OLD_PREFIX}${name}`);
  try {
    await chmod(files, 0o755);
    await syncDirectory(files);
    // no system call that Node has puts one directory in the place of another: two steps it takes,
    // and between them the old one is under a name from which it is found again
    const moved = await renameIfThere(target, old);
    await rename(files, target).catch(async (cause: unknown) => {
      if (moved) await rename(old, target);
      throw cause;
    });
    await syncDirectory(directory);
  } catch (cause) {
    throw installFailed(directory, cause, name);
  }
  // what is left of it is cleared next time
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

async function restoreOld(directory: string): Promise<void> {
  for (const entry of await names(directory)) {
    if (!entry.startsWith(OLD_PREFIX)) continue;
    const target = join(directory, entry.slice(OLD_PREFIX.length));
    const isThere = await stat(target).then(
      () => true,
      () => false,
    );
    if (!isThere) await rename(join(directory, entry), target);
  }
}

async function clear(directory: string): Promise<void> {
  for (const entry of await names(directory)) {
    if (entry.startsWith(TEMPORARY_PREFIX)) {
      await rm(join(directory, entry), { recursive: true, force: true });
    }
  }
}

async function names(directory: string): Promise<readonly string[]> {
  return await readdir(directory);
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false;
    throw cause;
  }
}

async function syncDirectory(path: string): Promise<void> {
  // not every file system lets a directory be opened; then the rename is as durable as it gets
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function installFailed(directory: string, cause: unknown, name?: string): NotaryError {
  const { reason, hint } = systemReason(cause) ?? {
    reason: cause instanceof Error ? cause.message : String(cause),
    hint: 'verify permissions and free space there',
  };
  return new NotaryError(
    'NOTARY_PLUGIN_INSTALL_FAILED',
    `the plugins in ${directory} could not be changed: ${reason}`,
    {
      cause,
      data: { path: directory, ...(name !== undefined && { plugin: name }) },
      hint,
    },
  );
}
