import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from '@nv2/core';

test('what is counted has a plural unless there is one of it', () => {
  assert.equal(counted(0, 'error'), '0 errors');
  assert.equal(counted(1, 'error'), '1 error');
  assert.equal(counted(2, 'error'), '2 errors');
  assert.equal(counted(1, 'entry', 'entries'), '1 entry');
  assert.equal(counted(3, 'entry', 'entries'), '3 entries');
});
