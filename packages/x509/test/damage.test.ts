import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { derEncode, derInteger, derOid, encodeHex, encodeUtf8, TAG } from '@nv2/core';
import {
  crlDistributionPoints,
  makeChain,
  makeCrl,
  makeOcspResponse,
  ocspAccess,
} from '@nv2/testkit';
import fc from 'fast-check';
import { BasicOCSPResponse, CertificateRevocationList, OCSPResponse, TSTInfo } from 'pkijs';
import {
  type Certificate,
  createTimestampRequest,
  EXTENSION,
  findCrlEntries,
  parseCertificate,
  parseCrl,
  parseOcspResponse,
  parseTimestampInfo,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  X509Error,
  type X509ErrorCode,
} from '../src/index.ts';
import { damaged } from './der-damage.ts';
import { CONTENT, tsaOf } from './timestamp-fixtures.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const RUNS = 500;

const name = (tag: number, text: string): Uint8Array => derEncode(tag, encodeUtf8(text));
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => derEncode(TAG.sequence, ...parts);

/** A chain whose leaf has every extension that is read. */
const made = makeChain({
  algorithm: { kind: 'ec', curve: 'P-256' },
  now: new Date(NOW),
  leaf: {
    basicConstraints: { ca: true, pathLength: 1 },
    extensions: [
      extension(
        EXTENSION.subjectAltName,
        sequence(
          name(0x81, 'a@example.org'),
          name(0x82, 'example.org'),
          name(0x86, 'https://example.org/x'),
          derEncode(0x87, Uint8Array.of(192, 0, 2, 1)),
        ),
      ),
      extension(
        EXTENSION.nameConstraints,
        sequence(derEncode(0xa0, sequence(name(0x82, 'example.org')))),
      ),
      extension(EXTENSION.subjectKeyIdentifier, derEncode(TAG.octetString, Uint8Array.of(1, 2))),
      extension(EXTENSION.authorityKeyIdentifier, sequence(derEncode(0x80, Uint8Array.of(3, 4)))),
      extension(EXTENSION.certificatePolicies, sequence(sequence(derOid('2.5.29.32.0')))),
      extension(EXTENSION.inhibitAnyPolicy, derInteger(1)),
      crlDistributionPoints('http://example.org/a.crl'),
      ocspAccess('http://example.org/ocsp'),
    ],
  },
});

function extension(oid: string, value: Uint8Array) {
  return { oid, critical: false, value };
}

/** What is decoded; undefined where it is refused with one of these codes, and no other error. */
function decoded<T>(decode: () => T, ...codes: readonly X509ErrorCode[]): T | undefined {
  try {
    return decode();
  } catch (error) {
    assert.ok(error instanceof X509Error, String(error));
    assert.ok(codes.includes(error.code), error.code);
    return undefined;
  }
}

/** What another reader makes of it; undefined if it does not read it at all. */
function oracle<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const hex = (bytes: ArrayBuffer | Uint8Array): string => encodeHex(new Uint8Array(bytes));

/** Runs `judge` over damaged messages; some of them must have been accepted, and compared. */
function judged(messages: readonly Uint8Array[], judge: (der: Uint8Array) => boolean): void {
  let compared = 0;
  fc.assert(
    fc.property(damaged(messages), (der) => {
      if (judge(der)) compared++;
    }),
    { numRuns: RUNS },
  );
  assert.ok(compared > RUNS / 100, `${compared} compared`);
}

describe('security row 29: damage that keeps every length right is refused by code, or means the same', () => {
  test('in a certificate, to node:crypto', async () => {
    const { chain } = await made;
    judged(
      chain.map(({ der }) => der),
      (der) => {
        const ours = decoded(() => parseCertificate(der), 'X509_CERTIFICATE_INVALID');
        const theirs = oracle(() => new X509Certificate(der));
        if (ours === undefined || theirs === undefined) return false;
        assertSame(ours, theirs);
        return true;
      },
    );
  });

  test('in a CRL, to pkijs', async () => {
    const [issuer] = (await made).authorities;
    assert.ok(issuer);
    const entries = [
      { serialNumber: Uint8Array.of(1), revokedAt: NOW, reasonCode: 1, invalidityDate: NOW },
      { serialNumber: Uint8Array.of(0xff, 2), revokedAt: NOW },
    ];
    const more = { baseCrlNumber: 1, freshestCrls: ['http://example.org/d.crl'] };
    const der = await makeCrl({ issuer, thisUpdate: NOW, entries, ...more });
    judged([der], (changed) => {
      const ours = decoded(() => parseCrl(changed), 'X509_CRL_INVALID');
      if (ours === undefined) return false;
      findCrlEntries(ours, Uint8Array.of(1));
      const theirs = oracle(() => CertificateRevocationList.fromBER(buffer(changed)));
      if (theirs === undefined) return false;
      assert.equal(theirs.thisUpdate.value.getTime(), ours.thisUpdate);
      assert.equal(theirs.nextUpdate?.value.getTime(), ours.nextUpdate);
      assert.equal(theirs.signatureAlgorithm.algorithmId, ours.signatureAlgorithm);
      assert.equal(theirs.revokedCertificates?.length ?? 0, ours.entryCount);
      return true;
    });
  });

  test('in an OCSP response, to pkijs', async () => {
    const { chain, authorities } = await made;
    const [certificate] = chain;
    const [issuer] = authorities;
    assert.ok(certificate && issuer);
    const status = { revokedAt: NOW, reason: 1 };
    const answers = [
      { certificate, thisUpdate: NOW, status },
      { certificate: issuer.certificate, thisUpdate: NOW },
    ];
    const der = await makeOcspResponse({ issuer, answers, nonce: Uint8Array.of(1, 2, 3) });
    judged([der], (changed) => {
      const ours = decoded(() => parseOcspResponse(changed), 'X509_OCSP_INVALID')?.basic;
      const theirs = oracle(() => basicOf(changed));
      if (ours === undefined || theirs === undefined) return false;
      assert.equal(theirs.tbsResponseData.producedAt.getTime(), ours.producedAt);
      assert.deepEqual(
        theirs.tbsResponseData.responses.map(({ thisUpdate }) => thisUpdate.getTime()),
        ours.responses.map(({ thisUpdate }) => thisUpdate),
      );
      assert.equal(theirs.signatureAlgorithm.algorithmId, ours.signatureAlgorithm);
      return true;
    });
  });

  test('in what a timestamp says, to pkijs', async () => {
    const tsa = await tsaOf();
    const { content } = parseTimestampToken(await tsa.token(CONTENT)).message;
    judged([content], (changed) => {
      const ours = decoded(() => parseTimestampInfo(changed), 'X509_TIMESTAMP_INVALID');
      const theirs = oracle(() => TSTInfo.fromBER(buffer(changed)));
      if (ours === undefined || theirs === undefined) return false;
      assert.equal(theirs.genTime.getTime(), ours.genTime.milliseconds);
      assert.equal(theirs.policy, ours.policy);
      assert.equal(hex(theirs.serialNumber.valueBlock.valueHexView), hex(ours.serialNumber));
      const { hashedMessage } = theirs.messageImprint;
      assert.equal(
        hex(hashedMessage.valueBlock.valueHexView),
        hex(ours.messageImprint.hashedMessage),
      );
      return true;
    });
  });

  test('in a timestamp token, a request and an answer, or is at least one of theirs', async () => {
    const tsa = await tsaOf();
    const { der } = await createTimestampRequest(CONTENT, { hash: 'sha256', policy: '1.2.3' });
    const messages = [await tsa.token(CONTENT), der, await tsa.answer(der)];
    const codes = ['X509_BER_INVALID', 'X509_CMS_INVALID', 'X509_TIMESTAMP_INVALID'] as const;
    judged(messages, (changed) => {
      const readers = [parseTimestampToken, parseTimestampRequest, parseTimestampResponse];
      return readers.some((read) => decoded<unknown>(() => read(changed), ...codes) !== undefined);
    });
  });
});

function assertSame(ours: Certificate, theirs: X509Certificate): void {
  const number = theirs.serialNumber.toLowerCase();
  assert.equal(number.padStart(number.length + (number.length % 2), '0'), hex(ours.serialNumber));
  assert.equal(theirs.validFromDate.getTime(), ours.notBefore);
  assert.equal(theirs.validToDate.getTime(), ours.notAfter);
  // OpenSSL looks at the key usage as well
  if (theirs.ca) assert.equal(ours.basicConstraints?.ca, true);
  assert.deepEqual(theirs.keyUsage ?? [], ours.extendedKeyUsage ?? []);
  if (ours.publicKey === undefined) return;
  assert.equal(hex(theirs.publicKey.export({ type: 'spki', format: 'der' })), hex(ours.spki));
}

function basicOf(der: Uint8Array): BasicOCSPResponse | undefined {
  const { responseBytes } = OCSPResponse.fromBER(buffer(der));
  const inside = responseBytes?.response.valueBlock.valueHexView;
  return inside && BasicOCSPResponse.fromBER(buffer(inside));
}
