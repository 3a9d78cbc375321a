import { type FileHandle, link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RegistryError } from '../errors.ts';

/** What is about to happen on the disk. */
export interface DurableStep {
  readonly kind:
    | 'make-directory'
    | 'create'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'rename'
    | 'link'
    | 'unlink'
    | 'sync-directory';
  readonly path: string;
}

/** Called before each step; what it throws happens instead of the step. For fault injection. */
export type StepHook = (step: DurableStep) => void;

/** The steps that storage on disk is made of. Each changes the disk once, or fails. */
export class DurableSteps {
  readonly #hook: StepHook;

  constructor(hook: StepHook = () => undefined) {
    this.#hook = hook;
  }

  /** Announces a step that the caller does itself. */
  announce(kind: DurableStep['kind'], path: string): void {
    this.#hook({ kind, path });
  }

  /** Creates a directory with its parents, each of which survives a power cut. */
  async ensureDirectory(path: string): Promise<void> {
    try {
      await this.#makeDirectory(path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
      await this.ensureDirectory(dirname(path));
      // where it is missing still, as below /proc, no further try would help
      await this.#makeDirectory(path);
    }
  }

  async #makeDirectory(path: string): Promise<void> {
    try {
      this.#hook({ kind: 'make-directory', path });
      await mkdir(path);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return;
      throw error;
    }
    await this.syncDirectory(dirname(path));
  }

  /** Opens a new file for writing. */
  async create(path: string): Promise<FileHandle> {
    this.#hook({ kind: 'create', path });
    return open(path, 'wx', 0o644);
  }

  async sync(file: FileHandle, path: string): Promise<void> {
    this.#hook({ kind: 'sync', path });
    await file.sync();
  }

  /** Renames, replacing at one stroke, and makes it last. Creates the directory if need be. */
  async rename(from: string, to: string): Promise<void> {
    await this.#into(to, async () => {
      this.#hook({ kind: 'rename', path: to });
      await rename(from, to);
    });
  }

  /** Adds a hard link and makes it last. False if there is no source, or no such thing as links. */
  async link(from: string, to: string): Promise<boolean> {
    try {
      await this.#into(to, async () => {
        this.#hook({ kind: 'link', path: to });
        await link(from, to).catch((error: unknown) => {
          if (!hasCode(error, 'EEXIST')) throw error;
        });
      });
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'EMLINK', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EXDEV')) return false;
      throw error;
    }
  }

  /** Removes a file for good. False if there was none. */
  async unlink(path: string): Promise<boolean> {
    try {
      this.#hook({ kind: 'unlink', path });
      await unlink(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
    await this.syncDirectory(dirname(path));
    return true;
  }

  async syncDirectory(path: string): Promise<void> {
    this.#hook({ kind: 'sync-directory', path });
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  async #into(path: string, action: () => Promise<void>): Promise<void> {
    await action().catch(async (error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
      await this.ensureDirectory(dirname(path));
      await action();
    });
    await this.syncDirectory(dirname(path));
  }
}

/** Whether an error of the operating system has one of the codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code !== undefined && codes.includes(code);
}

/** Runs an action on the disk, with errors of the operating system as errors of the registry. */
export async function onDisk<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw diskError(cause);
  }
}

/** An error of the operating system as an error of the registry; others stay as they are. */
export function diskError(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause || 'errno' in cause)) return cause;
  if (hasCode(cause, 'ENOSPC', 'EDQUOT', 'EFBIG')) {
    return new RegistryError('REGISTRY_STORAGE_FULL', 'no space left on the disk', {
      cause,
      hint: 'free space on the disk of the registry, or stop it and collect its garbage (nv2 registry gc)',
    });
  }
  return new RegistryError('REGISTRY_STORAGE_FAILED', `storage failed: ${cause.message}`, {
    cause,
    hint: 'see that the directory of the registry exists and may be written by its user',
  });
}
