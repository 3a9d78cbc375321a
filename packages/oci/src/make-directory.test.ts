import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { makeDirectory } from './make-directory.ts';

test('a directory is made with those above it, in its mode, and once', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'a', 'b', 'c');
    assert.equal(await makeDirectory(path, 0o700), true);
    assert.equal(await makeDirectory(path, 0o700), false);
    assert.equal((await stat(join(dir, 'a'))).mode & 0o777, 0o700);
    await Promise.all(['x', 'y', 'z'].map((name) => makeDirectory(join(dir, 'at', 'once', name))));
  }));

test('a file and a link to nowhere are no directories', () =>
  withTempDir(async (dir) => {
    await writeFile(join(dir, 'file'), '');
    await symlink(join(dir, 'nowhere'), join(dir, 'link'));
    await assert.rejects(makeDirectory(join(dir, 'file')), { code: 'EEXIST' });
    await assert.rejects(makeDirectory(join(dir, 'file', 'below')), { code: 'ENOTDIR' });
    await assert.rejects(makeDirectory(join(dir, 'link', 'below')), { code: /^E(?:EXIST|NOENT)$/ });
  }));

const NO_PROC = existsSync('/proc/self') ? false : 'there is no /proc';

test('a directory that cannot be made and stays missing is an error', { skip: NO_PROC }, () =>
  assert.rejects(makeDirectory('/proc/nowhere/below'), { code: 'ENOENT' }),
);
