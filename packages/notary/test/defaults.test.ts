import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import * as notary from '@nv2/notary';

// A change of any of these is a change of what users rely on: it belongs in the release notes.
test('security row 27: the defaults are these and no weaker ones', () => {
  const defaults = Object.fromEntries(
    Object.entries(notary).filter(([name]) => /^(?:DEFAULT|MAX|FETCH|FILE|DIRECTORY)_/.test(name)),
  );
  assert.deepEqual(defaults, {
    DEFAULT_BLOB_MEDIA_TYPE: 'application/octet-stream',
    DEFAULT_MAX_SIGNATURES: 100,
    DIRECTORY_MODE: 0o700,
    FETCH_CONCURRENCY: 4,
    FILE_MODE: 0o600,
    MAX_CERTIFICATE_FILE_BYTES: 1_048_576,
    MAX_CONFIG_BYTES: 1_048_576,
    MAX_DENIALS_BYTES: 4 * 1024 * 1024,
    MAX_EMBEDDED_BYTES: 65_536,
    MAX_KEY_FILE_BYTES: 1_048_576,
    MAX_OFFLINE_ANSWERS: 10_000,
    MAX_OFFLINE_BYTES: 67_108_864,
    MAX_OFFLINE_FILES: 1000,
    MAX_POLICY_BYTES: 4_194_304,
    MAX_SIGNATURE_BYTES: 33_554_432,
    MAX_SIGNING_KEYS_BYTES: 4_194_304,
    MAX_TRUST_STORE_CERTIFICATES: 10_000,
    MAX_TRUST_STORE_FILES: 1000,
    MAX_UNAVAILABLE_SIGNATURES: 3,
  });
});

test('security row 27: the levels give these actions', () => {
  assert.deepEqual(notary.LEVELS, {
    strict: actions('enforce', 'enforce', 'enforce'),
    permissive: actions('enforce', 'enforce', 'log'),
    audit: actions('enforce', 'log', 'log'),
    skip: actions('skip', 'skip', 'skip'),
  });
});

test('security row 27: an empty policy, store and configuration trust nobody', async () => {
  assert.throws(() => notary.parseOciTrustPolicy(encodeUtf8('{}')), notary.NotaryError);
  await assert.rejects(notary.memoryTrustStore({}).certificates('ca', 'a'), notary.NotaryError);
  assert.deepEqual(notary.EMPTY_CONFIG.insecureRegistries, []);
  assert.equal(notary.NO_SIGNING_KEYS.default, undefined);
});

test('security row 27: a statement says its level, nothing is assumed for it', () => {
  const statement = {
    name: 'a',
    registryScopes: ['*'],
    trustStores: ['ca:a'],
    trustedIdentities: ['*'],
  };
  const parse = (signatureVerification: unknown) => {
    const document = { version: '1.0', trustPolicies: [{ ...statement, signatureVerification }] };
    return notary.parseOciTrustPolicy(encodeUtf8(JSON.stringify(document)));
  };
  for (const absent of [undefined, null, {}, { level: null }, { level: '' }]) {
    assert.throws(() => parse(absent), { code: 'NOTARY_POLICY_INVALID' });
  }
  const [parsed] = parse({ level: 'strict' }).statements;
  assert.equal(parsed?.signatureVerification.verifyTimestamp, 'always');
});

function actions(integrity: string, authenticity: string, rest: string): object {
  return { integrity, authenticity, authenticTimestamp: rest, expiry: rest, revocation: rest };
}
