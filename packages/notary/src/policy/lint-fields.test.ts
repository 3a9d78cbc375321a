import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { MAX_COMPARED_FIELDS } from './ignored-field.ts';
import { lintPolicyFields } from './lint-fields.ts';
import { parseOciTrustPolicy } from './oci-policy.ts';

/** A valid policy with fields besides those that it needs: in the document, and in its statement. */
function policyWith(document: readonly string[], statement: readonly string[] = []): Uint8Array {
  const inStatement = [
    '"name": "a", "registryScopes": ["*"], "signatureVerification": { "level": "skip" }',
    ...statement,
  ];
  const fields = ['"version": "1.0"', `"trustPolicies": [{ ${inStatement.join(', ')} }]`];
  return encodeUtf8(`{ ${[...fields, ...document].join(', ')} }`);
}

const comments = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `"comment ${i}": ""`);

test('of more fields than are looked at it is said how many were not, and from where on', () => {
  const policy = parseOciTrustPolicy(
    policyWith([...comments(MAX_COMPARED_FIELDS), '"versio": 1', '"verson": 1']),
  );
  const [finding, ...others] = lintPolicyFields(policy);
  assert.deepEqual(others, []);
  assert.equal(finding?.rule, 'fields-too-many');
  assert.equal(finding.severity, 'warning');
  assert.deepEqual(finding.path, ['versio']);
  assert.match(finding.message, /^2 more fields /);
});

test('of as many fields as are looked at nothing is left', () => {
  const policy = parseOciTrustPolicy(policyWith(comments(MAX_COMPARED_FIELDS)));
  assert.deepEqual(lintPolicyFields(policy), []);
});

test('a field that is ignored where it stands and belongs elsewhere is told with where', () => {
  const policy = parseOciTrustPolicy(
    policyWith(
      ['"trustStores": []', '"LEVEL": "strict"', '"expiry": "log"', '"description": ""'],
      ['"verifyTimestamp": "always"', '"globalPolicy": true'],
    ),
  );
  const findings = lintPolicyFields(policy);
  assert.deepEqual(new Set(findings.map(({ rule }) => rule)), new Set(['field-misplaced']));
  assert.deepEqual(
    findings.map(({ message }) => message),
    [
      '"verifyTimestamp" is no field of a statement; it belongs in signatureVerification',
      '"globalPolicy" is no field of a statement; it belongs in a statement about blobs',
      '"trustStores" is no field of a trust policy; it belongs in a statement',
      '"LEVEL" is no field of a trust policy; it belongs in signatureVerification',
      '"expiry" is no field of a trust policy; it belongs in override',
    ],
  );
});

test('a name or a version besides those that a policy must have is a remark', () => {
  const policy = parseOciTrustPolicy(
    policyWith(['"name": "of the team", "Description": ""'], ['"Version": "7"']),
  );
  assert.deepEqual(lintPolicyFields(policy), []);
  const nearly = parseOciTrustPolicy(policyWith(['"versio": "7"'], ['"nam": "b"']));
  assert.deepEqual(
    lintPolicyFields(nearly).map(({ rule }) => rule),
    ['field-unknown', 'field-unknown'],
  );
});
