// The order of the durable steps
//
// Small content (`put`: manifests, tags, entries of referrers): write a new file in `tmp/`, fsync
// it, rename it over its final name, fsync the directory of that name. Only then the caller goes on.
// Blobs (`upload`, `commit`): the chunks go to a file in `uploads/`; when the digest was found right
// fsync the file, rename it to its final name, fsync that directory. Before the rename the content
// has no name under which it could be served; after it, it is whole.
// Links: link, fsync the directory. Removals: unlink, fsync the directory. New directories: mkdir,
// fsync the parent, from the top down.
//
// A kill between any two steps therefore leaves the old state or the new one, and at most a file in
// `tmp/` (emptied when the directory is opened) or in `uploads/` (continued by its client, or expired).
// Chunks of an unfinished upload are not synced: a power cut may shorten it, and the client is told.
import { open, opendir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryError } from '../errors.ts';
import type { ByteRange, RegistryStorage, StoredObject, Upload } from '../storage.ts';
import { lockDirectory } from './lock.ts';
import { readChunks } from './read.ts';
import { DurableSteps, hasCode, onDisk, type StepHook } from './steps.ts';
import { DiskUpload } from './upload.ts';

/** Options of {@link diskStorage}. */
export interface DiskStorageOptions {
  /** Ages are counted by this clock, in ms since the epoch. */
  readonly now?: () => number;
  /** Whether a directory that is no registry yet becomes one; default true. */
  readonly create?: boolean;
  /** Called before each change to the disk: for tests that inject faults. */
  readonly onStep?: StepHook;
}

/** Storage in a directory that this process has for itself until it is closed. */
export interface DiskStorage extends RegistryStorage {
  /** Lets go of the directory. */
  close(): Promise<void>;
}

/** Says what the directory is, and in which version of the layout. */
const MARKER = 'nv2-registry.json';
const LAYOUT = '{"layout":1}\n';

/**
 * Opens the storage in a directory, which is made if it does not exist.
 * @throws RegistryError `REGISTRY_DIRECTORY_INVALID`, `REGISTRY_DIRECTORY_LOCKED`,
 *   `REGISTRY_STORAGE_FAILED`
 */
export async function diskStorage(
  directory: string,
  options: DiskStorageOptions = {},
): Promise<DiskStorage> {
  return onDisk(async () => {
    const steps = new DurableSteps(options.onStep);
    if (options.create !== false) await steps.ensureDirectory(directory);
    await assertOurs(directory, options.create !== false);
    const unlock = await lockDirectory(directory);
    try {
      await steps.ensureDirectory(join(directory, 'uploads'));
      const storage = new Disk(directory, { steps, now: options.now ?? Date.now, unlock });
      await rm(join(directory, 'tmp'), { recursive: true, force: true });
      await steps.ensureDirectory(join(directory, 'tmp'));
      await storage.put(MARKER, new TextEncoder().encode(LAYOUT));
      return storage;
    } catch (error) {
      await unlock();
      throw error;
    }
  });
}

/** A directory with other people's files is not ours to fill. */
async function assertOurs(directory: string, mayBeNew: boolean): Promise<void> {
  const marker = await readFile(join(directory, MARKER), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (marker === LAYOUT) return;
  const ours = /^(?:tmp|uploads|lost\+found|lock(?:\..*)?)$/;
  const foreign = (await readdir(directory)).find((name) => !ours.test(name));
  if (marker === undefined && foreign === undefined && mayBeNew) return;
  throw new RegistryError(
    'REGISTRY_DIRECTORY_INVALID',
    marker === undefined
      ? `${directory} is not a registry${foreign === undefined ? '' : `: it holds ${foreign}`}`
      : `${directory} has a layout of another version`,
    { hint: 'name an empty directory, or one that a registry made', data: { directory } },
  );
}

class Disk implements DiskStorage {
  readonly #directory: string;
  readonly #steps: DurableSteps;
  readonly #now: () => number;
  readonly #unlock: () => Promise<void>;

  constructor(
    directory: string,
    options: { steps: DurableSteps; now: () => number; unlock: () => Promise<void> },
  ) {
    this.#directory = directory;
    this.#steps = options.steps;
    this.#now = options.now;
    this.#unlock = options.unlock;
  }

  open(key: string): Promise<StoredObject | undefined> {
    const path = this.#path(key);
    return onDisk(async () => {
      const found = await stat(path).catch(ignoreMissing);
      if (found === undefined || !found.isFile()) return undefined;
      return {
        size: found.size,
        modified: found.mtimeMs,
        shared: found.nlink > 1,
        read: (range) => openForReading(path, range ?? { start: 0, end: found.size - 1 }),
        touch: async () => {
          const seconds = this.#now() / 1000;
          await onDisk(() => utimes(path, seconds, seconds).catch(ignoreMissing));
        },
      };
    });
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(key);
    const temporary = join(this.#directory, 'tmp', crypto.randomUUID());
    return onDisk(async () => {
      try {
        const file = await this.#steps.create(temporary);
        try {
          this.#steps.announce('write', temporary);
          await file.writeFile(bytes);
          await this.#steps.sync(file, temporary);
        } finally {
          await file.close();
        }
        await this.#steps.rename(temporary, path);
      } catch (error) {
        await this.#steps.unlink(temporary).catch(() => undefined);
        throw error;
      }
    });
  }

  link(from: string, to: string): Promise<boolean> {
    return onDisk(() => this.#steps.link(this.#path(from), this.#path(to)));
  }

  remove(key: string): Promise<boolean> {
    return onDisk(() => this.#steps.unlink(this.#path(key)));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const directory = await onDisk(() =>
      opendir(this.#path(prefix), { bufferSize: 256 }).catch(ignoreMissing),
    );
    if (directory === undefined) return;
    for await (const entry of directory) {
      yield entry.isDirectory() ? `${entry.name}/` : entry.name;
    }
  }

  upload(key: string, mode: 'create' | 'resume'): Promise<Upload | undefined> {
    const path = this.#path(key);
    const options = {
      steps: this.#steps,
      now: this.#now,
      pathOf: (target: string) => this.#path(target),
    };
    return onDisk(async () => {
      if (mode === 'create') {
        const file = await this.#steps.create(path);
        await file.close();
        return new DiskUpload(path, { ...options, size: 0 });
      }
      const found = await stat(path).catch(ignoreMissing);
      return found && new DiskUpload(path, { ...options, size: found.size });
    });
  }

  close(): Promise<void> {
    return onDisk(this.#unlock);
  }

  /** Keys are made of checked names; this is the second lock on the same door. */
  #path(key: string): string {
    const parts = key.split('/');
    const safe = parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/.test(part));
    if (!safe) throw new RegistryError('REGISTRY_NAME_INVALID', 'a key must not be a path');
    return join(this.#directory, ...parts);
  }
}

async function openForReading(
  path: string,
  range: ByteRange,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const file = await onDisk(() => open(path, 'r').catch(ignoreMissing));
  return file && readChunks(file, range);
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
}
