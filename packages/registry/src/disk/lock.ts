import { join } from 'node:path';
import { lockFile } from '@nv2/oci';
import { RegistryError } from '../errors.ts';

/**
 * Takes a directory for this process alone; returns what gives it back.
 * @throws RegistryError `REGISTRY_DIRECTORY_LOCKED`
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  const lock = await lockFile(path, { timeoutMs: 0 });
  if (lock !== undefined) return lock.release;
  throw new RegistryError(
    'REGISTRY_DIRECTORY_LOCKED',
    `${directory} is used by another process of the registry`,
    {
      hint: 'stop the other process first; if it ran on another machine or in another container and has ended, try again in a minute',
      data: { directory, lock: path },
    },
  );
}
