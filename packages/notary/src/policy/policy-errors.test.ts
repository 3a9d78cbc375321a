import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import { parseOciTrustPolicy } from './oci-policy.ts';

const inStatement = (fields: string): string =>
  `{ "version": "1.0", "trustPolicies": [{ ${fields} }] }`;

/** The messages of an error and of what caused it, down to the first. */
function chainOf(error: unknown): readonly string[] {
  return error instanceof NotaryError ? [error.message, ...chainOf(error.cause)] : [];
}

function refusal(text: string): unknown {
  try {
    parseOciTrustPolicy(encodeUtf8(text));
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `accepted: ${text}` });
}

test('an error that is told with more keeps those that it was made of', () => {
  const missing = 'invalid trust policy: every statement has a name';
  const mistyped = `${missing}: "namme" is no field of a statement; did you mean name?`;
  const notJson = 'not JSON: expected a string at line 1 column 2';
  for (const [text, messages] of [
    [inStatement('"name": ""'), [missing, missing]],
    [inStatement('"namme": "a"'), [mistyped, mistyped, missing]],
    ['{', [notJson, notJson]],
  ] as const) {
    assert.deepEqual(chainOf(refusal(text)), messages);
  }
});
