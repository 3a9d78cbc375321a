import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8, parseJson } from '@nv2/core';
import fc from 'fast-check';
import { toNotationDocument, toOwnDocument } from './convert.ts';
import { canonicalDemands, canonicalPolicy } from './demands.ts';
import { parseOciTrustPolicy } from './oci-policy.ts';
import { compileOwnPolicy } from './own/compile.ts';
import { selectStatement } from './select.ts';
import type { TrustStatement } from './statement.ts';

interface Policy {
  readonly statements: readonly TrustStatement[];
}

function notation(document: object): Policy {
  return parseOciTrustPolicy(encodeUtf8(JSON.stringify(document)));
}

function own(document: object): Policy {
  return compileOwnPolicy(parseJson(JSON.stringify(document)));
}

const REPOSITORIES = ['a', 'b', 'c', 'd', 'e'].map((name) => `registry.example/team/${name}`);
const subject = fc
  .tuple(fc.constantFrom('US', 'DE'), fc.stringMatching(/^[A-Za-z]{1,6}$/), fc.nat(99))
  .map(([country, o, n]) => `x509.subject: C=${country}, ST=WA, O=${o}, CN=${n}`);
const stores = fc.uniqueArray(fc.constantFrom('ca:x', 'ca:y', 'signingAuthority:z', 'tsa:t'), {
  minLength: 1,
});
const verification = fc.record(
  {
    level: fc.constantFrom('strict', 'permissive', 'audit'),
    override: fc.dictionary(
      fc.constantFrom('authenticity', 'expiry', 'authenticTimestamp', 'revocation'),
      fc.constantFrom('enforce', 'log'),
    ),
    verifyTimestamp: fc.constantFrom('always', 'afterCertExpiry'),
  },
  { requiredKeys: ['level'] },
);
const asking = fc.record({
  signatureVerification: verification,
  trustStores: stores.map((some) => ['ca:w', ...some]),
  trustedIdentities: fc.oneof(
    fc.constant(['*']),
    subject.map((one) => [one]),
    subject.map((one) => [one, 'plugin:value']),
  ),
});
const skipping = fc.constant({ signatureVerification: { level: 'skip' } });
/** Policies of notation's format; a statement for everything is the last, if there is one. */
const policies = fc
  .tuple(
    fc.array(fc.oneof(asking, skipping), { minLength: 1, maxLength: 4 }),
    fc.shuffledSubarray(REPOSITORIES, { minLength: 4 }),
    fc.boolean(),
  )
  .map(([statements, repositories, hasWildcard]) => ({
    version: '1.0',
    trustPolicies: statements.map((statement, i) => ({
      name: `statement ${i}`,
      registryScopes:
        hasWildcard && i === statements.length - 1 ? ['*'] : [repositories[i] ?? assert.fail()],
      ...statement,
    })),
  }));

function decision(policy: Policy, repository: string): string {
  try {
    const { statement } = selectStatement(policy, repository);
    return `${statement.name} ${canonicalDemands(statement)}`;
  } catch {
    return 'none';
  }
}

test('a policy of notation selects and demands the same in nv2’s own format, and back again', () => {
  fc.assert(
    fc.property(policies, (document) => {
      const before = notation(document);
      const there = own(toOwnDocument(before.statements));
      const back = notation(toNotationDocument(there.statements));
      assert.deepEqual(canonicalPolicy(there.statements), canonicalPolicy(before.statements));
      assert.deepEqual(canonicalPolicy(back.statements), canonicalPolicy(before.statements));
      for (const repository of [...REPOSITORIES, 'other.example/x']) {
        assert.equal(decision(there, repository), decision(before, repository));
        assert.equal(decision(back, repository), decision(before, repository));
      }
    }),
  );
});

const SIGNER = { name: 'x', stores: ['ca:a'], identities: [{ any: true }] };
const STATEMENT = {
  name: 'own',
  scopes: [{ repository: 'registry.example/app' }],
  level: 'strict',
  signers: [SIGNER],
};

function inexpressible(changes: object, feature: RegExp): void {
  const { statements } = own({ version: 'nv2/1', statements: [{ ...STATEMENT, ...changes }] });
  assert.throws(() => toNotationDocument(statements), {
    code: 'NOTARY_POLICY_INEXPRESSIBLE',
    message: feature,
  });
  // within its own format everything can be said
  assert.deepEqual(
    canonicalPolicy(own(toOwnDocument(statements)).statements),
    canonicalPolicy(statements),
  );
}

test('what notation’s format cannot say is refused by its name', () => {
  inexpressible({ scopes: [{ namespace: 'registry.example/a' }] }, /namespace: registry\.example/);
  inexpressible({ scopes: [{ registry: 'registry.example' }] }, /the scope registry: /);
  inexpressible({ signers: [SIGNER, { ...SIGNER, name: 'y' }] }, /several signers \(2\)/);
  inexpressible({ signers: [{ name: 'x', keys: [`sha256:${'0'.repeat(64)}`] }] }, /pinned keys/);
  inexpressible({ metadata: { stage: 'production' } }, /metadata/);
  inexpressible({ maxAge: '90d' }, /maxAge/);
  inexpressible({ platforms: ['linux/amd64'] }, /platforms/);
  inexpressible({ revocation: { timeout: '3s' } }, /"own".*: revocation\.timeout$/);
  inexpressible(
    { revocation: { softFail: [{ hosts: ['ocsp.example'], failures: ['timeout'] }] } },
    /: revocation\.softFail$/,
  );
  inexpressible(
    { revocation: { softFail: [{ any: true, methods: ['crl'], failures: ['refused'] }] } },
    /: revocation\.softFail$/,
  );
  inexpressible(
    { revocation: { offline: { directory: '/answers', maxAge: '7d' } } },
    /: revocation\.offline$/,
  );
  inexpressible(
    { scopes: [{ any: true }, { repository: 'registry.example/app' }] },
    /notation cannot say it: .*stands alone/,
  );
});

test('what nv2’s own format cannot say is refused by its name', () => {
  const { statements } = notation({
    version: '1.0',
    trustPolicies: [
      {
        name: 'timestamps',
        registryScopes: ['*'],
        signatureVerification: { level: 'strict' },
        trustStores: ['tsa:t'],
        trustedIdentities: ['*'],
      },
    ],
  });
  assert.throws(() => toOwnDocument(statements), {
    code: 'NOTARY_POLICY_INEXPRESSIBLE',
    message: /"timestamps".*timestamping trust stores alone/,
  });
});
