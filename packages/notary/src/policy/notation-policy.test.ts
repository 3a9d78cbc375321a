import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import fc from 'fast-check';
import { NotaryError } from '../errors.ts';
import { formatPath, type ValuePath } from '../value-path.ts';
import { parseBlobTrustPolicy } from './blob-policy.ts';
import { MAX_POLICY_BYTES } from './notation-policy.ts';
import { ociTrustPolicyPlaces, parseOciTrustPolicy } from './oci-policy.ts';
import { POLICY_RULES, type PolicyRule } from './rules.ts';

/** Stands in a document before what is wrong, and is taken out of it. */
const HERE = '@';

const FIELDS: Readonly<Record<string, string>> = {
  name: '"a"',
  registryScopes: '["registry.example/app"]',
  signatureVerification: '{ "level": "strict" }',
  trustStores: '["ca:acme"]',
  trustedIdentities: '["*"]',
};

/** A statement with a field to a line; one whose text is empty is left out. */
function statement(changes: Readonly<Record<string, string>>, before = ''): string {
  const lines = Object.entries({ ...FIELDS, ...changes }).filter(([, text]) => text !== '');
  return `${before}{\n${lines.map(([key, text]) => line(key, text)).join(',\n')}\n}`;
}

// a key that the marker stands before
function line(key: string, text: string): string {
  return key.startsWith(HERE) ? `${HERE}"${key.slice(1)}": ${text}` : `"${key}": ${text}`;
}

function policy(...statements: readonly string[]): string {
  return `{\n"version": "1.0",\n"trustPolicies": [${statements.join(',\n')}]\n}`;
}

const one = (changes: Readonly<Record<string, string>>, before = ''): string =>
  policy(statement(changes, before));
const two = (changes: Readonly<Record<string, string>>): string =>
  policy(statement({}), statement({ name: '"b"', registryScopes: '["*"]', ...changes }));
const level = (text: string): string => one({ signatureVerification: text });
const override = (text: string): string => level(`{ "level": "strict", "override": ${text} }`);
const stores = (text: string): string => one({ trustStores: text });
const identities = (text: string): string => one({ trustedIdentities: text });
const scopes = (text: string): string => one({ registryScopes: text });
const GLOBAL = { registryScopes: '', globalPolicy: 'true' };
const SKIP = {
  signatureVerification: '{ "level": "skip" }',
  trustStores: '',
  trustedIdentities: '',
};

interface Broken {
  /** With the marker before what is wrong. */
  readonly text: string;
  readonly path: string;
  /** The end of the message. */
  readonly end: string;
}

const at = (text: string, path: string, end: string): Broken => ({ text, path, end });
const of = (field: string): string => `trustPolicies[0].${field}`;
const inLevel = (field: string): string => of(`signatureVerification.${field}`);

const BROKEN: Readonly<Record<PolicyRule, readonly Broken[]>> = {
  'version-missing': [
    at(' @{}', 'version', 'version is required'),
    at('{ "version": @"" }', 'version', 'version is required'),
    at(
      '{ @"verzion": "1.0" }',
      'verzion',
      ': "verzion" is no field of a trust policy; did you mean version?',
    ),
  ],
  'version-unsupported': [at('{ "version": @"1.1" }', 'version', 'got version "1.1"')],
  'statements-missing': [
    at('@{ "version": "1.0" }', 'trustPolicies', 'at least one statement is required'),
    at('{ "version": "1.0", "trustPolicies": @[] }', 'trustPolicies', 'is required'),
    at(
      '{ "version": "1.0", @"trustPolices": [] }',
      'trustPolices',
      '"trustPolices" is no field of a trust policy; did you mean trustPolicies?',
    ),
  ],
  'name-duplicate': [two({ name: '@"a"' })].map((text) =>
    at(text, 'trustPolicies[1].name', 'got statement "a"'),
  ),
  'name-missing': [
    at(one({ name: '' }, HERE), of('name'), 'every statement has a name'),
    at(one({ name: '@""' }), of('name'), 'every statement has a name'),
    at(
      one({ name: '', '@nmae': '"a"' }),
      of('nmae'),
      '"nmae" is no field of a statement; did you mean name?',
    ),
  ],
  'level-missing': [
    at(one({ signatureVerification: '' }, HERE), inLevel('level'), 'got statement "a"'),
    at(level('@{}'), inLevel('level'), 'got statement "a"'),
    at(level('{ "level": @"" }'), inLevel('level'), 'got statement "a"'),
    at(level('{ "level": @null }'), inLevel('level'), 'got statement "a"'),
    at(
      level('{ @"Levl": "strict" }'),
      inLevel('Levl'),
      '"Levl" is no field of signatureVerification; did you mean level?',
    ),
    at(
      one({ signatureVerification: '', '@signatureVerificaton': '{ "level": "strict" }' }),
      of('signatureVerificaton'),
      'did you mean signatureVerification?',
    ),
  ],
  'level-unknown': [
    at(level('{ "level": @"strct" }'), inLevel('level'), 'level "strct"; did you mean strict?'),
    at(level('{ "level": @"Audit" }'), inLevel('level'), 'level "Audit"; did you mean audit?'),
    at(level('{ "level": @"paranoid" }'), inLevel('level'), 'level "paranoid"'),
  ],
  'override-of-skip': [
    at(
      level('{ "level": "skip", "override": @{ "expiry": "log" } }'),
      inLevel('override'),
      'level "skip"',
    ),
  ],
  'override-check-unknown': [
    at(override('{ @"Expiry": "log" }'), inLevel('override.Expiry'), 'did you mean expiry?'),
    at(
      override('{ "expiry": "log", @"Expiry": "log", "EXPIRY": "log" }'),
      inLevel('override.Expiry'),
      'did you mean expiry?',
    ),
    at(override('{ @"integrty": "log" }'), inLevel('override.integrty'), 'check "integrty"'),
  ],
  'override-action-unknown': [
    at(override('{ "expiry": @"logg" }'), inLevel('override.expiry'), 'did you mean log?'),
    at(override('{ "expiry": @"skp" }'), inLevel('override.expiry'), 'action "skp"'),
    at(override('{ "revocation": @"skp" }'), inLevel('override.revocation'), 'did you mean skip?'),
  ],
  'override-of-integrity': [
    at(override('{ @"integrity": "log" }'), inLevel('override.integrity'), 'check "integrity"'),
  ],
  'override-to-skip': [
    at(override('{ "expiry": @"skip" }'), inLevel('override.expiry'), 'check "expiry"'),
  ],
  'timestamp-option-unknown': [
    at(
      level('{ "level": "strict", "verifyTimestamp": @"afterCertExpire" }'),
      inLevel('verifyTimestamp'),
      'did you mean afterCertExpiry?',
    ),
  ],
  'skip-with-trust': [
    at(one({ ...SKIP, trustStores: '@["ca:acme"]' }), of('trustStores'), 'got statement "a"'),
    at(one({ ...SKIP, trustedIdentities: '@["*"]' }), of('trustedIdentities'), 'statement "a"'),
  ],
  'trust-missing': [
    at(stores('@[]'), of('trustStores'), 'got statement "a"'),
    at(identities('@[]'), of('trustedIdentities'), 'got statement "a"'),
    at(one({ trustStores: '' }, HERE), of('trustStores'), 'got statement "a"'),
    at(
      one({ trustStores: '', '@trustStore': '["ca:acme"]' }),
      of('trustStore'),
      ': "trustStore" is no field of a statement; did you mean trustStores?',
    ),
    at(
      one({ trustedIdentities: '', '@trustIdentities': '["*"]' }),
      of('trustIdentities'),
      'did you mean trustedIdentities?',
    ),
    // not what is missing
    at(
      one({ trustStore: '["ca:acme"]', trustedIdentities: '' }, HERE),
      of('trustedIdentities'),
      'got statement "a"',
    ),
  ],
  'store-malformed': [at(stores('["ca:a", @"acme"]'), of('trustStores[1]'), 'value "acme"')],
  'store-type-unknown': [
    at(stores('[@"CA:acme"]'), of('trustStores[0]'), 'value "CA:acme"; did you mean ca?'),
    at(
      stores('["ca:acme", @"signingAutority:acme"]'),
      of('trustStores[1]'),
      'did you mean signingAuthority?',
    ),
    at(stores('[@"root:acme"]'), of('trustStores[0]'), 'value "root:acme"'),
  ],
  'store-name-invalid': [at(stores('[@"ca:a/b"]'), of('trustStores[0]'), 'value "ca:a/b"')],
  'identity-wildcard-not-alone': [
    at(
      identities('["x509.subject:C=US,ST=WA,O=a", @"*"]'),
      of('trustedIdentities[1]'),
      'got statement "a"',
    ),
  ],
  'identity-empty': [at(identities('["a:b", @""]'), of('trustedIdentities[1]'), 'statement "a"')],
  'identity-separator-missing': [
    at(identities('[@"x509.subject CN=x"]'), of('trustedIdentities[0]'), '"x509.subject CN=x"'),
  ],
  'identity-value-missing': [
    at(identities('[@"x509.subject:"]'), of('trustedIdentities[0]'), '"x509.subject:"'),
  ],
  'identity-dn-hash': [
    at(
      identities('[@"x509.subject:C=US,ST=WA,O=#0c0161"]'),
      of('trustedIdentities[0]'),
      'dn "C=US,ST=WA,O=#0c0161"',
    ),
  ],
  'identity-dn-malformed': [
    at(identities('["a:b",\n@"x509.subject:C"]'), of('trustedIdentities[1]'), 'dn "C"'),
  ],
  'identity-dn-multi-valued': [
    at(
      identities('[@"x509.subject:C=US+ST=WA,O=a"]'),
      of('trustedIdentities[0]'),
      'dn "C=US+ST=WA,O=a"',
    ),
  ],
  'identity-dn-duplicate': [
    at(
      identities('[@"x509.subject:C=US,ST=WA,O=a,O=b"]'),
      of('trustedIdentities[0]'),
      'attribute "O"',
    ),
  ],
  'identity-dn-mandatory': [
    at(identities('[@"x509.subject:C=US,O=a"]'), of('trustedIdentities[0]'), 'attribute "ST"'),
  ],
  'identity-overlap': [
    at(
      identities(
        '["a:b", "x509.subject:C=US,ST=WA,O=a", "a:b", @"x509.subject:C=US,ST=WA,O=a,OU=b"]',
      ),
      of('trustedIdentities[3]'),
      'other "x509.subject:C=US,ST=WA,O=a,OU=b"',
    ),
  ],
  'scopes-missing': [
    at(one({ registryScopes: '' }, HERE), of('registryScopes'), 'got statement "a"'),
    at(scopes('@[]'), of('registryScopes'), 'got statement "a"'),
    at(
      one({ registryScopes: '', '@registryScope': '["*"]' }),
      of('registryScope'),
      'got statement "a": "registryScope" is no field of a statement; did you mean registryScopes?',
    ),
  ],
  'scope-wildcard-not-alone': [
    at(scopes('["registry.example/app", @"*"]'), of('registryScopes[1]'), 'got statement "a"'),
  ],
  'scope-wildcard-within': [
    at(scopes('[@"registry.example/*"]'), of('registryScopes[0]'), 'scope "registry.example/*"'),
  ],
  'scope-invalid': [
    at(scopes('[@"registry.example"]'), of('registryScopes[0]'), 'scope "registry.example"'),
  ],
  'scope-duplicate': [
    at(
      two({ registryScopes: '["registry.example/b", @"registry.example/app"]' }),
      'trustPolicies[1].registryScopes[1]',
      'scope "registry.example/app"',
    ),
  ],
  'global-duplicate': [
    at(
      policy(statement(GLOBAL), statement({ ...GLOBAL, name: '"b"', globalPolicy: '@true' })),
      'trustPolicies[1].globalPolicy',
      'got statement "b"',
    ),
  ],
  'global-skip': [
    at(
      one({ ...SKIP, ...GLOBAL, signatureVerification: '{ "level": @"skip" }' }),
      inLevel('level'),
      'got statement "a"',
    ),
  ],
};

function refusal(parse: (bytes: Uint8Array) => unknown, text: string): NotaryError {
  try {
    parse(encodeUtf8(text.replace(HERE, '')));
  } catch (error) {
    assert.ok(error instanceof NotaryError);
    return error;
  }
  throw new assert.AssertionError({ message: `accepted: ${text}` });
}

/** Where the marker is, counted here by other means. */
function placeOfMarker(text: string): { line: unknown; column: unknown } {
  const before = text.slice(0, text.indexOf(HERE)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function assertPlace(error: NotaryError, text: string, path: string): void {
  const { line, column } = error.data;
  assert.ok(text.includes(HERE));
  assert.deepEqual({ line, column }, placeOfMarker(text), text);
  assert.equal(formatPath(error.data['path'] as ValuePath), path, text);
  assert.equal(error.hint, 'correct the trust policy at that place');
}

for (const rule of Object.keys(POLICY_RULES) as PolicyRule[]) {
  test(`a policy that breaks the rule ${rule} says where and what was meant`, () => {
    const isOci = !rule.startsWith('global-');
    const isBlob = !rule.startsWith('scope');
    for (const { text, path, end } of BROKEN[rule]) {
      for (const [parse, applies] of [
        [parseOciTrustPolicy, isOci],
        [parseBlobTrustPolicy, isBlob],
      ] as const) {
        if (!applies) continue;
        const error = refusal(parse, text);
        assert.equal(error.data['rule'], rule, text);
        assert.ok(error.message.endsWith(end), error.message);
        assert.equal(error.data['message'], error.message);
        assertPlace(error, text, path);
      }
    }
  });
}

test('a value of another type is told with its place', () => {
  for (const [text, path] of [
    ['@[]', ''],
    ['{ "version": @1 }', 'version'],
    ['{ "version": "1.0",\n "trustPolicies": [ {}, @1 ] }', 'trustPolicies[1]'],
    [stores('@"ca:acme"'), of('trustStores')],
    [stores('["ca:acme", @true]'), of('trustStores[1]')],
    [override('{ "expiry": @{} }'), inLevel('override.expiry')],
    // the first of equal keys that cannot be read
    [level('{ "level": "audit", "LEVEL": @1, "level": "strict" }'), inLevel('level')],
  ] as const) {
    const error = refusal(parseOciTrustPolicy, text);
    assert.equal(error.code, 'NOTARY_POLICY_MALFORMED');
    assertPlace(error, text, path);
  }
});

test('text that is not JSON is told with the place', () => {
  for (const text of ['@', '{ "version": @}', '{"a":1,\n @}', '{}\n @{}', '\n\n[@']) {
    const { data, code } = refusal(parseOciTrustPolicy, text);
    assert.equal(code, 'NOTARY_POLICY_MALFORMED');
    assert.deepEqual({ line: data['line'], column: data['column'] }, placeOfMarker(text), text);
    assert.doesNotMatch(String(data['message']), /line/);
  }
});

test('of keys that are given twice, in any case, the place is that of what was read', () => {
  for (const text of [
    level('{ "level": "strict", "LEVEL": @"strct" }'),
    level('{ "LEVEL": "strict", "level": @"strct" }'),
    level('{ "level": @"strct", "level": null }'),
    one({
      signatureVerification: '{ "level": @"strct" }',
      SignatureVerification: '{ "override": { "expiry": "log" } }',
    }),
    `{ "version": "1.0", "trustPolicies": [{ "name": "x" }], "TRUSTPOLICIES": [ ${statement({
      signatureVerification: '{ "level": @"strct" }',
    })} ] }`,
  ]) {
    assertPlace(refusal(parseOciTrustPolicy, text), text, inLevel('level'));
  }
});

test('a null that takes away what an earlier key gave is the place of what is missing', () => {
  for (const [text, path] of [
    [one({ trustStores: '["ca:x"]', TrustStores: '@null' }), ['trustPolicies', 0, 'trustStores']],
    [
      one({ registryScopes: '["*"]', RegistryScopes: '@null' }),
      ['trustPolicies', 0, 'registryScopes'],
    ],
    [
      `{ "version": "1.0", "trustPolicies": [${statement({})}], "TrustPolicies": @null }`,
      ['trustPolicies'],
    ],
  ] as const) {
    const error = refusal(parseOciTrustPolicy, text);
    const places = ociTrustPolicyPlaces(encodeUtf8(text.replace('@', '')));
    assert.deepEqual(places(path), placeOfMarker(text), text);
    assert.equal(error.code, 'NOTARY_POLICY_INVALID');
  }
});

test('a byte order mark is no column', () => {
  const text = '{ "version": @"2" }';
  assertPlace(refusal(parseOciTrustPolicy, `\ufeff${text}`), text, 'version');
});

test('what has no place has none: other encodings, too many bytes', () => {
  for (const bytes of [new Uint8Array([0xff, 0xfe]), new Uint8Array(MAX_POLICY_BYTES + 1)]) {
    assert.throws(
      () => parseOciTrustPolicy(bytes),
      (error) =>
        error instanceof NotaryError &&
        error.data['line'] === undefined &&
        error.data['message'] === error.message,
    );
  }
});

test('the place of a valid policy is found by path', () => {
  const text = policy(statement({}), statement({ name: '"b"', registryScopes: '["*"]' }));
  const places = ociTrustPolicyPlaces(encodeUtf8(text));
  assert.deepEqual(places([]), { line: 1, column: 1 });
  assert.deepEqual(places(['trustPolicies', 0]), { line: 3, column: 19 });
  assert.deepEqual(places(['trustPolicies', 1, 'name']), { line: 11, column: 9 });
  assert.deepEqual(places(['trustPolicies', 1, 'name'], 'key'), { line: 11, column: 1 });
  assert.deepEqual(places(['trustPolicies', 1, 'absent'], 'key'), { line: 10, column: 1 });
});

test('whatever is wrong with a policy of any JSON is within its text', () => {
  fc.assert(
    fc.property(fc.json(), (version) => {
      const text = `{"version":"1.0","trustPolicies":[${version}]}`;
      try {
        parseOciTrustPolicy(encodeUtf8(text));
      } catch (error) {
        assert.ok(error instanceof NotaryError);
        const { line, column } = error.data;
        assert.ok(line === 1 && Number(column) >= 1 && Number(column) <= text.length, text);
      }
    }),
  );
});
