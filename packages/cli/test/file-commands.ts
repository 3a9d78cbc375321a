import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { makeTarGz, type ScriptCommand, type ScriptOutcome } from '@nv2/testkit';

type FileWork = (args: readonly string[], stdin: string) => Promise<string>;

/** What scripts do with files: paths are relative to `dir`. */
export function fileCommands(dir: string): Readonly<Record<string, ScriptCommand>> {
  const at = (path = ''): string => resolve(dir, path);
  const works: Readonly<Record<string, FileWork>> = {
    // writes standard input without its last line feed
    write: async ([path], stdin) => {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), stdin.replace(/\n$/, ''));
      return '';
    },
    // writes a file again in another encoding, its text or its PEM block
    encode: async ([encoding, from, to]) => {
      const text = await readFile(at(from), 'utf8');
      await writeFile(at(to), reencode(text, encoding));
      return '';
    },
    // the first bytes of a file
    truncate: async ([from, length, to]) => {
      await writeFile(at(to), (await readFile(at(from))).subarray(0, Number(length)));
      return '';
    },
    // writes standard input as a program that can be run
    program: async ([path], stdin) => {
      await writeFile(at(path), stdin);
      await chmod(at(path), 0o755);
      return '';
    },
    // fails unless two files have the same bytes
    same: async ([one, other]) => {
      assert.deepEqual(await readFile(at(one)), await readFile(at(other)), `${one} ${other}`);
      return '';
    },
    cat: ([path]) => readFile(at(path), 'utf8'),
    copy: async ([from, to]) => {
      await mkdir(dirname(at(to)), { recursive: true });
      await writeFile(at(to), await readFile(at(from)));
      return '';
    },
    // the files of a directory as a compressed archive
    archive: async ([path, target]) => {
      const entries = await readdir(at(path), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const parts = files.map(async ({ parentPath, name }) => ({
        name: relative(at(path), join(parentPath, name)),
        content: await readFile(join(parentPath, name), 'utf8'),
      }));
      await writeFile(at(target), makeTarGz(await Promise.all(parts)));
      return '';
    },
    list: async ([path]) => {
      const names = await readdir(at(path)).catch(() => []);
      return names
        .sort()
        .map((name) => `${name}\n`)
        .join('');
    },
    mode: async ([path]) => `${((await stat(at(path))).mode & 0o777).toString(8)}\n`,
    chmod: async ([mode = '', path]) => {
      await chmod(at(path), Number.parseInt(mode, 8));
      return '';
    },
    // writes a file again with one text in place of another
    replace: async ([path, from = '', to = '']) => {
      const text = await readFile(at(path), 'utf8');
      assert.ok(text.includes(from), `${path} has no ${from}`);
      await writeFile(
        at(path),
        text.replace(from, () => to),
      );
      return '';
    },
    mkdir: async ([path]) => {
      await mkdir(at(path), { recursive: true });
      return '';
    },
    link: async ([target, path]) => {
      await symlink(at(target), at(path));
      return '';
    },
    remove: async ([path]) => {
      await rm(at(path), { recursive: true, force: true });
      return '';
    },
  };
  return Object.fromEntries(
    Object.entries(works).map(([name, work]) => [
      name,
      async ({ args, stdin }): Promise<ScriptOutcome> => ({
        stdout: await work(args, stdin),
        stderr: '',
        exitCode: 0,
      }),
    ]),
  );
}

function reencode(text: string, encoding = ''): Uint8Array {
  switch (encoding) {
    case 'bom':
      return Buffer.from(`\ufeff${text}`);
    case 'utf-16':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'der':
      return Buffer.from(text.replace(/-----.*-----/g, ''), 'base64');
    default:
      throw new RangeError(`no encoding is called ${encoding}`);
  }
}
