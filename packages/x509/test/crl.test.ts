import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  contextTag,
  DerReader,
  derBitString,
  derEncode,
  derInteger,
  encodeHex,
  TAG,
} from '@nv2/core';
import { type CrlEntryTemplate, makeChain, makeCrl, rawExtension } from '@nv2/testkit';
import fc from 'fast-check';
import { CertificateRevocationList as PkijsCrl } from 'pkijs';
import {
  type CertificateRevocationList,
  CRL_ENTRY_EXTENSION,
  CRL_EXTENSION,
  findCrlEntries,
  MAX_CRL_BYTES,
  parseCrl,
  X509Error,
} from '../src/index.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const EC = { kind: 'ec', curve: 'P-256' } as const;
const made = makeChain({ algorithm: EC, now: new Date(NOW) });

async function issuer() {
  const [first] = (await made).authorities;
  assert.ok(first);
  return first;
}

function assertInvalid(der: Uint8Array): void {
  assert.throws(
    () => parseCrl(der),
    (error) => error instanceof X509Error && error.code === 'X509_CRL_INVALID',
  );
}

/** Decodes, or refuses with the error of CRLs and no other. */
function parseOrRefuse(der: Uint8Array): CertificateRevocationList | undefined {
  try {
    return parseCrl(der);
  } catch (error) {
    assert.ok(error instanceof X509Error && error.code === 'X509_CRL_INVALID', String(error));
    return undefined;
  }
}

/** Serial numbers as a certificate has them: no leading zeros. */
const serialNumbers = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .filter((octets) => octets.length === 1 || octets[0] !== 0);
const times = fc
  .integer({ min: Date.parse('1950-01-01') / 1000, max: Date.parse('2120-12-31') / 1000 })
  .map((seconds) => seconds * 1000);
const entries: fc.Arbitrary<CrlEntryTemplate> = fc.record(
  {
    serialNumber: serialNumbers,
    revokedAt: times,
    reasonCode: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 9, 10),
    invalidityDate: times,
  },
  { requiredKeys: ['serialNumber', 'revokedAt'] },
);

/** Wraps a signed part in a CRL whose signature nobody looks at. */
function unsigned(...fields: readonly Uint8Array[]): Uint8Array {
  const algorithm = derEncode(TAG.sequence, derEncode(TAG.oid, Uint8Array.of(0x2a, 3)));
  const [version = NOTHING, ...rest] = fields;
  const tbs = derEncode(TAG.sequence, version, algorithm, ...rest);
  return derEncode(TAG.sequence, tbs, algorithm, derBitString(Uint8Array.of(1)));
}

const NOTHING = new Uint8Array(0);
const VERSION = derInteger(1);
const NAME = derEncode(TAG.sequence);
const TIME = derEncode(TAG.utcTime, Buffer.from('260301120000Z'));
const withEntry = (...fields: readonly Uint8Array[]): Uint8Array =>
  unsigned(VERSION, NAME, TIME, derEncode(TAG.sequence, derEncode(TAG.sequence, ...fields)));
const withExtension = (oid: string, value: Uint8Array): Uint8Array => {
  const extension = derEncode(
    TAG.sequence,
    derEncode(TAG.oid, Uint8Array.of(0x55, 0x1d, Number(oid.split('.').at(-1)))),
    derEncode(TAG.octetString, value),
  );
  const list = derEncode(contextTag(0, true), derEncode(TAG.sequence, extension));
  return unsigned(VERSION, NAME, TIME, list);
};

describe('decoding a CRL', () => {
  test('gives what was encoded, and each entry by its number', async () => {
    const authority = await issuer();
    await fc.assert(
      fc.asyncProperty(
        fc.array(entries, { maxLength: 12 }),
        fc.option(fc.nat()),
        async (list, crlNumber) => {
          const der = await makeCrl({
            issuer: authority,
            thisUpdate: NOW,
            crlNumber,
            entries: list,
            baseCrlNumber: 3,
            freshestCrls: ['http://a/1', 'http://a/2'],
          });
          const crl = parseCrl(der);
          assert.equal(crl.entryCount, list.length);
          assert.equal(crl.thisUpdate, NOW);
          assert.equal(crl.nextUpdate, NOW + HOUR);
          assert.equal(crl.crlNumber, crlNumber === null ? undefined : BigInt(crlNumber));
          assert.equal(crl.baseCrlNumber, 3n);
          assert.deepEqual(crl.freshestCrls, ['http://a/1', 'http://a/2']);
          assert.equal(crl.unsupportedEntryExtension, undefined);
          assert.deepEqual(crl.issuer.der, authority.certificate.subject.der);
          for (const { serialNumber } of list) {
            const same = list.filter((e) => Buffer.compare(e.serialNumber, serialNumber) === 0);
            const found = findCrlEntries(crl, serialNumber);
            assert.deepEqual(
              found.map(({ revokedAt, invalidityDate }) => [revokedAt, invalidityDate]),
              same.map(({ revokedAt, invalidityDate }) => [revokedAt, invalidityDate]),
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('reads what pkijs reads', async () => {
    const authority = await issuer();
    await fc.assert(
      fc.asyncProperty(fc.array(entries, { minLength: 1, maxLength: 8 }), async (list) => {
        const der = await makeCrl({ issuer: authority, thisUpdate: NOW, entries: list });
        const crl = parseCrl(der);
        const oracle = PkijsCrl.fromBER(Uint8Array.from(der).buffer);
        assert.equal(oracle.thisUpdate.value.getTime(), crl.thisUpdate);
        assert.equal(oracle.signatureAlgorithm.algorithmId, crl.signatureAlgorithm);
        assert.equal(oracle.revokedCertificates?.length, crl.entryCount);
        for (const { userCertificate, revocationDate } of oracle.revokedCertificates ?? []) {
          const octets = new Uint8Array(userCertificate.valueBlock.valueHexView);
          const number = octets.length > 1 && octets[0] === 0 ? octets.subarray(1) : octets;
          const dates = findCrlEntries(crl, number).map(({ revokedAt }) => revokedAt);
          assert.ok(dates.includes(revocationDate.value.getTime()), encodeHex(number));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of any octets ends in a CRL or the error of CRLs', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (der) => void parseOrRefuse(der)));
  });

  test('of a damaged CRL ends in a CRL or the error of CRLs, and look-ups never throw', async () => {
    const authority = await issuer();
    const value = derEncode(TAG.sequence, derEncode(contextTag(1, false), Uint8Array.of(0xff)));
    const der = await makeCrl({
      issuer: authority,
      thisUpdate: NOW,
      baseCrlNumber: 1,
      freshestCrls: ['http://a/1'],
      extensions: [rawExtension(CRL_EXTENSION.issuingDistributionPoint, value, true)],
      entries: [
        { serialNumber: Uint8Array.of(1), revokedAt: NOW, reasonCode: 1, invalidityDate: NOW },
        { serialNumber: Uint8Array.of(0xff, 2), revokedAt: NOW },
      ],
    });
    const changes = fc.array(
      fc.record({ at: fc.nat(der.length - 1), octet: fc.nat(255), cut: fc.nat(30) }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(changes, (all) => {
        let changed = Uint8Array.from(der);
        for (const { at, octet, cut } of all) {
          changed[at % changed.length] = octet;
          if (cut === 0) changed = changed.subarray(0, at + 1);
        }
        const crl = parseOrRefuse(changed);
        if (crl !== undefined) findCrlEntries(crl, Uint8Array.of(1));
      }),
      { numRuns: 3000 },
    );
  });

  const good = () => [VERSION, NAME, TIME] as const;
  const number = derInteger(1);
  const reason = (...octets: readonly number[]): Uint8Array =>
    derEncode(
      TAG.sequence,
      derEncode(
        TAG.sequence,
        derEncode(TAG.oid, Uint8Array.of(0x55, 0x1d, 21)),
        derEncode(TAG.octetString, Uint8Array.from(octets)),
      ),
    );
  const twice = (element: Uint8Array): Uint8Array => {
    const content = new DerReader(element).content(TAG.sequence);
    return derEncode(TAG.sequence, content, content);
  };

  test('accepts the least that a CRL can be, and an empty list of entries', () => {
    assert.equal(parseCrl(unsigned(...good())).entryCount, 0);
    assert.equal(parseCrl(unsigned(...good(), derEncode(TAG.sequence))).entryCount, 0);
    assert.equal(parseCrl(withEntry(number, TIME)).entryCount, 1);
    assert.equal(parseCrl(withEntry(number, TIME, reason(0x0a, 1, 1))).entryCount, 1);
  });

  const invalid: Readonly<Record<string, Uint8Array>> = {
    'version 1': unsigned(NOTHING, NAME, TIME),
    'version 3': unsigned(derInteger(2), NAME, TIME),
    'trailing bytes': Uint8Array.from([...unsigned(...good()), 0]),
    'a field too many': unsigned(...good(), TIME, TIME),
    'an empty list of extensions': unsigned(
      ...good(),
      derEncode(contextTag(0, true), derEncode(TAG.sequence)),
    ),
    'an entry that is empty': withEntry(),
    'an entry without date': withEntry(number),
    'an entry with an impossible date': withEntry(
      number,
      derEncode(TAG.utcTime, Buffer.from('260230120000Z')),
    ),
    'an entry with a number of no octets': withEntry(derEncode(TAG.integer), TIME),
    'an entry with a number that is not minimal': withEntry(
      derEncode(TAG.integer, Uint8Array.of(0, 1)),
      TIME,
    ),
    'an entry with trailing bytes': withEntry(number, TIME, reason(0x0a, 1, 1), NOTHING, number),
    'an entry with no extensions in the list': withEntry(number, TIME, derEncode(TAG.sequence)),
    'a reason of two octets': withEntry(number, TIME, reason(0x0a, 2, 1, 1)),
    'a negative reason': withEntry(number, TIME, reason(0x0a, 1, 0xff)),
    'a reason of another type': withEntry(number, TIME, reason(0x02, 1, 1)),
    'a reason with trailing bytes': withEntry(number, TIME, reason(0x0a, 1, 1, 5, 0)),
    'a reason twice': withEntry(number, TIME, twice(reason(0x0a, 1, 1))),
    'a negative CRL number': withExtension(
      '2.5.29.20',
      derEncode(TAG.integer, Uint8Array.of(0xff)),
    ),
    'a CRL number of 21 octets': withExtension(
      '2.5.29.20',
      derInteger(new Uint8Array(21).fill(0x11)),
    ),
    'an empty issuing distribution point': withExtension('2.5.29.28', derEncode(TAG.sequence)),
    'an issuing distribution point that excludes all': withExtension(
      '2.5.29.28',
      derEncode(
        TAG.sequence,
        derEncode(contextTag(1, false), Uint8Array.of(0xff)),
        derEncode(contextTag(2, false), Uint8Array.of(0xff)),
      ),
    ),
  };
  for (const [what, der] of Object.entries(invalid))
    test(`refuses ${what}`, () => assertInvalid(der));

  test('refuses an algorithm inside that differs from that outside', async () => {
    const der = await makeCrl({ issuer: await issuer(), thisUpdate: NOW });
    const text = encodeHex(der);
    const sha256 = '06082a8648ce3d040302';
    const at = text.lastIndexOf(sha256) / 2 + sha256.length / 2 - 1;
    const changed = Uint8Array.from(der);
    changed[at] = 3;
    assertInvalid(changed);
  });

  test('a number that looks negative is no certificate’s', async () => {
    const crl = parseCrl(withEntry(derEncode(TAG.integer, Uint8Array.of(0xff)), TIME));
    assert.equal(crl.entryCount, 1);
    assert.deepEqual(findCrlEntries(crl, Uint8Array.of(0xff)), []);
  });

  test('what is critical in any entry is told, whether or not it is looked up', async () => {
    const critical = rawExtension('1.2.3', derEncode(TAG.null), true);
    const der = await makeCrl({
      issuer: await issuer(),
      thisUpdate: NOW,
      entries: [{ serialNumber: Uint8Array.of(9), revokedAt: NOW, extensions: [critical] }],
    });
    assert.equal(parseCrl(der).unsupportedEntryExtension, '1.2.3');
    assert.equal(CRL_ENTRY_EXTENSION.reasonCode, '2.5.29.21');
  });
});

describe('hostile CRLs', () => {
  test('security row 5: a flood of the smallest entries is read through once, keeping nothing', () => {
    const one = derEncode(TAG.sequence, derInteger(1), TIME);
    const flood = Buffer.alloc(one.length * 200_000, one);
    const crl = parseCrl(unsigned(VERSION, NAME, TIME, derEncode(TAG.sequence, flood)));
    assert.equal(crl.entryCount, 200_000);
    assert.deepEqual(findCrlEntries(crl, Uint8Array.of(2)), []);
    assertInvalid(new Uint8Array(MAX_CRL_BYTES + 1));
  });

  test('security row 5: what becomes objects, issuer and extensions, is never larger than a certificate', () => {
    const type = derEncode(TAG.oid, Uint8Array.of(0x55, 4, 3));
    const text = derEncode(TAG.utf8String, Uint8Array.of(0x78));
    const attribute = derEncode(TAG.sequence, type, text);
    const rdn = derEncode(TAG.set, attribute);
    const many = (element: Uint8Array): Uint8Array => {
      const count = Math.ceil((300 * 1024) / element.length);
      return new Uint8Array(count * element.length).map((_, i) => element[i % element.length] ?? 0);
    };
    assertInvalid(unsigned(VERSION, derEncode(TAG.sequence, many(rdn)), TIME));
    const point = derEncode(TAG.sequence, derEncode(0xa0, derEncode(0xa0, derEncode(0x86))));
    assertInvalid(withExtension(CRL_EXTENSION.freshestCrl, derEncode(TAG.sequence, many(point))));
  });

  test('security row 4: floods of names, extensions and distribution points are refused', () => {
    const flood = (one: Uint8Array, count = 200_000): Uint8Array =>
      Buffer.alloc(one.length * count, one);
    const uri = derEncode(contextTag(6, false), Buffer.from('http://a/'));
    const fullName = (names: Uint8Array): Uint8Array =>
      derEncode(contextTag(0, true), derEncode(contextTag(0, true), names));
    const point = derEncode(TAG.sequence, fullName(uri));
    const attribute = derEncode(
      TAG.sequence,
      derEncode(TAG.oid, Uint8Array.of(0x55, 4, 3)),
      derEncode(TAG.utf8String, Buffer.from('a')),
    );
    const longAttribute = Buffer.concat([
      derEncode(TAG.oid, Uint8Array.of(0x55, 4, 3)),
      derEncode(TAG.utf8String, Buffer.alloc(20_000, 'a')),
    ]);
    const manyNames = derEncode(TAG.sequence, fullName(flood(uri)));
    assertInvalid(withExtension('2.5.29.46', derEncode(TAG.sequence, manyNames)));
    assertInvalid(withExtension('2.5.29.46', derEncode(TAG.sequence, flood(point))));
    assertInvalid(withExtension('2.5.29.28', manyNames));
    const authority = derEncode(contextTag(1, true), flood(uri));
    assertInvalid(withExtension('2.5.29.35', derEncode(TAG.sequence, authority)));
    const oneName = derEncode(TAG.set, flood(attribute));
    assertInvalid(unsigned(VERSION, derEncode(TAG.sequence, oneName), TIME));
    const longName = derEncode(TAG.set, derEncode(TAG.sequence, longAttribute));
    assertInvalid(unsigned(VERSION, derEncode(TAG.sequence, longName), TIME));
    const names = flood(derEncode(TAG.set, attribute));
    assertInvalid(unsigned(VERSION, derEncode(TAG.sequence, names), TIME));
    const extensions = Array.from({ length: 200 }, (_, index) =>
      derEncode(
        TAG.sequence,
        derEncode(TAG.oid, Uint8Array.of(0x2a, 3, index >> 6, index & 63)),
        derEncode(TAG.octetString),
      ),
    );
    const list = derEncode(contextTag(0, true), derEncode(TAG.sequence, ...extensions));
    assertInvalid(unsigned(VERSION, NAME, TIME, list));
  });

  test('security row 29: forms that only BER allows, and elements nested without end, are refused', () => {
    const entry = Uint8Array.of(0x30, 0x81, 0x12, 2, 1, 1, ...TIME);
    assertInvalid(unsigned(VERSION, NAME, TIME, derEncode(TAG.sequence, entry)));
    const indefinite = Uint8Array.of(0x30, 0x80, 2, 1, 1, ...TIME, 0, 0);
    assertInvalid(unsigned(VERSION, NAME, TIME, derEncode(TAG.sequence, indefinite)));
    let nested: Uint8Array = derEncode(TAG.sequence);
    for (let depth = 0; depth < 2000; depth++) nested = derEncode(TAG.sequence, nested);
    assertInvalid(nested);
    assertInvalid(unsigned(VERSION, nested, TIME));
    assertInvalid(withEntry(derInteger(1), TIME, nested));
    assertInvalid(withExtension('2.5.29.28', nested));
  });
});
