import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDefaults } from './with-defaults.ts';

const DEFAULTS = { tries: 3, waitMs: 10 };

test('what is given replaces the defaults, and leaves them as they are', () => {
  for (const nothing of [undefined, null]) {
    assert.deepEqual(withDefaults(DEFAULTS, nothing), { tries: 3, waitMs: 10 });
  }
  assert.deepEqual(withDefaults(DEFAULTS, { tries: 0 }), { tries: 0, waitMs: 10 });
  assert.deepEqual(DEFAULTS, { tries: 3, waitMs: 10 });
});

test('what is given as undefined is not given', () => {
  assert.deepEqual(withDefaults(DEFAULTS, { tries: undefined, waitMs: 5 }), {
    tries: 3,
    waitMs: 5,
  });
});
