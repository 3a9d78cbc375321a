import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { NotaryError } from '../errors.ts';
import { isForeignFormat } from './executable-format.ts';
import { pluginMetadata } from './metadata.ts';
import { executablePlugin } from './plugin.ts';

/** The header of an ELF file for a processor of that number. */
function elf(machine: number): Uint8Array {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(machine, 18);
  return header;
}

const NO_PROCESSOR = 0x7777;
const skip = process.platform === 'linux' ? false : 'formats of Linux';

test('what this system runs is known from what it does not', { skip }, async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, 'file');
    const files: readonly (readonly [string | Uint8Array, boolean])[] = [
      ['#!/bin/sh\n', false],
      ['', true],
      ['echo hello', true],
      [elf(NO_PROCESSOR), true],
      [elf(NO_PROCESSOR).subarray(0, 10), true],
    ];
    for (const [content, foreign] of files) {
      await writeFile(path, content);
      assert.equal(await isForeignFormat(path), foreign, JSON.stringify(content));
    }
    assert.equal(await isForeignFormat(process.execPath), false);
    assert.equal(await isForeignFormat(join(dir, 'absent')), false);
  });
});

for (const [what, content] of [
  ['of another processor', elf(NO_PROCESSOR)],
  ['that is empty', ''],
] as const) {
  test(`a plugin ${what} is said to be no program of this system`, { skip }, async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, 'notation-demo');
      await writeFile(path, content, { mode: 0o755 });
      const asked = pluginMetadata(executablePlugin({ name: 'demo', path }), new Map());
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof NotaryError && error.code === 'NOTARY_PLUGIN_NOT_STARTED');
        assert.equal(error.data['reason'], 'ENOEXEC');
        return true;
      });
    });
  });
}
