import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeUtf8, encodeUtf8 } from '@nv2/core';
import { skipWithoutVectors, vectorsDir, withTempDir } from '@nv2/testkit';
import { notationFiles } from '../files/paths.ts';
import { loadSigner } from './key-pair.ts';
import {
  addSigningKey,
  getDefaultSigningKey,
  getSigningKey,
  type LocalSigningKey,
  NO_SIGNING_KEYS,
  type PluginSigningKey,
  removeSigningKey,
  setDefaultSigningKey,
} from './signing-keys.ts';
import {
  encodeSigningKeys,
  loadSigningKeys,
  parseSigningKeys,
  saveSigningKeys,
} from './signing-keys-file.ts';

const LOCAL: LocalSigningKey = { kind: 'local', name: 'a', keyPath: '/a.key', certPath: '/a.crt' };
const PLUGIN: PluginSigningKey = {
  kind: 'plugin',
  name: 'b',
  id: 'id1',
  pluginName: 'com.example',
  pluginConfig: new Map([
    ['z', '<1>'],
    ['a', '2'],
  ]),
};

test('keys are added, found, made default and removed', () => {
  const one = addSigningKey(NO_SIGNING_KEYS, LOCAL, { markDefault: true });
  const two = addSigningKey(one, PLUGIN);
  assert.equal(getDefaultSigningKey(two), LOCAL);
  assert.equal(getSigningKey(two, 'b'), PLUGIN);
  assert.equal(getDefaultSigningKey(setDefaultSigningKey(two, 'b')), PLUGIN);
  assert.deepEqual(removeSigningKey(two, 'a'), { default: undefined, keys: [PLUGIN] });
  assert.equal(removeSigningKey(two, 'b').default, 'a');
  assert.deepEqual(NO_SIGNING_KEYS.keys, []);
});

test('each mistake with keys has its code', () => {
  const one = addSigningKey(NO_SIGNING_KEYS, LOCAL);
  assert.throws(() => addSigningKey(one, LOCAL), { code: 'NOTARY_KEY_EXISTS', kind: 'conflict' });
  assert.throws(() => addSigningKey(one, { ...LOCAL, name: '' }), {
    code: 'NOTARY_KEY_NAME_EMPTY',
  });
  assert.throws(() => addSigningKey(one, { ...PLUGIN, id: '' }), { code: 'NOTARY_KEY_NAME_EMPTY' });
  assert.throws(() => addSigningKey(one, { ...PLUGIN, pluginName: '' }), {
    code: 'NOTARY_KEY_NAME_EMPTY',
  });
  assert.throws(() => getSigningKey(one, 'absent'), { code: 'NOTARY_KEY_NOT_FOUND' });
  assert.throws(() => getSigningKey(one, ''), { code: 'NOTARY_KEY_NAME_EMPTY' });
  assert.throws(() => setDefaultSigningKey(one, 'absent'), { code: 'NOTARY_KEY_NOT_FOUND' });
  assert.throws(() => removeSigningKey(one, 'absent'), { code: 'NOTARY_KEY_NOT_FOUND' });
  assert.throws(() => getDefaultSigningKey(one), { code: 'NOTARY_KEY_NO_DEFAULT' });
});

test('the file is written with four blanks, keys in order, and read back', () => {
  const keys = addSigningKey(addSigningKey(NO_SIGNING_KEYS, LOCAL, { markDefault: true }), PLUGIN);
  const bytes = encodeSigningKeys(keys);
  assert.equal(
    decodeUtf8(bytes),
    `{
    "default": "a",
    "keys": [
        {
            "name": "a",
            "keyPath": "/a.key",
            "certPath": "/a.crt"
        },
        {
            "name": "b",
            "id": "id1",
            "pluginName": "com.example",
            "pluginConfig": {
                "a": "2",
                "z": "\\u003c1\\u003e"
            }
        }
    ]
}
`,
  );
  assert.deepEqual(parseSigningKeys(bytes), keys);
  assert.equal(decodeUtf8(encodeSigningKeys(NO_SIGNING_KEYS)), '{\n    "keys": []\n}\n');
});

test('a malformed file names the rule it breaks', () => {
  const rules: Readonly<Record<string, string | undefined>> = {
    '{"keys":[{"name":""}]}': 'name-empty',
    '{"keys":[{"name":"a"},{"name":"a"}]}': 'name-duplicate',
    '{"default":"","keys":[]}': 'default-empty',
    '{"default":"x","keys":[]}': 'default-unknown',
    '{"keys":{}}': undefined,
    x: undefined,
  };
  for (const [text, rule] of Object.entries(rules)) {
    assert.throws(
      () => parseSigningKeys(encodeUtf8(text)),
      (error: Error & { code?: string; data?: { rule?: string } }) => {
        assert.equal(error.code, 'NOTARY_KEYS_MALFORMED', text);
        assert.equal(error.data?.rule, rule, text);
        return true;
      },
    );
  }
});

test('keys survive saving and loading, for their owner only', () =>
  withTempDir(async (dir) => {
    const paths = { config: join(dir, 'notation'), libexec: dir, cache: dir };
    assert.deepEqual(await loadSigningKeys(paths), NO_SIGNING_KEYS);
    const keys = addSigningKey(NO_SIGNING_KEYS, PLUGIN, { markDefault: true });
    await saveSigningKeys(paths, keys);
    assert.deepEqual(await loadSigningKeys(paths), keys);
    assert.equal((await stat(notationFiles(paths).signingKeys)).mode & 0o777, 0o600);
    await assert.rejects(saveSigningKeys(paths, { default: 'x', keys: [] }), {
      code: 'NOTARY_KEYS_MALFORMED',
    });
    assert.deepEqual(await loadSigningKeys(paths), keys);
  }));

test('a key in a plugin is kept, and refused for signing', () =>
  assert.rejects(loadSigner(PLUGIN), {
    code: 'NOTARY_KEY_PLUGIN_UNSUPPORTED',
    kind: 'unavailable',
  }));

test("the reference's own files are read or refused", { skip: skipWithoutVectors() }, async () => {
  const read = async (name: string) =>
    parseSigningKeys(await readFile(join(vectorsDir() ?? '', 'config', name, 'signingkeys.json')));
  const valid = await read('valid');
  assert.equal(valid.default, 'wabbit-networks');
  assert.deepEqual(
    valid.keys.map(({ name, kind }) => [name, kind]),
    [
      ['wabbit-networks', 'local'],
      ['import.acme-rockets', 'local'],
      ['external-key', 'plugin'],
    ],
  );
  await assert.rejects(read('malformed-duplicate'), { code: 'NOTARY_KEYS_MALFORMED' });
  await assert.rejects(read('malformed-invalid-default'), { code: 'NOTARY_KEYS_MALFORMED' });
});
