import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import fc from 'fast-check';
import { NotaryError } from '../errors.ts';
import { parseOciTrustPolicy } from './oci-policy.ts';
import { POLICY_RULES, type PolicyRule } from './rules.ts';

const STATEMENT = {
  name: 'name',
  registryScopes: ['registry.example.com/app'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
};

function document(changes: object, top: object = {}): string {
  return JSON.stringify({
    version: '1.0',
    trustPolicies: [{ ...STATEMENT, ...changes }],
    ...top,
  });
}

function parse(text: string, options = {}) {
  return parseOciTrustPolicy(encodeUtf8(text), options);
}

function rule(text: string): unknown {
  return caught(text).data['rule'];
}

function caught(text: string): NotaryError {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof NotaryError);
    return error;
  }
  throw new assert.AssertionError({ message: 'the policy was accepted' });
}

test('a policy is read into statements', () => {
  const policy = parse(document({}));
  assert.equal(policy.version, '1.0');
  const [statement] = policy.statements;
  assert.equal(statement?.name, 'name');
  assert.deepEqual(statement?.signers[0]?.trustStores, [{ type: 'ca', name: 'acme' }]);
  assert.equal(statement?.signatureVerification.level, 'strict');
  assert.equal(statement?.signatureVerification.verifyTimestamp, 'always');
  assert.deepEqual(
    statement?.signers[0]?.trustedIdentities.map(({ kind, text }) => [kind, text]),
    [['x509.subject', 'x509.subject: C=US, ST=WA, O=acme']],
  );
  assert.deepEqual(policy.notes, []);
});

const identity = (...trustedIdentities: string[]): string => document({ trustedIdentities });
const level = (signatureVerification: object): string => document({ signatureVerification });
const twice = (second: object): string =>
  document({}, { trustPolicies: [STATEMENT, { ...STATEMENT, ...second }] });

type OciRule = Exclude<PolicyRule, `global-${string}`>;
const OCI_RULES = Object.keys(POLICY_RULES).filter((name) => !name.startsWith('global-'));

const BROKEN: Readonly<Record<OciRule, readonly string[]>> = {
  'version-missing': [document({}, { version: '' }), '{}', 'null'],
  'version-unsupported': [document({}, { version: '1.1' })],
  'statements-missing': [
    document({}, { trustPolicies: [] }),
    document({}, { trustPolicies: null }),
  ],
  'name-duplicate': [twice({ registryScopes: ['*'] })],
  'name-missing': [document({ name: '' })],
  'level-missing': [level({}), document({ signatureVerification: null })],
  'level-unknown': [level({ level: 'Strict' }), level({ level: 'toString' })],
  'override-of-skip': [level({ level: 'skip', override: { expiry: 'log' } })],
  'override-check-unknown': [level({ level: 'strict', override: { Expiry: 'log' } })],
  'override-action-unknown': [level({ level: 'strict', override: { expiry: 'warn' } })],
  'override-of-integrity': [level({ level: 'strict', override: { integrity: 'enforce' } })],
  'override-to-skip': [
    level({ level: 'strict', override: { authenticity: 'skip' } }),
    level({ level: 'strict', override: { expiry: 'skip' } }),
    level({ level: 'strict', override: { authenticTimestamp: 'skip' } }),
  ],
  'timestamp-option-unknown': [level({ level: 'strict', verifyTimestamp: 'never' })],
  'skip-with-trust': [
    level({ level: 'skip' }),
    document({ signatureVerification: { level: 'skip' }, trustStores: [] }),
    document({ signatureVerification: { level: 'skip' }, trustedIdentities: [] }),
  ],
  'trust-missing': [document({ trustStores: [] }), document({ trustedIdentities: null })],
  'store-malformed': [document({ trustStores: ['*'] })],
  'store-type-unknown': [document({ trustStores: ['CA:acme'] }), document({ trustStores: [':a'] })],
  'store-name-invalid': [
    document({ trustStores: ['ca:'] }),
    document({ trustStores: ['ca:..'] }),
    document({ trustStores: ['ca:a/b'] }),
    document({ trustStores: ['ca:a\0'] }),
  ],
  'identity-wildcard-not-alone': [identity('*', 'x509.subject: C=US, ST=WA, O=acme')],
  'identity-empty': [identity('')],
  'identity-separator-missing': [identity('x509.subject CN=x,C=US,ST=WA,O=acme')],
  'identity-value-missing': [identity('x509.subject:')],
  'identity-dn-hash': [identity('x509.subject:C=US,ST=WA,O=#0c0161')],
  'identity-dn-malformed': [identity('x509.subject:C=US,ST=WA,O=a\\'), identity('x509.subject:C')],
  'identity-dn-multi-valued': [identity('x509.subject:C=US+ST=WA,O=a')],
  'identity-dn-duplicate': [
    identity('x509.subject:C=US,ST=WA,O=a,O=b'),
    identity('x509.subject:C=US,S=WA,ST=WA,O=a'),
  ],
  'identity-dn-mandatory': [
    identity('x509.subject: CN=x,L=Seattle,ST=WA,C=US'),
    identity('x509.subject:ST=WA,O=a'),
    identity('x509.subject:C=US,O=a'),
    identity('x509.subject:c=US,ST=WA,O=a'),
    identity('x509.subject: '),
  ],
  'identity-overlap': [
    identity('x509.subject:C=US,ST=WA,O=a', 'x509.subject:C=US,ST=WA,O=a,OU=b'),
    identity('x509.subject:C=US,ST=WA,O=a', 'x509.subject: O=a, S=WA, C=US'),
  ],
  'scopes-missing': [document({ registryScopes: [] }), document({ registryScopes: null })],
  'scope-wildcard-not-alone': [document({ registryScopes: ['*', 'registry.example.com/app'] })],
  'scope-wildcard-within': [document({ registryScopes: ['registry.example.com/*'] })],
  'scope-invalid': [
    'localhost:5000\\test-repo',
    'registry.example.com',
    '',
    'https://registry.example.com/app',
    'registry.example.com/app:v1',
    'registry.example.com/app@sha256:00',
    'registry.example.com/App',
    'registry.example.com/',
    '/app',
    'registry..example.com/app',
    '-a.example.com/app',
    'registry.example.com/a//b',
    'registry.example.com/a___b',
    'registry.example.com/app\n',
  ].map((scope) => document({ registryScopes: [scope] })),
  'scope-duplicate': [
    twice({ name: 'other' }),
    document({ registryScopes: ['registry.example.com/app', 'registry.example.com/app'] }),
    document(
      {},
      {
        trustPolicies: ['a', 'b'].map((name) => ({ ...STATEMENT, name, registryScopes: ['*'] })),
      },
    ),
  ],
};

for (const name of OCI_RULES as OciRule[]) {
  test(`a policy that breaks the rule ${name} is refused`, () => {
    assert.ok(BROKEN[name].length > 0);
    for (const text of BROKEN[name]) {
      assert.equal(caught(text).code, 'NOTARY_POLICY_INVALID', text);
      assert.equal(rule(text), name, text);
    }
  });
}

function facts(text: string): object {
  const { path: _path, line: _line, column: _column, message: _, ...rest } = caught(text).data;
  return rest;
}

test('the facts of a broken rule are in data', () => {
  assert.deepEqual(facts(identity('x509.subject: CN=x,L=Seattle,ST=WA,C=US')), {
    rule: 'identity-dn-mandatory',
    statement: 'name',
    identity: 'x509.subject: CN=x,L=Seattle,ST=WA,C=US',
    dn: ' CN=x,L=Seattle,ST=WA,C=US',
    attribute: 'O',
  });
  assert.deepEqual(facts(document({ trustStores: ['ca:'] })), {
    rule: 'store-name-invalid',
    statement: 'name',
    name: '',
    value: 'ca:',
  });
});

test('what the reference accepts is accepted', () => {
  for (const accepted of [
    document({ trustedIdentities: ['*'] }),
    document({ trustedIdentities: ['other.prefix:value'] }),
    document({ registryScopes: ['local/myOCILayout'.toLowerCase()] }),
    document({ registryScopes: ['*'] }),
    document({ registryScopes: ['127.0.0.1:5000/a__b/c-d.e'] }),
    document({ trustStores: ['ca:a', 'ca:a', 'tsa:b', 'signingAuthority:c'] }),
    level({ level: 'strict', override: {}, verifyTimestamp: '' }),
    level({ level: 'audit', override: { revocation: 'skip', authenticity: 'enforce' } }),
    identity('x509.subject:C=US,ST=WA,O=a', 'x509.subject:C=US,ST=WA,O=b'),
  ]) {
    assert.equal(parse(accepted).statements.length, 1, accepted);
  }
});

test('keys match in any case and unknown keys are ignored, each with a note', () => {
  const text = JSON.stringify({
    VERSION: '1.0',
    extra: [{}],
    TrustPolicies: [{ ...STATEMENT, NAME: 'other', ſignatureVerification: { Level: 'audit' } }],
  });
  const { statements, notes } = parse(text);
  assert.equal(statements[0]?.name, 'other');
  assert.equal(statements[0]?.signatureVerification.level, 'audit');
  assert.deepEqual(notes, [
    { note: 'unknown-key', path: ['extra'], fields: ['version', 'trustPolicies'] },
    { note: 'duplicate-key', path: ['trustPolicies', 0, 'NAME'], fields: ['name'] },
    {
      note: 'duplicate-key',
      path: ['trustPolicies', 0, 'ſignatureVerification'],
      fields: ['signatureVerification'],
    },
  ]);
});

test('of equal keys the last wins, objects merge, as the reference reads them', () => {
  const inner =
    '"signatureVerification":{"level":"strict"},"signatureVerification":{"override":{"expiry":"log"}}';
  const text = document({}).replace('"signatureVerification":{"level":"strict"}', inner);
  const verification = parse(text).statements[0]?.signatureVerification;
  assert.equal(verification?.level, 'strict');
  assert.deepEqual([...(verification?.override ?? [])], [['expiry', 'log']]);
});

test('data after the document is refused, or noted where the reference ignores it', () => {
  const text = `${document({})} {}`;
  assert.equal(caught(text).code, 'NOTARY_POLICY_MALFORMED');
  const { notes } = parse(text, { allowTrailingData: true });
  assert.deepEqual(notes, [{ note: 'trailing-data', path: [] }]);
});

test('a byte order mark before the policy does not matter', () => {
  assert.deepEqual(parse(`\ufeff${document({})}`), parse(document({})));
});

test('what is not JSON, or of other types, is malformed', () => {
  for (const text of [
    '',
    '{',
    '{"version":}',
    '[]',
    '"1.0"',
    '{"version":1}',
    '{}\ufeff',
    '{"version":"1.0","trustPolicies":{}}',
    '{"version":"1.0","trustPolicies":[1]}',
    document({ trustStores: 'ca:acme' }),
    document({ trustStores: [1] }),
    level({ level: 'strict', override: [] }),
    level({ level: 'strict', override: { expiry: 1 } }),
    `{"a":${'['.repeat(100)}${']'.repeat(100)}}`,
    '{"version":"1.0",}',
    "{'version':'1.0'}",
    '{"version":"\u0001"}',
    '{"a":01}',
  ]) {
    assert.equal(caught(text).code, 'NOTARY_POLICY_MALFORMED', text);
  }
});

test('any bytes are a policy or one of two errors', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8)), (bytes) => {
      try {
        parseOciTrustPolicy(bytes);
      } catch (error) {
        assert.ok(error instanceof NotaryError);
        assert.match(error.code, /^NOTARY_POLICY_(?:MALFORMED|INVALID)$/);
      }
    }),
  );
});

test('a hostile scope takes no time', () => {
  const scope = `a.example.com/${'a-'.repeat(50_000)}`;
  assert.equal(rule(document({ registryScopes: [scope] })), 'scope-invalid');
  assert.equal(rule(document({ registryScopes: [`${'a'.repeat(100_000)}!/a`] })), 'scope-invalid');
});

test('security row 12: each field of a statement changes what is decided, or the policy is refused', () => {
  const base = parse(document({})).statements[0];
  const changes: Readonly<Record<keyof typeof STATEMENT, unknown>> = {
    name: 'other',
    registryScopes: ['registry.example.com/other'],
    signatureVerification: { level: 'audit' },
    trustStores: ['ca:other'],
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'],
  };
  for (const [field, value] of Object.entries(changes)) {
    assert.notDeepEqual(parse(document({ [field]: value })).statements[0], base, field);
    assert.throws(() => parse(document({ [field]: undefined })), NotaryError, field);
  }
});
