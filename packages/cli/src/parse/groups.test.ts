import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandSpec } from '../table/types.ts';
import { checkFlagRules } from './groups.ts';

const COMMAND: CommandSpec = {
  name: 'x',
  use: 'x',
  short: '',
  required: [{ flag: 'type' }, { flag: 'store' }, { flag: 'plugin', only: 'notation' }],
  together: [['timestamp-url', 'timestamp-root-cert']],
  exclusive: [['key', 'id', 'plugin']],
};

function check(program: 'nv2' | 'notation', ...changed: readonly string[]): () => void {
  return () => checkFlagRules(COMMAND, new Set(changed), program);
}

test('required flags are named in the order of the alphabet', () => {
  assert.throws(check('notation'), {
    message: 'required flag(s) "plugin", "store", "type" not set',
  });
  assert.throws(check('nv2', 'type'), { message: 'required flag(s) "store" not set' });
});

test('flags that belong together are set together', () => {
  assert.throws(check('nv2', 'type', 'store', 'timestamp-root-cert'), {
    message:
      'if any flags in the group [timestamp-url timestamp-root-cert] are set they must all be set; missing [timestamp-url]',
  });
  check('nv2', 'type', 'store', 'timestamp-root-cert', 'timestamp-url')();
});

test('of flags that exclude each other one is set at most', () => {
  assert.throws(check('nv2', 'type', 'store', 'plugin', 'key'), {
    message:
      'if any flags in the group [key id plugin] are set none of the others can be; [key plugin] were all set',
  });
  check('nv2', 'type', 'store', 'id')();
});
