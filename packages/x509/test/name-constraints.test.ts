import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concatBytes, derEncode, encodeUtf8, TAG } from '@nv2/core';
import { makeChain } from '@nv2/testkit';
import { EXTENSION, validateCodeSigningChain, X509Error } from '@nv2/x509';

const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;

type Octets = readonly number[];

const dns = (text: string): Uint8Array => derEncode(0x82, encodeUtf8(text));
const email = (text: string): Uint8Array => derEncode(0x81, encodeUtf8(text));
const uri = (text: string): Uint8Array => derEncode(0x86, encodeUtf8(text));
const ip = (...octets: Octets): Uint8Array => derEncode(0x87, Uint8Array.from(octets));
const registeredId = derEncode(0x88, Uint8Array.of(0x2a, 0x03));

/** The code with which a chain is refused whose root constrains and whose leaf has these names. */
async function outcome(
  list: typeof PERMITTED | typeof EXCLUDED,
  bases: readonly Uint8Array[],
  names: readonly Uint8Array[],
): Promise<string> {
  const subtrees = bases.map((base) => derEncode(TAG.sequence, base));
  const constraints = derEncode(TAG.sequence, derEncode(list, ...subtrees));
  try {
    const { chain } = await makeChain({
      algorithm: { kind: 'ec', curve: 'P-256' },
      root: {
        extensions: [{ oid: EXTENSION.nameConstraints, critical: true, value: constraints }],
      },
      leaf: {
        extensions: [
          {
            oid: EXTENSION.subjectAltName,
            critical: false,
            value: derEncode(TAG.sequence, concatBytes(...names)),
          },
        ],
      },
    });
    await validateCodeSigningChain(chain);
    return 'valid';
  } catch (error) {
    assert.ok(error instanceof X509Error);
    return error.code;
  }
}

type Row = readonly [base: Uint8Array, name: Uint8Array, label: string];

function table(list: typeof PERMITTED | typeof EXCLUDED, expected: string, rows: readonly Row[]) {
  for (const [base, name, label] of rows) {
    const verb = list === PERMITTED ? 'permitting' : 'excluding';
    test(`${verb} ${label}: ${expected}`, async () => {
      assert.equal(await outcome(list, [base], [name]), expected);
    });
  }
}

describe('name constraints', () => {
  table(PERMITTED, 'valid', [
    [dns('good.org'), dns('a.GOOD.org'), 'a domain, a host of it'],
    [dns('.good.org'), dns('a.good.org'), 'what is below a domain, a host of it'],
    [dns('good.org'), dns('*.good.org'), 'a domain, all its hosts'],
    [dns(''), dns('a.b'), 'every domain, a host'],
    [uri('good.org'), uri('https://user@GOOD.org:8443/x?y'), 'a host, a URI of it'],
    [uri('.good.org'), uri('spiffe://a.good.org/x'), 'hosts below, a URI of one'],
    [email('good.org'), email('a.b@good.org'), 'a host, a mailbox of it'],
    [email('a@good.org'), email('a@GOOD.org'), 'a mailbox, it'],
    [ip(10, 0, 0, 0, 255, 0, 0, 0), ip(10, 1, 2, 3), 'a network, an address of it'],
    [dns('good.org'), uri('urn:x'), 'a domain, a name of another form'],
  ]);
  // no certificate has such a name: parseCertificate refuses it, constraints or not
  table(PERMITTED, 'X509_TEMPLATE_INVALID', [
    [uri('good.org'), uri('http://good.org\\@evil.com/'), 'a host, a backslash'],
    [uri('good.org'), uri('http://%67ood.org/'), 'a host, percent-encoding'],
    [uri('good.org'), uri('http://go\tod.org/'), 'a host, a tabulator'],
    [uri('good.org'), uri('  http://good.org/'), 'a host, blanks in front'],
  ]);
  table(EXCLUDED, 'X509_TEMPLATE_INVALID', [
    [uri('evil.com'), uri('spiffe://%65vil.com/x'), 'a host, percent-encoding'],
  ]);
  table(PERMITTED, 'X509_NAME_CONSTRAINTS', [
    [dns('good.org'), dns('badgood.org'), 'a domain, one that ends in it'],
    [dns('good.org'), dns('evil.com\0.good.org'), 'a domain, a NUL'],
    [dns('good.org'), dns('evil com.good.org'), 'a domain, a blank'],
    [dns('good.org'), dns('a.good.org..'), 'a domain, empty labels'],
    [dns('good.org'), dns('a.*.good.org'), 'a domain, a wildcard that is none'],
    [uri('good.org'), uri('http:good.org/x'), 'a host, a URI without authority'],
    [uri('good.org'), uri('http:/good.org/x'), 'a host, one slash'],
    [uri('good.org'), uri('http://good.org@evil.com/'), 'a host as user'],
    [uri('good.org'), uri('http://127.0.0.1/'), 'a host, an address'],
    [uri('good.org'), uri('http://[::1]/'), 'a host, an IPv6 address'],
    [email('good.org'), email('good.org'), 'a host, no mailbox'],
    [email('good.org'), email('@good.org'), 'a host, an empty mailbox'],
    [email('good.org'), email('a@evil.com@good.org'), 'a host, two at signs'],
    [email('good.org'), email('Evil <e@evil.com> @good.org'), 'a host, a display name'],
    [email('a@good.org'), email('A@good.org'), 'a mailbox, another case'],
    [ip(10, 0, 0, 0, 255, 0, 0, 0), ip(11, 0, 0, 1), 'a network, another address'],
    [ip(10, 0, 0, 0, 255, 0, 0, 0), ip(...Array<number>(16).fill(10)), 'IPv4, IPv6'],
    [registeredId, registeredId, 'a form that is not understood'],
  ]);
  table(EXCLUDED, 'valid', [
    [dns('evil.com'), dns('notevil.com'), 'a domain, one that ends in it'],
    [dns('a.b.evil.com'), dns('*.evil.com'), 'a host that a wildcard does not reach'],
    [uri('evil.com'), uri('http://a.evil.com/'), 'a host, another below it'],
    [email('a@evil.com'), email('b@evil.com'), 'a mailbox, another'],
  ]);
  table(EXCLUDED, 'X509_NAME_CONSTRAINTS', [
    [dns('foo.evil.com'), dns('*.evil.com'), 'a host that a wildcard reaches'],
    [dns('evil.com'), dns('a.evil.com..'), 'a domain, empty labels'],
    [dns(''), dns('a'), 'every domain'],
    [uri('evil.com'), uri('http://10.0.0.1/'), 'a host, an address'],
    [uri('evil.com'), uri('urn:x'), 'a host, no authority'],
    [uri(''), uri('http://a.b/'), 'every host'],
    [email(''), email('a@b.c'), 'every mailbox'],
    [email('evil@x.org'), email('"evil"@x.org'), 'a mailbox, a quoted spelling'],
    [ip(10, 0, 0, 0, 255, 0, 0, 0), ip(10, 1, 2, 3), 'a network'],
    [registeredId, registeredId, 'a form that is not understood'],
  ]);

  test('a constraint that is none, and an address of odd length, make a malformed certificate', async () => {
    const bases = [
      dns('good.org.'),
      dns('*.good.org'),
      dns('..good.org'),
      uri('127.0.0.1'),
      uri('http://good.org'),
      email('@good.org'),
      email('a@'),
      ip(10, 0, 0, 0),
      ip(10, 0, 0, 0, 255, 0, 255, 0),
    ];
    for (const base of bases)
      assert.equal(await outcome(PERMITTED, [base], [dns('a')]), 'X509_TEMPLATE_INVALID');
    for (const name of [ip(), ip(1, 2, 3, 4, 5), ip(10, 0, 0, 0, 255, 0, 0, 0)])
      assert.equal(await outcome(PERMITTED, [dns('a')], [name]), 'X509_TEMPLATE_INVALID');
  });

  test('security row 2: names times constraints are bounded', async () => {
    const many = (make: (text: string) => Uint8Array) =>
      Array.from({ length: 501 }, (_, i) => make(`a${i}.example.com`));
    assert.equal(await outcome(EXCLUDED, many(dns), many(dns)), 'X509_NAME_CONSTRAINTS');
    assert.equal(await outcome(EXCLUDED, many(dns), [dns('b.example.com')]), 'valid');
  });
});
