import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { asOrdinaryUser, skipWithoutVectors, vectorsDir, withTempDir } from '@nv2/testkit';
import {
  EMPTY_CONFIG,
  isInsecureRegistry,
  loadNotationConfig,
  parseNotationConfig,
} from './config-file.ts';
import { type NotationPaths, notationFiles } from './paths.ts';
import { loadOciTrustPolicy, readOciTrustPolicyFile, saveOciTrustPolicy } from './policy-file.ts';
import { readRegularFile } from './read-file.ts';
import { createFileAtomic, writeFileAtomic } from './write-file.ts';

const POLICY = JSON.stringify({
  version: '1.0',
  trustPolicies: [
    { name: 'none', registryScopes: ['*'], signatureVerification: { level: 'skip' } },
  ],
});

function withPaths(use: (paths: NotationPaths) => Promise<void>): Promise<void> {
  return withTempDir((dir) => use({ config: dir, libexec: dir, cache: dir }));
}

test('a regular file is read whole', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'file');
    await writeFile(path, 'x'.repeat(5000));
    const options = { subject: 'config.json', maxBytes: 5000 } as const;
    assert.equal((await readRegularFile(path, options)).length, 5000);
    await writeFile(path, '');
    assert.equal((await readRegularFile(path, options)).length, 0);
  }));

test('a directory, a link and a missing file are refused, each with its code', () =>
  withTempDir(async (dir) => {
    const options = { subject: 'config.json', maxBytes: 10 } as const;
    await writeFile(join(dir, 'file'), 'x');
    await symlink(join(dir, 'file'), join(dir, 'link'));
    const read = (name: string) => readRegularFile(join(dir, name), options);
    await assert.rejects(read('.'), {
      code: 'NOTARY_FILE_NOT_REGULAR',
      message: /not a regular file but a directory$/,
    });
    await assert.rejects(read('link'), {
      code: 'NOTARY_FILE_NOT_REGULAR',
      message: /but a symbolic link, which is not followed here$/,
    });
    await symlink('loop', join(dir, 'loop'));
    await assert.rejects(readRegularFile(join(dir, 'loop'), { ...options, followLinks: true }), {
      code: 'NOTARY_FILE_NOT_REGULAR',
      message: /but a loop of symbolic links$/,
    });
    await assert.rejects(read('absent'), { code: 'NOTARY_FILE_NOT_FOUND', kind: 'missing' });
    await assert.rejects(read('file/below'), { code: 'NOTARY_FILE_NOT_FOUND' });
    const followed = await readRegularFile(join(dir, 'link'), { ...options, followLinks: true });
    assert.equal(followed.length, 1);
    await writeFile(join(dir, 'file'), 'x'.repeat(11));
    await assert.rejects(read('file'), { code: 'NOTARY_FILE_TOO_LARGE' });
  }));

test('a device without end is not read', () =>
  assert.rejects(readRegularFile('/dev/zero', { subject: 'config.json', maxBytes: 10 }), {
    code: 'NOTARY_FILE_NOT_REGULAR',
  }));

test('a file without permission says so', () =>
  withPaths(async (paths) => {
    const path = notationFiles(paths).ociTrustPolicy;
    await writeFile(path, POLICY);
    await chmod(path, 0o000);
    await asOrdinaryUser(paths.config, () =>
      assert.rejects(loadOciTrustPolicy(paths), { code: 'NOTARY_FILE_DENIED', kind: 'denied' }),
    );
  }));

test('a file is replaced in one step, for its owner only, and nothing stays behind', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'a', 'b', 'file');
    await writeFileAtomic(path, encodeUtf8('one'), { subject: 'config.json' });
    await writeFileAtomic(path, encodeUtf8('two'), { subject: 'config.json' });
    assert.equal(await readFile(path, 'utf8'), 'two');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(dir, 'a'))).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(join(dir, 'a', 'b')), ['file']);
  }));

test('a new file has its bytes from the first moment, never replaces one, and leaves nothing else', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'a', 'file');
    const create = (staging: string): Promise<void> =>
      createFileAtomic(path, encodeUtf8('one'), { mode: 0o600, staging });
    await writeFile(join(dir, 'taken'), '');
    // what cannot be written first is not begun where it belongs
    await assert.rejects(create(join(dir, 'taken')), { code: /^(?:ENOTDIR|EEXIST)$/ });
    assert.deepEqual(await readdir(dir), ['taken']);
    await create(join(dir, 'b'));
    await assert.rejects(create(join(dir, 'b')), { code: 'EEXIST' });
    assert.equal(await readFile(path, 'utf8'), 'one');
    assert.deepEqual(await readdir(join(dir, 'a')), ['file']);
    assert.deepEqual(await readdir(join(dir, 'b')), []);
  }));

test('a failed write leaves the old state and no temporary file', () =>
  withTempDir(async (dir) => {
    await mkdir(join(dir, 'target', 'full'), { recursive: true });
    const path = join(dir, 'target');
    await assert.rejects(writeFileAtomic(path, encodeUtf8('x'), { subject: 'config.json' }), {
      code: /NOTARY_FILE_/,
    });
    assert.deepEqual(await readdir(dir), ['target']);
    assert.deepEqual(await readdir(path), ['full']);
  }));

test('the trust policy is read from its own file, else from the deprecated one with a warning', () =>
  withPaths(async (paths) => {
    const { ociTrustPolicy, legacyTrustPolicy } = notationFiles(paths);
    await assert.rejects(readOciTrustPolicyFile(paths), { code: 'NOTARY_POLICY_NOT_FOUND' });
    await writeFile(legacyTrustPolicy, POLICY);
    const legacy = await loadOciTrustPolicy(paths);
    assert.equal(legacy.path, legacyTrustPolicy);
    assert.deepEqual(legacy.warnings, ['NOTARY_POLICY_LEGACY_FILE']);
    await writeFile(ociTrustPolicy, 'not JSON');
    await assert.rejects(loadOciTrustPolicy(paths), { code: 'NOTARY_POLICY_MALFORMED' });
    await writeFile(ociTrustPolicy, `${POLICY} trailing`);
    assert.equal((await loadOciTrustPolicy(paths)).policy.notes[0]?.note, 'trailing-data');
  }));

test('a link in place of the trust policy is an error, not a reason to read the deprecated one', () =>
  withPaths(async (paths) => {
    const { ociTrustPolicy, legacyTrustPolicy } = notationFiles(paths);
    await writeFile(legacyTrustPolicy, POLICY);
    await symlink(legacyTrustPolicy, ociTrustPolicy);
    await assert.rejects(loadOciTrustPolicy(paths), { code: 'NOTARY_FILE_NOT_REGULAR' });
  }));

test('a saved trust policy has the bytes that were given, and the deprecated one is gone', () =>
  withPaths(async (paths) => {
    const { ociTrustPolicy, legacyTrustPolicy } = notationFiles(paths);
    await writeFile(legacyTrustPolicy, POLICY);
    const bytes = encodeUtf8(`\n ${POLICY}\n`);
    const saved = await saveOciTrustPolicy(paths, bytes);
    assert.deepEqual(saved, { path: ociTrustPolicy, legacyRemoved: true });
    assert.deepEqual(new Uint8Array(await readFile(ociTrustPolicy)), bytes);
    assert.equal((await saveOciTrustPolicy(paths, bytes)).legacyRemoved, false);
    await assert.rejects(saveOciTrustPolicy(paths, encodeUtf8('{}')), {
      code: 'NOTARY_POLICY_INVALID',
    });
    assert.deepEqual(new Uint8Array(await readFile(ociTrustPolicy)), bytes);
  }));

test('an absent config.json says nothing, a malformed one is an error that names it', () =>
  withPaths(async (paths) => {
    assert.deepEqual(await loadNotationConfig(paths), EMPTY_CONFIG);
    await writeFile(notationFiles(paths).configFile, '{"insecureRegistries":"a"}');
    await assert.rejects(loadNotationConfig(paths), {
      code: 'NOTARY_CONFIG_MALFORMED',
      message: /config\.json: insecureRegistries is not an array$/,
    });
  }));

test('insecure registries match as a whole and in any case', () => {
  const config = parseNotationConfig(
    encodeUtf8('{"InsecureRegistries":["Registry.example.com:5000"],"credHelpers":{"a":"b"}}'),
  );
  assert.equal(isInsecureRegistry(config, 'registry.EXAMPLE.com:5000'), true);
  assert.equal(isInsecureRegistry(config, 'registry.example.com'), false);
  assert.equal(isInsecureRegistry(config, 'registry.example.com:50000'), false);
  assert.deepEqual([...config.credHelpers], [['a', 'b']]);
});

test("the reference's own config.json is read", { skip: skipWithoutVectors() }, async () => {
  const config = join(vectorsDir() ?? '', 'config', 'valid');
  const loaded = await loadNotationConfig({ config, libexec: config, cache: config });
  assert.deepEqual(loaded.insecureRegistries, ['registry.wabbit-networks.io']);
  assert.equal(loaded.signatureFormat, 'jws');
});

test(
  'where no directory can be made, writing ends with an error',
  { skip: existsSync('/proc/self') ? false : 'there is no /proc' },
  () =>
    assert.rejects(
      writeFileAtomic('/proc/nowhere/file', encodeUtf8('x'), { subject: 'config.json' }),
      { code: 'NOTARY_FILE_NOT_FOUND' },
    ),
);
