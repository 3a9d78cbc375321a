import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { type OciTrustPolicy, parseOciTrustPolicy } from './oci-policy.ts';
import { selectStatement } from './select.ts';

function policy(scopes: Readonly<Record<string, readonly string[]>>): OciTrustPolicy {
  const trustPolicies = Object.entries(scopes).map(([name, registryScopes]) => ({
    name,
    registryScopes,
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
  }));
  return parseOciTrustPolicy(encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies })));
}

test('the statement that names the repository is taken before the one for all', () => {
  const both = policy({ all: ['*'], app: ['registry.example.com/a', 'registry.example.com/app'] });
  assert.equal(selectStatement(both, 'registry.example.com/app').statement.name, 'app');
  assert.equal(selectStatement(both, 'registry.example.com/other').statement.name, 'all');
});

test('without a statement that applies the artifact is untrusted', () => {
  const one = policy({ app: ['registry.example.com/app'] });
  assert.throws(() => selectStatement(one, 'registry.example.com/other'), {
    code: 'NOTARY_POLICY_NOT_APPLICABLE',
    kind: 'untrusted',
  });
});

test('security row 13: a scope matches as a whole, never as a prefix or a part', () => {
  const one = policy({ app: ['registry.example.com/team/app'] });
  for (const other of [
    'registry.example.com/team/app2',
    'registry.example.com/team/ap',
    'registry.example.com/team/app/sub',
    'registry.example.com/team',
    'evil/registry.example.com/team/app',
    'registry.example.com.evil.com/team/app',
    'aregistry.example.com/team/app',
    'registryxexample.com/team/app',
    'registry.example.com:443/team/app',
  ]) {
    assert.throws(
      () => selectStatement(one, other),
      { code: 'NOTARY_POLICY_NOT_APPLICABLE' },
      other,
    );
  }
});

test('security row 13: a host in other letters is the same host and does not fall to the wildcard', () => {
  const both = policy({ all: ['*'], app: ['Registry.example.com/app'] });
  assert.equal(selectStatement(both, 'Registry.example.com/app').statement.name, 'app');
  assert.throws(() => selectStatement(both, 'registry.EXAMPLE.com/app'), {
    code: 'NOTARY_POLICY_NOT_APPLICABLE',
  });
  assert.equal(selectStatement(both, 'registry.EXAMPLE.com/other').statement.name, 'all');
});

test('security row 13: a registry in another spelling is the same and does not fall to the wildcard', () => {
  for (const [scope, others] of [
    ['registry.example.com', ['registry.example.com:443', 'Registry.example.com:0443']],
    ['registry.example.com:443', ['registry.example.com', 'registry.example.com:00443']],
    ['registry.example.com:5000', ['registry.example.com:05000']],
    ['docker.io', ['index.docker.io', 'registry-1.docker.io', 'Docker.io:443']],
    ['index.docker.io', ['docker.io', 'registry-1.docker.io:443']],
  ] as const) {
    const both = policy({ all: ['*'], app: [`${scope}/team/app`] });
    assert.equal(selectStatement(both, `${scope}/team/app`).statement.name, 'app');
    for (const other of others) {
      assert.throws(
        () => selectStatement(both, `${other}/team/app`),
        {
          code: 'NOTARY_POLICY_NOT_APPLICABLE',
          hint: `write the registry as the trust policy does: ${scope}/team/app`,
        },
        other,
      );
      assert.equal(selectStatement(both, `${other}/team/other`).statement.name, 'all');
    }
  }
  const both = policy({ all: ['*'], app: ['registry.example.com/app'] });
  for (const other of ['registry.example.com:4430', 'registry.example.com:80', 'io']) {
    assert.equal(selectStatement(both, `${other}/app`).statement.name, 'all', other);
  }
});

test('what is not a repository selects nothing, not even the wildcard', () => {
  const all = policy({ all: ['*'] });
  for (const bad of [
    '',
    '*',
    'registry.example.com',
    'a/b:tag',
    'a/b@sha256:00',
    '../b',
    'a/../b',
  ]) {
    assert.throws(() => selectStatement(all, bad), { code: 'NOTARY_SCOPE_INVALID' }, bad);
  }
});

test('security row 13: a scope that was written into is known by the name that it has now', () => {
  const both = policy({ all: ['*'], app: ['other.example.com/app'] });
  assert.equal(selectStatement(both, 'registry.example.com/app').statement.name, 'all');
  Object.assign(both.statements[1]?.scopes[0] ?? {}, { name: 'Registry.Example.com/app' });
  assert.throws(() => selectStatement(both, 'registry.example.com/app'), {
    code: 'NOTARY_POLICY_NOT_APPLICABLE',
  });
});
