import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import fc from 'fast-check';
import { NotaryError } from '../errors.ts';
import { type BlobTrustPolicy, parseBlobTrustPolicy } from './blob-policy.ts';
import { selectBlobStatement } from './select-blob.ts';

const STATEMENT = {
  name: 'a',
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['*'],
};
const SKIP = { name: 'none', signatureVerification: { level: 'skip' } };

function parse(...trustPolicies: readonly object[]): BlobTrustPolicy {
  return parseBlobTrustPolicy(encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies })));
}

function broken(rule: string, ...trustPolicies: readonly object[]): void {
  assert.throws(
    () => parse(...trustPolicies),
    (error) =>
      error instanceof NotaryError &&
      error.code === 'NOTARY_POLICY_INVALID' &&
      error.data['rule'] === rule &&
      error.data['policy'] === 'blob',
    rule,
  );
}

test('a blob policy is read into statements, of which one may be global', () => {
  const { version, statements, notes } = parse(STATEMENT, {
    ...STATEMENT,
    name: 'b',
    globalPolicy: true,
  });
  assert.equal(version, '1.0');
  assert.deepEqual(
    statements.map(({ name, globalPolicy }) => [name, globalPolicy]),
    [
      ['a', false],
      ['b', true],
    ],
  );
  assert.deepEqual(statements[0]?.signers[0]?.trustStores, [{ type: 'ca', name: 'acme' }]);
  assert.deepEqual(notes, []);
});

test('the rules of image policies hold for blob policies too', () => {
  broken('statements-missing');
  broken('name-missing', { ...STATEMENT, name: '' });
  broken('name-duplicate', STATEMENT, STATEMENT);
  broken('level-missing', { ...STATEMENT, signatureVerification: {} });
  broken('trust-missing', { ...STATEMENT, trustStores: [] });
  broken('skip-with-trust', { ...SKIP, trustStores: ['ca:acme'] });
  broken('identity-empty', { ...STATEMENT, trustedIdentities: [''] });
});

test('one statement at most is global, and it does not skip verification', () => {
  const globalPolicy = true;
  broken(
    'global-duplicate',
    { ...STATEMENT, globalPolicy },
    { ...STATEMENT, name: 'b', globalPolicy },
  );
  broken('global-skip', { ...SKIP, globalPolicy });
  assert.equal(parse(SKIP).statements[0]?.signatureVerification.level, 'skip');
});

test('globalPolicy is true or false, and nothing that looks like it', () => {
  for (const globalPolicy of ['true', 1, [], {}]) {
    assert.throws(() => parse({ ...STATEMENT, globalPolicy }), { code: 'NOTARY_POLICY_MALFORMED' });
  }
  assert.equal(parse({ ...STATEMENT, globalPolicy: null }).statements[0]?.globalPolicy, false);
});

test('registry scopes mean nothing in a blob policy, and that is noted', () => {
  const { notes } = parse({ ...STATEMENT, registryScopes: ['*'] });
  assert.deepEqual(
    notes.map(({ note, path }) => [note, path]),
    [['unknown-key', ['trustPolicies', 0, 'registryScopes']]],
  );
});

test('a statement is selected by its whole name, or as the global one', () => {
  const policy = parse(STATEMENT, { ...STATEMENT, name: 'b', globalPolicy: true });
  assert.equal(selectBlobStatement(policy, 'a').name, 'a');
  assert.equal(selectBlobStatement(policy, 'b').name, 'b');
  assert.equal(selectBlobStatement(policy).name, 'b');
});

test('security row 13: no other name selects a statement, and a name never selects the global one', () => {
  const policy = parse({ ...STATEMENT, globalPolicy: true });
  for (const name of ['', ' ', 'A', 'a ', 'aa', '*', 'global']) {
    assert.throws(() => selectBlobStatement(policy, name), {
      code: 'NOTARY_POLICY_STATEMENT_NOT_FOUND',
      kind: 'missing',
    });
  }
  assert.throws(() => selectBlobStatement(parse(STATEMENT)), {
    code: 'NOTARY_POLICY_NOT_APPLICABLE',
  });
});

test('any bytes are a policy, or an error of this package', () => {
  const valid = encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies: [STATEMENT, SKIP] }));
  const mutated = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => {
    return valid.with(at, byte);
  });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
      try {
        parseBlobTrustPolicy(bytes);
      } catch (error) {
        assert.ok(error instanceof NotaryError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
