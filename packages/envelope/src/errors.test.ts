import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENVELOPE_ERRORS, EnvelopeError, type EnvelopeErrorCode } from './errors.ts';

/** Mistakes of whoever signs by a program, which say themselves what is wrong. */
const OF_CALLER: ReadonlySet<string> = new Set<EnvelopeErrorCode>([
  'ENVELOPE_REQUEST_INVALID',
  'ENVELOPE_KEY_MISMATCH',
]);

test('whatever an envelope is refused for has a next step', () => {
  for (const code of Object.keys(ENVELOPE_ERRORS) as EnvelopeErrorCode[]) {
    if (OF_CALLER.has(code)) continue;
    assert.ok(new EnvelopeError(code, 'it is refused').hint, code);
  }
});
