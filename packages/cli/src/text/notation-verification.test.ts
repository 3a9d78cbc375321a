import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Verdict, VerificationError } from '@nv2/notary';
import { verificationWords } from './notation-verification.ts';

test('of a blob the first enforced check that does not pass is told, as notation ends there', () => {
  const judgedAt = '2026-03-01T12:00:00Z';
  const unknown = { code: 'NOTARY_REVOCATION_UNKNOWN', message: 'nobody knows' };
  const mismatch = { code: 'NOTARY_SUBJECT_MISMATCH', message: 'it is about other content' };
  const verdictWith = (action: 'enforce' | 'log'): Verdict => ({
    reference: 'blob',
    judgedAt,
    outcome: 'denied',
    signatures: [
      {
        digest: 'sha256:00',
        outcome: 'invalid',
        cause: mismatch,
        checks: [{ check: 'revocation', action, result: 'undecided', judgedAt, cause: unknown }],
      },
    ],
  });
  const wordsOf = (action: 'enforce' | 'log'): string | undefined => {
    const verdict = verdictWith(action);
    const error = new VerificationError('NOTARY_VERIFICATION_FAILED', 'no', { verdict });
    return verificationWords(error, { isBlob: true });
  };
  assert.match(wordsOf('enforce') ?? '', /revocation status is unknown$/);
  assert.match(wordsOf('log') ?? '', /signature does not match the given blob$/);
});
