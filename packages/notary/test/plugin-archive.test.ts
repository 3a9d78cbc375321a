import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  makeTarGz,
  makeZip,
  type TarPart,
  withTempDir,
  type ZipLies,
  type ZipPart,
} from '@nv2/testkit';
import fc from 'fast-check';
import { NotaryError, type NotaryErrorCode } from '../src/errors.ts';
import { archiveKind, extractArchive } from '../src/plugin/archive/extract.ts';

const EXECUTABLE = 0o100755;
const LINK = 0o120777;
const MIB_256 = 256 * 1024 * 1024;

function isCode(code: NotaryErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof NotaryError && error.code === code;
}

function named(_: unknown, index: number): { readonly name: string } {
  return { name: `d/${index}` };
}

/** Unpacks an archive; the files with their contents and permissions. */
async function unpack(bytes: Uint8Array): Promise<Record<string, string>> {
  let files: Record<string, string> = {};
  await withTempDir(async (dir) => {
    const path = join(dir, 'archive');
    await writeFile(path, bytes);
    files = await unpackFile(path, dir);
  });
  return files;
}

async function unpackFile(path: string, dir: string): Promise<Record<string, string>> {
  const target = join(dir, 'files');
  await mkdir(target);
  const kind = await archiveKind(path);
  assert.ok(kind !== undefined, 'it is not taken for an archive');
  await extractArchive(path, target, kind);
  const files: Record<string, string> = {};
  for (const name of await readdir(target)) {
    const { mode } = await stat(join(target, name));
    files[name] = `${(mode & 0o7777).toString(8)} ${await readFile(join(target, name), 'utf8')}`;
  }
  return files;
}

function isInstalled(program: string): string | false {
  return spawnSync(program, ['-h']).error ? `${program} is not installed` : false;
}

/** A directory with an executable, a text, a directory; what a program packs it to. */
async function packed(
  command: readonly string[],
  archive: string,
): Promise<Record<string, string>> {
  let files: Record<string, string> = {};
  await withTempDir(async (dir) => {
    const source = join(dir, 'source');
    await mkdir(join(source, 'doc'), { recursive: true });
    await writeFile(join(source, 'notation-demo'), 'run me', { mode: 0o755 });
    await writeFile(join(source, 'LICENSE'), 'free '.repeat(1000));
    await writeFile(join(source, 'doc', 'README'), 'read me');
    const [program = '', ...args] = command;
    const { status, stderr } = spawnSync(program, args, { cwd: source });
    assert.equal(status, 0, stderr?.toString());
    files = await unpackFile(join(source, archive), dir);
  });
  return files;
}

const AT_ROOT = { LICENSE: `644 ${'free '.repeat(1000)}`, 'notation-demo': '755 run me' };

describe('a zip archive', () => {
  const zips: readonly (readonly [string, readonly string[]])[] = [
    ['the program zip', ['zip', '-r', 'a.zip', '.']],
    ['the program zip, stored', ['zip', '-0', '-r', 'a.zip', '.']],
    ['the program zip into a pipe', ['sh', '-c', 'zip -r - . > ../b && mv ../b a.zip']],
  ];
  for (const [by, command] of zips) {
    test(`made by ${by} gives the files at its root`, { skip: isInstalled('zip') }, async () => {
      assert.deepEqual(await packed(command, 'a.zip'), AT_ROOT);
    });
  }

  test('of another system than Unix gives files without the right to be run', async () => {
    const bytes = makeZip([
      { name: 'notation-demo', content: 'x', madeBy: 0x0014, mode: LINK },
      { name: 'lib/', madeBy: 0x0014 },
      { name: './LICENSE', content: 'y', mode: 0o107777 },
    ]);
    assert.deepEqual(await unpack(bytes), { 'notation-demo': '644 x', LICENSE: '755 y' });
  });

  test('that was written to a pipe gives its files, its sizes are behind them', async () => {
    const local = new Map([
      [6, 8],
      [14, 0],
      [18, 0],
      [22, 0],
    ]);
    const bytes = makeZip([{ name: 'a', content: 'aa', local }]);
    assert.deepEqual(await unpack(bytes), { a: '644 aa' });
  });

  test('with a comment gives its files', async () => {
    const bytes = makeZip([{ name: 'a', content: 'b' }], { comment: Buffer.from('hello') });
    assert.deepEqual(await unpack(bytes), { a: '644 b' });
  });

  const plain: ZipPart = { name: 'a', content: 'content' };
  const lying = (where: 'central' | 'local', at: number, value: number): ZipPart[] => [
    { ...plain, [where]: new Map([[at, value]]) },
  ];
  const refused: readonly (readonly [string, readonly ZipPart[], ZipLies?])[] = [
    ['security row 19: a name that leads out', [{ name: '../a' }]],
    ['security row 19: dots within a name', [{ name: 'a..b' }]],
    ['security row 19: dots below the root', [{ name: 'x/../../a' }]],
    ['security row 19: an absolute name', [{ name: '/etc/passwd' }]],
    ['security row 19: a name with a drive', [{ name: 'C:a' }]],
    ['security row 19: a backslash in a name', [{ name: 'x\\a' }]],
    ['security row 19: NUL in a name', [{ name: 'a\0b' }]],
    ['an empty name', [{ name: '' }]],
    ['security row 19: a symbolic link', [{ name: 'a', content: '/etc/passwd', mode: LINK }]],
    ['a link below the root', [{ name: 'x/a', content: '/etc', mode: LINK }]],
    ['a device', [{ name: 'a', mode: 0o020666 }]],
    ['a pipe', [{ name: 'a', mode: 0o010666 }]],
    ['a directory that is called a file', [{ name: 'a', mode: 0o040755 }]],
    ['two entries of one name', [plain, { ...plain, content: 'other' }]],
    ['two entries of one name, written in two ways', [plain, { ...plain, name: './a' }]],
    ['security row 1: entries without end', Array.from({ length: 10_001 }, named)],
    [
      'security row 3: two entries of the same bytes',
      [plain, { ...plain, name: 'b', localName: 'a', sameContent: true }],
    ],
    ['another name in front of the content', [{ ...plain, localName: 'b' }]],
    ['another size in front of the content', lying('local', 22, 6)],
    ['another packed size in front of the content', lying('local', 18, 6)],
    ['another checksum in front of the content', lying('local', 14, 6)],
    ['another method in front of the content', lying('local', 8, 0)],
    ['encryption that only the content names', lying('local', 6, 1)],
    ['encryption', lying('central', 8, 1)],
    ['strong encryption', lying('central', 8, 0x40)],
    ['a method that is not known', lying('central', 10, 12)],
    ['a wrong checksum', [{ ...plain, central: new Map([[16, 5]]), local: new Map([[14, 5]]) }]],
    [
      'a size that is too small',
      [{ ...plain, central: new Map([[24, 6]]), local: new Map([[22, 6]]) }],
    ],
    [
      'a size that is too large',
      [{ ...plain, central: new Map([[24, 8]]), local: new Map([[22, 8]]) }],
    ],
    ['a stored entry of two sizes', [{ ...plain, stored: true, central: new Map([[24, 6]]) }]],
    ['data behind the packed content', [{ ...plain, padding: 4 }]],
    ['content that goes on into the directory', lying('central', 20, 4000)],
    ['an offset into nothing', lying('central', 42, 4)],
    ['an offset behind the end', lying('central', 42, 0x7fffffff)],
    ['the zip64 mark of an entry', lying('central', 24, 0xffffffff)],
    ['another disk', lying('central', 34, 1)],
    ['data before the archive', [plain], { before: Buffer.from('PK\x03\x04 and more') }],
    ['an entry that its directory does not have', [plain], { before: makeZip([plain]) }],
    ['data between directory and end', [plain], { between: Buffer.from('x') }],
    ['data behind the end', [plain], { after: Buffer.from('x') }],
    ['the zip64 mark at the end', [plain], { end: new Map([[10, 0xffff]]) }],
    [
      'more entries than there are',
      [plain],
      {
        end: new Map([
          [8, 2],
          [10, 2],
        ]),
      },
    ],
    [
      'fewer entries than there are',
      [plain],
      {
        end: new Map([
          [8, 0],
          [10, 0],
        ]),
      },
    ],
    ['a second end in its comment', [plain], { comment: makeZip([]) }],
    ['several parts', [plain], { end: new Map([[4, 1]]) }],
  ];
  for (const [what, parts, lies] of refused) {
    test(`with ${what} is refused`.replace(/^with (security row \d+:) /, '$1 with '), async () => {
      await assert.rejects(unpack(makeZip(parts, lies)), isCode('NOTARY_PLUGIN_ARCHIVE_INVALID'));
    });
  }

  test('says which name with dots it has', async () => {
    const name = '../../../../../../../../tmp/evil.txt';
    await assert.rejects(unpack(makeZip([{ name: 'good' }, { name }])), (error) => {
      assert.ok(error instanceof NotaryError);
      assert.equal(error.data['name'], name);
      return true;
    });
  });

  test('security row 3: is refused by what it says before anything of it is unpacked', async () => {
    const central = new Map([[24, MIB_256]]);
    const bytes = makeZip([plain, { name: 'b', content: 'x', central }]);
    await assert.rejects(unpack(bytes), isCode('NOTARY_PLUGIN_TOO_LARGE'));
    const below = makeZip([
      { name: 'x/b', content: 'x', central, local: new Map([[22, MIB_256]]) },
    ]);
    assert.deepEqual(await unpack(below), {}, 'what is not unpacked does not count');
  });

  test('is unpacked or refused, whatever its bytes', async () => {
    const good = makeZip([
      { name: 'notation-demo', content: 'x'.repeat(200), mode: EXECUTABLE },
      { name: 'LICENSE', content: 'free', stored: true },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, value) => {
        const bytes = Uint8Array.from(good);
        if (at >= 4) bytes[at] = value;
        await unpack(bytes).catch((error: unknown) =>
          assert.ok(error instanceof NotaryError, String(error)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('a tar.gz archive', () => {
  test('made by the program tar gives its files by their base names', async () => {
    const files = await packed(
      ['tar', '-czf', 'a.tgz', 'doc', 'LICENSE', 'notation-demo'],
      'a.tgz',
    );
    assert.deepEqual(files, { ...AT_ROOT, README: '644 read me' });
  });

  test('gives no permission outside 0755', async () => {
    const bytes = makeTarGz([{ name: './bin/notation-demo', content: 'x', mode: 0o6777 }]);
    assert.deepEqual(await unpack(bytes), { 'notation-demo': '755 x' });
  });

  test('with two files of one base name gives the last', async () => {
    const bytes = makeTarGz([
      { name: 'a/LICENSE', content: 'first and longer' },
      { name: 'b/LICENSE', content: 'second' },
    ]);
    assert.deepEqual(await unpack(bytes), { LICENSE: '644 second' });
  });

  const refused: readonly (readonly [string, readonly TarPart[]])[] = [
    ['security row 19: a name that leads out', [{ name: '../a' }]],
    ['security row 19: dots within a name', [{ name: 'a..b' }]],
    ['security row 19: an absolute name', [{ name: '/etc/passwd' }]],
    ['security row 19: a symbolic link', [{ name: 'a', type: '2' }]],
    ['a hard link', [{ name: 'a', type: '1' }]],
    ['a character device', [{ name: 'a', type: '3' }]],
    ['a block device', [{ name: 'a', type: '4' }]],
    ['a pipe', [{ name: 'a', type: '6' }]],
    ['a file that is cut off', [{ name: 'a', content: 'x', size: 5000 }]],
    ['security row 1: entries without end', Array.from({ length: 10_001 }, named)],
    ['two executables of one name', [{ name: 'a/notation-x' }, { name: 'b/notation-x' }]],
  ];
  for (const [what, parts] of refused) {
    test(`with ${what} is refused`.replace(/^with (security row \d+:) /, '$1 with '), async () => {
      await assert.rejects(unpack(makeTarGz(parts)), isCode('NOTARY_PLUGIN_ARCHIVE_INVALID'));
    });
  }

  test('security row 3: is refused by the sizes that it says', async () => {
    const bytes = makeTarGz([
      { name: 'a', content: 'x' },
      { name: 'b', size: MIB_256 - 1 },
    ]);
    await assert.rejects(unpack(bytes), isCode('NOTARY_PLUGIN_TOO_LARGE'));
  });

  test('security row 3: is refused by what comes out of it, whatever it says', async () => {
    const zeros = gzipSync(new Uint8Array(16 * 1024 * 1024));
    const bytes = Buffer.concat([makeTarGz([{ name: 'a' }]), ...Array(19).fill(zeros)]);
    assert.ok(bytes.length < 512 * 1024);
    await assert.rejects(unpack(bytes), isCode('NOTARY_PLUGIN_TOO_LARGE'));
  });

  test('that is no tar, or damaged, is refused', async () => {
    const good = makeTarGz([{ name: 'a', content: 'x'.repeat(5000) }]);
    const damaged = Uint8Array.from(good);
    damaged[good.length - 6] = (damaged[good.length - 6] ?? 0) ^ 1;
    for (const bytes of [gzipSync('not a tar'.repeat(100)), good.subarray(0, 60), damaged]) {
      await assert.rejects(unpack(bytes), isCode('NOTARY_PLUGIN_ARCHIVE_INVALID'));
    }
  });
});

test('a file that is neither zip nor gzip is no archive', async () => {
  await withTempDir(async (dir) => {
    for (const content of ['', '#!/bin/sh', 'PK', 'PK\x05\x06']) {
      await writeFile(join(dir, 'x'), content);
      assert.equal(await archiveKind(join(dir, 'x')), undefined);
    }
    await symlink(join(dir, 'nowhere'), join(dir, 'link'));
    await assert.rejects(archiveKind(join(dir, 'link')), { code: 'ENOENT' });
  });
});
