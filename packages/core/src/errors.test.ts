import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE_ERRORS, CoreError, type ErrorTable, Nv2Error } from '@nv2/core';

test('an error has the kind of its code, and keeps hint, cause and data', () => {
  const cause = new Error('below');
  const error = new CoreError('DIGEST_INVALID', 'got b, expected a', {
    hint: 'pull again',
    cause,
    data: { expected: 'a' },
  });
  assert.ok(error instanceof Nv2Error && error instanceof Error);
  assert.equal(error.name, 'CoreError');
  assert.equal(error.code, 'DIGEST_INVALID');
  assert.equal(error.kind, 'input');
  assert.equal(error.hint, 'pull again');
  assert.equal(error.cause, cause);
  assert.deepEqual(error.data, { expected: 'a' });
});

test('an error without details has none, and no cause at all', () => {
  const error = new CoreError('JSON_INVALID', 'nothing');
  assert.equal(error.hint, undefined);
  assert.ok(!Object.hasOwn(error, 'cause'));
  assert.deepEqual(error.data, {});
});

test('every row of the table says what it means, in one sentence without a full stop', () => {
  const table: ErrorTable = CORE_ERRORS;
  for (const [code, { meaning }] of Object.entries(table)) {
    assert.match(code, /^[A-Z][A-Z_]+$/);
    assert.match(meaning, /^[^.]*[^. ]$/);
  }
});
