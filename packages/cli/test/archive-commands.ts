import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { makeTarGz, type ScriptCommand } from '@nv2/testkit';
import { programOver } from './program-command.ts';

/** `tar FORM DIRECTORY FILE` makes an archive of a directory, `plain` or compressed by `zstd`. */
export function archiveCommands(dir: string): Readonly<Record<string, ScriptCommand>> {
  return {
    tar: async ({ args: [form = '', from = '', to = ''] }) => {
      const root = resolve(dir, from);
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const parts = entries
        .filter((entry) => entry.isFile())
        .map(async ({ parentPath, name }) => ({
          name: relative(root, join(parentPath, name)),
          content: await readFile(join(parentPath, name), 'utf8'),
        }));
      const tar = gunzipSync(makeTarGz(await Promise.all(parts)));
      await writeFile(resolve(dir, to), form === 'zstd' ? zstdCompressSync(tar) : tar);
      return { stdout: '', stderr: '', exitCode: 0 };
    },
  };
}

/** `feed FILE nv2 ARGUMENT...` runs the program with a file as its standard input. */
export function feedCommand(dir: string): ScriptCommand {
  return async ({ args: [file = '', , ...args], env }) => {
    const stdin = await readFile(resolve(dir, file));
    return await programOver('nv2', dir, { args, env, stdin });
  };
}
