import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemReason } from './system-error.ts';

test('an error code of the operating system is told in its words, with the next step', () => {
  const cause = Object.assign(new Error('ENOSPC: no space, write'), { code: 'ENOSPC' });
  assert.deepEqual(systemReason(cause), {
    code: 'ENOSPC',
    reason: 'no space left on device',
    hint: 'free space on the disk and try again',
  });
});

test('a code that is not known keeps the words of the error', () => {
  const cause = Object.assign(new Error('EFOO: bar'), { code: 'EFOO' });
  assert.equal(systemReason(cause)?.reason, 'EFOO: bar');
});

test('what has no code is no error of the operating system', () => {
  assert.equal(systemReason(new Error('other')), undefined);
  assert.equal(systemReason({ code: 'ENOSPC' }), undefined);
});
