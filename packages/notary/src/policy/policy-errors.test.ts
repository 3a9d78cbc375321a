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

test('a field that is missing because it stands elsewhere is told by its place', () => {
  const level = '"signatureVerification": { "level": "strict" }';
  const stores = '"trustStores": ["ca:acme"], "trustedIdentities": ["*"]';
  const scopes = '"registryScopes": ["*"]';
  for (const [document, path, end] of [
    [
      inStatement(`"name": "a", "level": "strict", ${scopes}, ${stores}`),
      ['trustPolicies', 0, 'level'],
      '"level" is no field of a statement; it belongs in signatureVerification',
    ],
    [
      inStatement(`"name": "a", ${scopes}, ${stores} }], ${level}, "comments": [{`),
      ['signatureVerification'],
      '"signatureVerification" is no field of a trust policy; it belongs in a statement',
    ],
    [
      inStatement(`"name": "a", ${scopes}, ${level} }], ${stores}, "comments": [{`),
      ['trustStores'],
      '"trustStores" is no field of a trust policy; it belongs in a statement',
    ],
    [
      inStatement(`"name": "a", ${level}, ${stores} }], ${scopes}, "comments": [{`),
      ['registryScopes'],
      '"registryScopes" is no field of a trust policy; it belongs in a statement about images',
    ],
  ] as const) {
    const error = refusal(document);
    assert.ok(error instanceof NotaryError);
    assert.ok(error.message.endsWith(`: ${end}`), error.message);
    assert.deepEqual(error.data['path'], path);
  }
});

test('a field that stands elsewhere in another statement is no reason for one that is missing', () => {
  const whole =
    '"name": "a", "registryScopes": ["*"], "level": "strict", "signatureVerification": { "level": "skip" }';
  const error = refusal(inStatement(`${whole} }, { "name": "b"`));
  assert.ok(error instanceof NotaryError);
  assert.deepEqual(error.data['path'], ['trustPolicies', 1, 'signatureVerification', 'level']);
});

test('a scope that is wrong before what the reference tells first is told with it', () => {
  const unscoped = '{ "name": "a", "signatureVerification": { "level": "skip" } }';
  const later =
    '{ "name": "b", "registryScopes": ["*"], "signatureVerification": { "level": "x" } }';
  const policyOf = (...statements: readonly string[]): string =>
    `{ "version": "1.0", "trustPolicies": [\n${statements.join(',\n')}] }`;
  const error = refusal(policyOf(unscoped, later));
  assert.ok(error instanceof NotaryError);
  assert.equal(error.data['rule'], 'level-unknown');
  const { line, column, rule, message } = error.data['earlier'] as NotaryError['data'];
  assert.deepEqual({ line, column, rule }, { line: 2, column: 1, rule: 'scopes-missing' });
  assert.match(String(message), /got statement "a"$/);
  const inOrder = refusal(policyOf(later, unscoped));
  assert.ok(inOrder instanceof NotaryError);
  assert.equal(inOrder.data['earlier'], undefined);
});
