import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseJson } from '@nv2/core';
import fc from 'fast-check';
import { NotaryError } from '../../errors.ts';
import { formatPath } from '../../value-path.ts';
import { canonicalDemands } from '../demands.ts';
import { formatScope } from '../scopes.ts';
import { selectStatement } from '../select.ts';
import type { TrustStatement } from '../statement.ts';
import { compileOwnPolicy, type OwnTrustPolicy } from './compile.ts';

const SIGNER = { name: 'build', stores: ['ca:acme'], identities: [{ any: true }] };
const STATEMENT = {
  name: 'app',
  scopes: [{ repository: 'registry.example/app' }],
  level: 'strict',
  signers: [SIGNER],
};

function compile(...statements: readonly object[]): OwnTrustPolicy {
  return compileOwnPolicy(parseJson(JSON.stringify({ version: 'nv2/1', statements })));
}

/** Where the mistake is found, and the words about it. */
function mistakeIn(...statements: readonly object[]): string {
  try {
    compile(...statements);
  } catch (error) {
    assert.ok(error instanceof NotaryError);
    assert.equal(error.code, 'NOTARY_OWN_POLICY_INVALID');
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the policy was accepted' });
}

function broken(changes: object): string {
  return mistakeIn({ ...STATEMENT, ...changes });
}

test('a statement with all that it may have becomes one that the engine takes', () => {
  const [statement] = compile({
    ...STATEMENT,
    override: { revocation: 'log' },
    timestamp: { stores: ['acme-tsa'], verify: 'afterCertExpiry' },
    signers: [
      { ...SIGNER, identities: [{ subject: 'C=US, ST=WA, O=Acme' }, { other: 'spiffe:x' }] },
      { name: 'security', keys: [`sha256:${'0a'.repeat(32)}`] },
      { ...SIGNER, name: 'release' },
    ],
    require: { atLeast: 2 },
    metadata: { stage: 'production' },
    maxAge: '1d12h',
  }).statements;
  assert.equal(statement?.threshold, 2);
  assert.deepEqual(statement?.timestampStores, [{ type: 'tsa', name: 'acme-tsa' }]);
  assert.equal(statement?.signatureVerification.verifyTimestamp, 'afterCertExpiry');
  assert.deepEqual([...(statement?.signatureVerification.override ?? [])], [['revocation', 'log']]);
  assert.deepEqual(statement?.demands, {
    metadata: new Map([['stage', 'production']]),
    maxAgeSeconds: 36 * 60 * 60,
  });
  const [build, security] = statement?.signers ?? [];
  assert.deepEqual(build?.trustStores, [{ type: 'ca', name: 'acme' }]);
  assert.deepEqual(
    build?.trustedIdentities.map(({ kind }) => kind),
    ['x509.subject', 'other'],
  );
  assert.deepEqual(security?.keys, new Set(['0a'.repeat(32)]));
  assert.deepEqual(security?.trustStores, []);
});

test('all signers are asked for where nothing else is said', () => {
  const signers = [SIGNER, { ...SIGNER, name: 'b' }];
  assert.equal(compile({ ...STATEMENT, signers }).statements[0]?.threshold, 2);
  assert.equal(compile({ ...STATEMENT, signers, require: 'any' }).statements[0]?.threshold, 1);
});

describe('scopes', () => {
  const policy = compile(
    { ...STATEMENT, name: 'any', scopes: [{ any: true }] },
    { ...STATEMENT, name: 'registry', scopes: [{ registry: 'registry.example' }] },
    { ...STATEMENT, name: 'team', scopes: [{ namespace: 'registry.example/team' }] },
    { ...STATEMENT, name: 'deep', scopes: [{ namespace: 'registry.example/team/deep' }] },
    {
      ...STATEMENT,
      name: 'app',
      scopes: [{ repository: 'registry.example/team/app', mirrors: ['mirror.example:5000/m/app'] }],
    },
  );

  test('the most specific one decides', () => {
    for (const [repository, name] of [
      ['registry.example/team/app', 'app'],
      ['mirror.example:5000/m/app', 'app'],
      ['registry.example/team/other', 'team'],
      ['registry.example/team/deep/x', 'deep'],
      ['registry.example/team/deep/x/y', 'deep'],
      ['registry.example/team', 'registry'],
      ['other.example/team/app', 'any'],
    ] as const) {
      assert.equal(selectStatement(policy, repository).statement.name, name, repository);
    }
  });

  test('security row 13: names match at their boundaries only', () => {
    for (const [repository, name] of [
      ['registry.example/team2/app', 'registry'],
      ['registry.example/tea/app', 'registry'],
      ['registry.example.evil.example/team/app', 'any'],
      ['registry.example:5000/team/app', 'any'],
      ['xregistry.example/team/app', 'any'],
      ['registry.example/x/registry.example/team/app', 'registry'],
      ['registry.example/team/app/sub', 'team'],
    ] as const) {
      assert.equal(selectStatement(policy, repository).statement.name, name, repository);
    }
  });

  test('a registry written in another case is refused, and not judged by a wider scope', () => {
    for (const repository of ['REGISTRY.example/team/app', 'Registry.example/x']) {
      assert.throws(() => selectStatement(policy, repository), {
        code: 'NOTARY_POLICY_NOT_APPLICABLE',
      });
    }
  });

  test('two of them that are equal are refused', () => {
    assert.match(
      mistakeIn(STATEMENT, { ...STATEMENT, name: 'b' }),
      /^statements\[1\]\.scopes\[0\]\.repository: there is that scope already/,
    );
    const mirrors = ['registry.example/app'];
    assert.match(
      broken({ scopes: [{ repository: 'registry.example/b', mirrors }, ...STATEMENT.scopes] }),
      /^statements\[0\]\.scopes\[1\]\.repository: there is that scope already/,
    );
  });

  test('each is of one kind, and its mirrors are of the same', () => {
    assert.match(broken({ scopes: [{}] }), /scopes\[0\]: expected one of/);
    assert.match(broken({ scopes: [{ any: true, registry: 'a.b' }] }), /both registry and any/);
    assert.match(broken({ scopes: [{ any: true, mirrors: ['a.b'] }] }), /mirrors: the scope any/);
    assert.match(
      broken({ scopes: [{ registry: 'a.b', mirrors: ['c.d/e'] }] }),
      /mirrors\[0\]: expected the name of a registry/,
    );
    assert.match(broken({ scopes: [{ repository: 'a.b/c:v1' }] }), /expected a repository/);
    assert.match(broken({ scopes: [{ repository: 'https://a.b/c' }] }), /expected a repository/);
    assert.match(broken({ scopes: [{ namespace: 'a.b/c/*' }] }), /expected a namespace/);
    assert.match(broken({ scopes: [{ any: false }] }), /expected true/);
  });

  test('as text they are told apart', () => {
    assert.deepEqual(
      policy.statements.flatMap(({ scopes }) => scopes.map(formatScope)),
      [
        '*',
        'registry.example/*',
        'registry.example/team/*',
        'registry.example/team/deep/*',
        'registry.example/team/app',
        'mirror.example:5000/m/app',
      ],
    );
  });
});

test('security row 12: a field that is none is a mistake, with the word that was meant', () => {
  assert.match(broken({ signer: [] }), /^statements\[0\]\.signer: .* did you mean signers\?$/);
  assert.match(broken({ Level: 'strict' }), /did you mean level\?$/);
  assert.match(broken({ level: 'strikt' }), /did you mean strict\?$/);
  assert.match(broken({ trustedIdentities: ['*'] }), /no field of a statement: name, scopes/);
  assert.match(broken({ override: { integrity: 'log' } }), /no field of override/);
  assert.match(
    broken({ override: { expiry: 'skip' } }),
    /expected one of enforce, log, got "skip"/,
  );
});

test('what nobody could meet, or what asks for nothing, is a mistake', () => {
  assert.match(broken({ require: { atLeast: 2 } }), /atLeast: expected at most 1/);
  assert.match(broken({ require: { atLeast: 0 } }), /atLeast: expected a whole number from 1/);
  assert.match(broken({ require: 'some' }), /expected one of all, any/);
  assert.match(broken({ signers: undefined }), /expected signers/);
  assert.match(broken({ signers: [] }), /signers: expected at least one item/);
  assert.match(broken({ signers: [{ name: 'x' }] }), /expected stores, keys or both/);
  assert.match(broken({ signers: [{ name: 'x', stores: ['ca:a'] }] }), /expected identities/);
  assert.match(broken({ signers: [SIGNER, SIGNER] }), /there is a signer of that name already/);
  const keys = [`sha256:${'0'.repeat(64)}`];
  assert.match(
    broken({ signers: [{ name: 'x', keys, identities: [{ any: true }] }] }),
    /identities: without stores/,
  );
  assert.match(broken({ signers: [{ name: 'x', keys: ['sha256:00'] }] }), /expected a key/);
  assert.match(broken({ signers: [{ ...SIGNER, stores: ['tsa:x'] }] }), /expected a trust store/);
  assert.match(
    broken({ signers: [{ ...SIGNER, identities: [{ subject: 'C=US' }] }] }),
    /subject: expected a name with C, ST and O/,
  );
  assert.match(broken({ maxAge: '0s' }), /maxAge: expected from 1s/);
  assert.match(broken({ maxAge: '1 day' }), /maxAge: expected a length of time/);
  assert.match(
    broken({ level: 'audit', signers: [SIGNER, { ...SIGNER, name: 'b' }] }),
    /only where authenticity is enforced/,
  );
  assert.match(broken({ level: 'skip' }), /signers: the level skip asks for nothing/);
  assert.match(
    mistakeIn(STATEMENT, { ...STATEMENT, scopes: [{ any: true }] }),
    /of that name already/,
  );
});

describe('revocation', () => {
  const rule = { hosts: ['ocsp.example', 'crl.example:8080'], failures: ['timeout', 'refused'] };
  const tuned = (revocation: object): TrustStatement | undefined =>
    compile({ ...STATEMENT, revocation }).statements[0];

  test('is asked about as a statement says', () => {
    assert.deepEqual(tuned({ timeout: '3s', softFail: [rule] })?.revocation, {
      timeoutSeconds: 3,
      softFail: [
        {
          hosts: new Set(rule.hosts),
          methods: new Set(['ocsp', 'crl']),
          failures: new Set(['timeout', 'refused']),
        },
      ],
    });
    const offline = { directory: 'answers', maxAge: '7d' };
    assert.deepEqual(tuned({ offline })?.revocation, {
      offline: { directory: 'answers', maxAgeSeconds: 7 * 24 * 60 * 60 },
    });
    assert.equal(compile(STATEMENT).statements[0]?.revocation, undefined);
  });

  const wrong: readonly (readonly [object, RegExp])[] = [
    [{}, /^statements\[0\]\.revocation: expected timeout, softFail or offline$/],
    [{ timeOut: '3s' }, /\.revocation\.timeOut: .*did you mean timeout\?$/],
    [{ timeout: '31s' }, /\.timeout: expected from 1s to 30s, got "31s"$/],
    [{ timeout: '0s' }, /\.timeout: expected from 1s to 30s/],
    [{ timeout: 3 }, /\.timeout: expected a length of time/],
    [{ softFail: true }, /\.softFail: expected a list, got boolean true$/],
    [{ softFail: [] }, /\.softFail: expected at least one item/],
    [{ softFail: [{ any: true }] }, /softFail\[0\]: the field failures is missing/],
    [{ softFail: [{ failures: ['timeout'] }] }, /softFail\[0\]: expected one of hosts, any$/],
    [{ softFail: [{ ...rule, any: true }] }, /any: expected one of hosts, any, got both/],
    [{ softFail: [{ ...rule, any: false }] }, /\.any: expected true/],
    [{ softFail: [{ ...rule, failures: [] }] }, /\.failures: expected at least one item/],
    [{ softFail: [{ ...rule, failures: ['timeut'] }] }, /failures\[0\]: .*did you mean timeout\?$/],
    [{ softFail: [{ ...rule, failures: ['revoked'] }] }, /expected one of unreachable, timeout/],
    [{ softFail: [{ ...rule, failures: ['unknown'] }] }, /expected one of unreachable, timeout/],
    [{ softFail: [{ ...rule, methods: ['oscp'] }] }, /methods\[0\]: .*did you mean ocsp\?$/],
    [
      { softFail: [{ ...rule, host: 'x' }] },
      /"host" is no field of softFail; did you mean hosts\?$/,
    ],
    ...[
      'http://ocsp.example/',
      'OCSP.example',
      'ocsp.example:80',
      'ocsp.example/',
      '*.example',
      'a@ocsp.example',
      'a b',
      '',
    ].map(
      (host) =>
        [{ softFail: [{ ...rule, hosts: [host] }] }, /hosts\[0\]: expected the host/] as const,
    ),
    [{ offline: { directory: 'x' } }, /\.offline: the field maxAge is missing/],
    [{ offline: { maxAge: '1d' } }, /\.offline: the field directory is missing/],
    [{ offline: { directory: '', maxAge: '1d' } }, /\.directory: expected the path/],
    [{ offline: { directory: 'a', maxAge: '0d' } }, /\.maxAge: expected from 1s/],
    [
      { timeout: '3s', offline: { directory: 'a', maxAge: '1d' } },
      /revocation\.timeout: with offline no service is asked/,
    ],
    [
      { softFail: [rule], offline: { directory: 'a', maxAge: '1d' } },
      /revocation\.softFail: with offline no service is asked/,
    ],
  ];
  for (const [revocation, words] of wrong) {
    test(`security row 12: ${JSON.stringify(revocation)} is a mistake`, () => {
      assert.match(broken({ revocation }), words);
    });
  }

  test('is not asked about by the level skip', () => {
    const skipping = { name: 'x', scopes: [{ any: true }], level: 'skip' };
    assert.match(
      mistakeIn({ ...skipping, revocation: { timeout: '3s' } }),
      /revocation: the level skip asks for nothing/,
    );
  });

  test('is another demand wherever it may lead to another verdict, and no other where it cannot', () => {
    const demandsOf = (revocation: object | undefined, more: object = {}): string => {
      const [statement] = compile({
        ...STATEMENT,
        ...more,
        ...(revocation && { revocation }),
      }).statements;
      assert.ok(statement);
      return canonicalDemands(statement);
    };
    const any = { any: true, failures: ['timeout', 'refused'] };
    const different = [
      undefined,
      { timeout: '3s' },
      { timeout: '4s' },
      { softFail: [rule] },
      { softFail: [{ ...rule, methods: ['crl'] }] },
      { softFail: [{ ...rule, failures: ['timeout'] }] },
      { softFail: [{ ...rule, hosts: ['ocsp.example'] }] },
      { softFail: [any] },
      { offline: { directory: '/a', maxAge: '1d' } },
      { offline: { directory: '/b', maxAge: '1d' } },
      { offline: { directory: '/a', maxAge: '2d' } },
    ];
    assert.equal(new Set(different.map((one) => demandsOf(one))).size, different.length);
    const turned = { hosts: rule.hosts.toReversed(), failures: ['refused'] };
    const divided = [turned, { ...turned, failures: ['timeout'], methods: ['ocsp', 'crl'] }];
    assert.equal(demandsOf({ softFail: divided }), demandsOf({ softFail: [rule] }));
    assert.equal(demandsOf({ softFail: [rule, any] }), demandsOf({ softFail: [any] }));
    const override = { revocation: 'skip' };
    assert.equal(demandsOf({ timeout: '3s' }, { override }), demandsOf(undefined, { override }));
    // whoever says when may have been revoked all the same
    const timestamp = { stores: ['tsa'] };
    assert.notEqual(
      demandsOf({ timeout: '3s' }, { override, timestamp }),
      demandsOf(undefined, { override, timestamp }),
    );
  });
});

test('of the level skip nothing else is asked', () => {
  const [statement] = compile({ name: 'x', scopes: [{ any: true }], level: 'skip' }).statements;
  assert.deepEqual(statement?.signers, []);
});

test('a message about a huge word is short', () => {
  const huge = 'x'.repeat(1_000_000);
  const mistakes = [
    { [huge]: 1 },
    { level: huge },
    { signers: huge },
    { scopes: [{ repository: huge.toUpperCase() }] },
    { maxAge: huge },
  ];
  for (const mistake of mistakes) {
    const words = broken(mistake);
    assert.ok(words.length < 1000, words.slice(0, 1000));
  }
});

test('any document is read, or refused with the place of its mistake', () => {
  const names = ['version', 'statements', 'name', 'scopes', 'level', 'signers', 'any', '__proto__'];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 1, 'nv2/1', 'strict', 'x', ''),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 5 })
        .map((m) => new Map(m)),
    ),
  }));
  fc.assert(
    fc.property(value, (document) => {
      try {
        compileOwnPolicy(document as Parameters<typeof compileOwnPolicy>[0]);
      } catch (error) {
        assert.ok(error instanceof NotaryError, String(error));
        assert.equal(error.code, 'NOTARY_OWN_POLICY_INVALID');
        assert.equal(typeof formatPath(error.data['path'] as readonly string[]), 'string');
      }
    }),
  );
});

test('what JSON.parse gives is refused with the way to read it', () => {
  assert.throws(() => compileOwnPolicy(JSON.parse('{"version":"nv2/1","statements":[]}')), {
    code: 'NOTARY_OWN_POLICY_INVALID',
    hint: /parseJson/,
  });
});
