import { copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryError } from '../errors.ts';
import { hasCode } from './steps.ts';

/**
 * Takes a directory for this process alone; returns what gives it back. A lock whose process is
 * gone (`kill -9`, power cut) does not count. Not for directories shared between machines.
 * @throws RegistryError `REGISTRY_DIRECTORY_LOCKED`
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  const mine = join(directory, `lock.${process.pid}.${crypto.randomUUID()}`);
  const content = `${process.pid} ${await startTime(process.pid)}\n`;
  try {
    await writeFile(mine, content, { flag: 'wx' });
    if (!(await claim(mine, path))) {
      await removeIfStale(path, `${mine}.stale`);
      if (!(await claim(mine, path))) throw locked(directory);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return () => rm(path, { force: true });
}

async function claim(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS')) throw error;
      await copyFile(mine, path, 1 /* COPYFILE_EXCL */);
    });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function removeIfStale(path: string, aside: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => '');
  if (await isHeld(held)) return;
  await rename(path, aside).catch(() => undefined);
  // whoever was quicker to replace the stale lock gets his own back
  const moved = await readFile(aside, 'utf8').catch(() => held);
  if (moved !== held) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isHeld(content: string): Promise<boolean> {
  const [pid, started] = content.trim().split(' ');
  if (pid === undefined || started === undefined) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
  }
  return started === (await startTime(Number(pid)));
}

/** When a process started, in the kernel's own count: a number may come back, both do not. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): the 22nd field; the 2nd is in parentheses and may hold anything
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}

function locked(directory: string): RegistryError {
  return new RegistryError(
    'REGISTRY_DIRECTORY_LOCKED',
    `${directory} is used by another process of the registry`,
    { hint: 'stop the other process first', data: { directory } },
  );
}
