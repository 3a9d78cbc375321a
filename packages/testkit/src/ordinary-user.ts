import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = 0;
const NOBODY = 65_534;

/**
 * Does the work as a user whom permissions bind: root becomes nobody for its time, anybody else
 * stays. The directory and what is in it are given to that user first. Nothing else may run in this
 * process meanwhile, since the whole process changes.
 */
export async function asOrdinaryUser<T>(dir: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== ROOT) return await work();
  const below = await readdir(dir, { recursive: true });
  for (const path of [dir, ...below.map((name) => join(dir, name))]) {
    await lchown(path, NOBODY, NOBODY);
  }
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(ROOT);
    process.setegid?.(ROOT);
  }
}
