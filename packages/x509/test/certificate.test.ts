import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { derEncode, encodeHex, encodePem, encodeUtf8, TAG } from '@nv2/core';
import { makeChain, skipWithoutVectors, vectorsDir } from '@nv2/testkit';
import fc from 'fast-check';
import { Certificate as OracleCertificate } from 'pkijs';
import {
  ATTRIBUTE,
  type Certificate,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  formatName,
  formatNameGo,
  issueCertificate,
  KEY_USAGES,
  parseCertificate,
  parseCertificates,
  parseDistinguishedName,
  X509Error,
} from '../src/index.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const made = makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, depth: 3, now: NOW });

function hex(bytes: ArrayBuffer | Uint8Array): string {
  return encodeHex(new Uint8Array(bytes)).replace(/^(?:00)+(?=..)/, '');
}

/** Wherever we accept, node:crypto and pkijs read the same values. */
function agrees(certificate: Certificate): void {
  const node = new X509Certificate(certificate.der);
  const pki = OracleCertificate.fromBER(Uint8Array.from(certificate.der).buffer);
  assert.equal(
    hex(certificate.serialNumber),
    hex(Buffer.from(node.serialNumber.padStart(2, '0'), 'hex')),
  );
  assert.equal(certificate.notBefore, node.validFromDate.getTime());
  assert.equal(certificate.notAfter, node.validToDate.getTime());
  assert.deepEqual(
    Buffer.from(certificate.spki),
    node.publicKey.export({ type: 'spki', format: 'der' }),
  );
  assert.equal(hex(certificate.serialNumber), hex(pki.serialNumber.valueBlock.valueHexView));
  assert.equal(certificate.notBefore, pki.notBefore.value.getTime());
  assert.equal(certificate.signatureAlgorithm, pki.signatureAlgorithm.algorithmId);
  assert.deepEqual(
    certificate.subject.rdns.flat().map(({ type, value }) => [type, value]),
    pki.subject.typesAndValues.map(({ type, value }) => [type, value.valueBlock.value]),
  );
  assert.deepEqual(
    [...certificate.extensions].map(([oid, { critical, value }]) => [oid, critical, hex(value)]),
    (pki.extensions ?? []).map(({ extnID, critical, extnValue }) => [
      extnID,
      critical,
      hex(extnValue.valueBlock.valueHexView),
    ]),
  );
}

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const attribute = fc.record(
  {
    type: fc.constantFrom(...Object.values(ATTRIBUTE), '1.2.3.4.5'),
    value: text,
  },
  { noNullPrototype: true },
);
const time = fc
  .date({ min: new Date('1950-01-01'), max: new Date('2900-01-01'), noInvalidDate: true })
  .map((date) => Math.floor(date.getTime() / 1000) * 1000);

const template = fc.record({
  subject: fc.array(attribute, { minLength: 1, maxLength: 6 }),
  notBefore: time,
  notAfter: time,
  serialNumber: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  keyUsage: fc.uniqueArray(fc.constantFrom(...KEY_USAGES), { minLength: 1 }),
  extendedKeyUsage: fc.uniqueArray(fc.constantFrom(...Object.values(EXTENDED_KEY_USAGE)), {
    minLength: 1,
  }),
  basicConstraints: fc.oneof(
    fc.constant({ ca: false }),
    fc.record({ ca: fc.constant(true), pathLength: fc.nat(100) }, { noNullPrototype: true }),
  ),
});

describe('certificates', () => {
  test('what is issued decodes to what was asked for, and other readers agree', async () => {
    const { leafKey } = await made;
    await fc.assert(
      fc.asyncProperty(template, async (wanted) => {
        const certificate = await issueCertificate(
          { ...wanted, spki: leafKey.spki },
          { key: leafKey },
        );
        assert.equal(certificate.notBefore, wanted.notBefore);
        assert.equal(certificate.notAfter, wanted.notAfter);
        assert.deepEqual(certificate.keyUsage, new Set(wanted.keyUsage));
        assert.deepEqual(certificate.extendedKeyUsage, wanted.extendedKeyUsage);
        assert.deepEqual(certificate.basicConstraints, wanted.basicConstraints);
        assert.deepEqual(
          certificate.subject.rdns.flat().map(({ type, value }) => ({ type, value })),
          wanted.subject,
        );
        agrees(certificate);
      }),
      { numRuns: 100 },
    );
  });

  test('security row 29: any change of a certificate decodes and agrees, or is refused by code', async () => {
    const { chain } = await made;
    fc.assert(
      fc.property(
        fc.constantFrom(...chain),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (certificate, changes) => {
          const der = certificate.der.slice();
          for (const [at, value] of changes) der[at % der.length] = value;
          try {
            assert.deepEqual(parseCertificate(der).der, der);
          } catch (error) {
            assert.ok(error instanceof X509Error, String(error));
            assert.equal(error.code, 'X509_CERTIFICATE_INVALID');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('security row 29: a key whose point is not on its curve makes it malformed', async () => {
    for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
      const { chain } = await makeChain({ algorithm: { kind: 'ec', curve }, depth: 1 });
      const [leaf] = chain;
      assert.ok(leaf);
      const { der, spki } = leaf;
      const at = Buffer.from(der).indexOf(spki) + spki.length - 1;
      assert.throws(() => parseCertificate(der.with(at, (der[at] ?? 0) ^ 1)), {
        code: 'X509_CERTIFICATE_INVALID',
      });
    }
  });

  test('any bytes decode or are refused by code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.throws(
          () => parseCertificates(bytes),
          (error: unknown) => error instanceof X509Error,
        );
      }),
    );
  });

  test('security row 4: more names and addresses than anybody has are refused', async () => {
    const withAddresses = (count: number): ReturnType<typeof makeChain> => {
      // each a URI of no octets
      const list = new Uint8Array(2 * count).map((_, i) => (i % 2 === 0 ? 0x86 : 0));
      const point = derEncode(TAG.sequence, derEncode(0xa0, derEncode(0xa0, list)));
      const value = derEncode(TAG.sequence, point);
      return makeChain({
        algorithm: { kind: 'ec', curve: 'P-256' },
        depth: 1,
        leaf: { extensions: [{ oid: EXTENSION.crlDistributionPoints, critical: false, value }] },
      });
    };
    const { chain } = await withAddresses(1024);
    assert.equal(chain[0]?.crlDistributionPoints.length, 1024);
    for (const count of [1025, 120_000]) {
      await assert.rejects(withAddresses(count), { code: 'X509_TEMPLATE_INVALID' });
    }
  });

  test('trailing bytes, truncation and two in one are refused', async () => {
    const { der } = (await made).root;
    for (const bytes of [
      Buffer.concat([der, Buffer.of(0)]),
      der.subarray(0, -1),
      Buffer.concat([der, der]),
    ])
      assert.throws(() => parseCertificate(bytes), { code: 'X509_CERTIFICATE_INVALID' });
  });

  test('files hold one or many, PEM or DER; nothing and private keys are refused', async () => {
    const { chain } = await made;
    const pem = chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
    assert.equal(parseCertificates(encodeUtf8(pem)).length, 3);
    assert.equal(parseCertificates(Buffer.concat(chain.map(({ der }) => der))).length, 3);
    for (const bad of ['', 'nothing', encodePem('PRIVATE KEY', Uint8Array.of(0x30, 0))])
      assert.throws(() => parseCertificates(encodeUtf8(bad)), { code: 'X509_CERTIFICATE_INVALID' });
  });

  test('the vectors decode, and other readers agree', { skip: skipWithoutVectors() }, () => {
    const dir = join(vectorsDir() ?? '', 'x509');
    let count = 0;
    for (const file of readdirSync(dir, { withFileTypes: true })) {
      if (!file.isFile() || !/\.(?:crt|pem|der)$/.test(file.name)) continue;
      for (const certificate of parseCertificates(readFileSync(join(dir, file.name)))) {
        agrees(certificate);
        count++;
      }
    }
    assert.ok(count >= 7, `only ${count} certificates`);
  });
});

describe('distinguished names', () => {
  test('the text of any name reads back as the same attributes', async () => {
    const { leafKey } = await made;
    await fc.assert(
      fc.asyncProperty(fc.array(attribute, { minLength: 1, maxLength: 5 }), async (subject) => {
        const spki = leafKey.spki;
        const certificate = await issueCertificate(
          { subject, notBefore: 0, notAfter: 0, spki },
          { key: leafKey },
        );
        const parsed = parseDistinguishedName(formatName(certificate.subject));
        assert.deepEqual(
          parsed.flat().map(({ value }) => value),
          subject.map(({ value }) => value).reverse(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('any text reads or is refused by code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (input) => {
        try {
          parseDistinguishedName(input);
        } catch (error) {
          assert.ok(
            error instanceof X509Error && error.code === 'X509_NAME_INVALID',
            String(error),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('security row 2: hexadecimal values and floods of separators take bounded memory', () => {
    const bad = [
      'CN=#',
      'CN=#zz',
      'CN=#3003',
      '=#',
      '=',
      ',',
      'CN=a,',
      'CN=a,,O=b',
      'CN=\\',
      'CN=\\g0',
    ];
    for (const input of [...bad, ','.repeat(8000), '=#'.repeat(4000), 'a=b+'.repeat(1_000_000)])
      assert.throws(() => parseDistinguishedName(input), { code: 'X509_NAME_INVALID' });
    assert.equal(parseDistinguishedName('CN=#0c0161')[0]?.[0]?.value, 'a');
  });

  test("Go's form has its own order, joins values of one type and writes others as hex", async () => {
    const { leafKey } = await made;
    const subject = [
      { type: ATTRIBUTE.organization, value: 'Notary' },
      { type: ATTRIBUTE.emailAddress, value: 'a@b.c' },
      { type: ATTRIBUTE.organizationalUnit, value: 'a' },
      { type: ATTRIBUTE.organizationalUnit, value: 'b, c' },
      { type: ATTRIBUTE.country, value: 'US' },
      { type: ATTRIBUTE.commonName, value: 'x' },
    ];
    const { subject: name } = await issueCertificate(
      { subject, notBefore: 0, notAfter: 0, spki: leafKey.spki },
      { key: leafKey },
    );
    assert.equal(
      formatNameGo(name),
      'CN=x,OU=a+OU=b\\, c,O=Notary,C=US,1.2.840.113549.1.9.1=#0c056140622e63',
    );
  });
});

test('a PEM file is one whatever its first character is', async () => {
  const { root } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' }, depth: 2 });
  const text = `0 s:CN = test\n${encodePem('CERTIFICATE', root.der)}`;
  assert.deepEqual(parseCertificates(encodeUtf8(text))[0]?.der, root.der);
});
