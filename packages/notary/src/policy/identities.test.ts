import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derEncode, encodeUtf8, TAG } from '@nv2/core';
import { ATTRIBUTE, formatNameGo, type Name } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { matchesIdentity, parseTrustedIdentities, subjectIdentity } from './identities.ts';
import { subjectAttributes } from './subject-dn.ts';

const EMAIL = '1.2.840.113549.1.9.1';

function name(...attributes: readonly (readonly [type: string, value: string])[]): Name {
  const rdns = attributes.map(([type, value]) => [
    { type, value, der: derEncode(TAG.utf8String, encodeUtf8(value)) },
  ]);
  return { der: new Uint8Array(), rdns };
}

const OF = { statement: 'name', path: [] };

const BASE = [
  [ATTRIBUTE.country, 'US'],
  [ATTRIBUTE.stateOrProvince, 'WA'],
  [ATTRIBUTE.organization, 'Acme, Inc.'],
] as const;

function matches(subject: Name, ...identities: string[]): boolean {
  return matchesIdentity(
    subjectAttributes(formatNameGo(subject)),
    parseTrustedIdentities(identities, OF),
  );
}

test('an identity matches a subject that has all its attributes, in any order', () => {
  const subject = name(...BASE, [ATTRIBUTE.organizationalUnit, 'a'], [ATTRIBUTE.commonName, 'b']);
  const identity = 'x509.subject:C=US,ST=WA,O=Acme\\, Inc.';
  assert.ok(matches(subject, identity));
  assert.ok(matches(name(...BASE.toReversed()), identity));
  assert.ok(matches(subject, 'x509.subject: O=Acme\\, Inc., CN=b, S=WA, C=US, OU=a'));
  assert.ok(!matches(name(...BASE), `${identity},OU=a`));
  assert.ok(!matches(subject, `${identity},OU=b`));
});

test('outside of policies some attributes are enough, of a subject that has no more than these too', () => {
  const release = [
    [ATTRIBUTE.organization, 'Example'],
    [ATTRIBUTE.commonName, 'release'],
  ] as const;
  const subject = formatNameGo(name(...release));
  const full = formatNameGo(name(...BASE.slice(0, 2), ...release));
  for (const [text, expected] of [
    ['CN=release,O=Example', true],
    ['O=Example', true],
    ['CN=release,O=Other', false],
    ['CN=rel', false],
    ['CN=Release', false],
    ['CN=release,OU=Build', false],
  ] as const) {
    assert.equal(
      matchesIdentity(subjectAttributes(subject), [subjectIdentity(text)]),
      expected,
      text,
    );
    assert.equal(matchesIdentity(subjectAttributes(full), [subjectIdentity(text)]), expected, text);
  }
  assert.equal(
    matchesIdentity(subjectAttributes(subject), [subjectIdentity('CN=release,C=US')]),
    false,
  );
  const twoUnits = name(
    ...release,
    [ATTRIBUTE.organizationalUnit, 'a'],
    [ATTRIBUTE.organizationalUnit, 'b'],
  );
  assert.equal(
    matchesIdentity(subjectAttributes(formatNameGo(twoUnits)), [subjectIdentity('CN=release')]),
    false,
  );
  assert.equal(matchesIdentity(subjectAttributes(''), [subjectIdentity('CN=release')]), false);
});

test('what names no attributes, or none that are compared, is no identity', () => {
  for (const [text, problem] of [
    ['', 'nothing'],
    [' ', 'nothing'],
    ['release', 'malformed'],
    ['*', 'malformed'],
    ['CN=', 'empty'],
    ['CN=release,O=', 'empty'],
    ['CN=,CN=release', 'empty'],
    ['CN=a,CN=b', 'duplicate'],
    ['ST=a,S=b', 'duplicate'],
    ['CN=a+O=b', 'multi-valued'],
    ['CN=#0c0161', 'hash'],
    ['cn=release', 'unknown'],
    ['DC=example', 'unknown'],
    ['2.5.4.3=release', 'unknown'],
  ] as const) {
    assert.throws(
      () => subjectIdentity(text),
      (error) =>
        error instanceof NotaryError &&
        error.code === 'NOTARY_IDENTITY_INVALID' &&
        error.data['problem'] === problem,
      text,
    );
  }
});

test('a policy still asks for C, ST and O', () => {
  assert.throws(() => parseTrustedIdentities(['x509.subject:CN=release,O=Example'], OF), {
    code: 'NOTARY_POLICY_INVALID',
  });
});

test('security row 13: values match as a whole and in case', () => {
  const subject = name(...BASE, [ATTRIBUTE.commonName, 'builder']);
  for (const other of [
    'C=US,ST=WA,O=Acme\\, Inc.,CN=build',
    'C=US,ST=WA,O=Acme\\, Inc.,CN=builder2',
    'C=US,ST=WA,O=Acme\\, Inc.,CN=Builder',
    'C=US,ST=WA,O=Acme\\, Inc.,CN=*',
    'C=US,ST=WA,O=Acme\\, Inc.,cn=builder',
    'C=US,ST=WA,O=Acme',
    'C=us,ST=WA,O=Acme\\, Inc.',
  ]) {
    assert.ok(!matches(subject, `x509.subject:${other}`), other);
  }
});

test('a value cannot pretend to be further attributes', () => {
  const subject = name(...BASE, [ATTRIBUTE.commonName, 'x,OU=trusted']);
  assert.ok(!matches(subject, 'x509.subject:C=US,ST=WA,O=Acme\\, Inc.,OU=trusted'));
  const plus = name(...BASE, [ATTRIBUTE.commonName, 'x+OU=trusted']);
  assert.ok(!matches(plus, 'x509.subject:C=US,ST=WA,O=Acme\\, Inc.,OU=trusted'));
});

test('a subject that Go prints in a form that identities do not have matches only the wildcard', () => {
  const identity = 'x509.subject:C=US,ST=WA,O=Acme\\, Inc.';
  const twoUnits = [
    [ATTRIBUTE.organizationalUnit, 'a'],
    [ATTRIBUTE.organizationalUnit, 'b'],
  ] as const;
  for (const subject of [
    name(...BASE, ...twoUnits),
    name(...BASE, [EMAIL, 'a@example.com']),
    name(...BASE, [ATTRIBUTE.commonName, 'a=#b']),
    name(...BASE.slice(1)),
    name(),
  ]) {
    assert.ok(!matches(subject, identity));
    assert.ok(matches(subject, '*'));
  }
});

test('identities of other kinds match nothing', () => {
  assert.ok(!matches(name(...BASE), 'other:C=US,ST=WA,O=Acme\\, Inc.'));
});
