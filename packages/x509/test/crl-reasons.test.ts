import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextTag, derBitString, derEncode, encodeUtf8, TAG } from '@nv2/core';
import { makeChain, makeCrl } from '@nv2/testkit';
import {
  checkCrls,
  EXTENSION,
  issueCertificate,
  parseCrl,
  type RevocationFinding,
} from '../src/index.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 60 * 60 * 1000;

const { issuer, root } = await setUp();

async function setUp() {
  const made = await makeChain({
    algorithm: { kind: 'ec', curve: 'P-256' },
    depth: 3,
    now: new Date(NOW),
  });
  const [issuer, root] = made.authorities;
  assert.ok(issuer && root);
  return { issuer, root };
}

function assertUnknown(finding: RevocationFinding, code: string): void {
  assert.ok(finding.status === 'unknown', `got ${finding.status}, expected ${code}`);
  assert.equal(finding.why.code, code, finding.why.message);
}

const name = (url: string): Uint8Array =>
  derEncode(
    contextTag(0, true),
    derEncode(contextTag(0, true), derEncode(contextTag(6, false), encodeUtf8(url))),
  );
const reasons = (bits: number, tag = 3): Uint8Array => {
  const [, , ...rest] = derBitString(Uint8Array.of(bits, 0x80), 7);
  return derEncode(contextTag(tag, false), Uint8Array.from(rest));
};

describe('security row 17: a distribution point of a certificate that is about some reasons', () => {
  const [one, two] = [name('http://localhost/one.crl'), name('http://localhost/two.crl')];
  const [keys, rest] = [0b0110_0000, 0b0001_1111];
  const only = (bits: number) => reasons(bits, 1);
  const by = ({ certificate }: typeof issuer) =>
    derEncode(contextTag(2, true), derEncode(contextTag(4, true), certificate.subject.der));

  /** What lists say together, each by its issuing distribution point, of a certificate with points. */
  async function said(
    points: readonly (readonly Uint8Array[])[],
    ...lists: readonly (readonly Uint8Array[])[]
  ): Promise<RevocationFinding> {
    const value = derEncode(TAG.sequence, ...points.map((p) => derEncode(TAG.sequence, ...p)));
    const point = { oid: EXTENSION.crlDistributionPoints, critical: false, value };
    const certificate = await issueCertificate(
      {
        subject: [{ type: '2.5.4.3', value: 'leaf' }],
        notBefore: NOW - HOUR,
        notAfter: NOW + HOUR,
        spki: issuer.key.spki,
        extensions: [point],
      },
      issuer,
    );
    const bundles = lists.map(async (fields) => {
      const bound = fields.length > 0 && { issuingDistributionPoint: fields };
      return { base: parseCrl(await makeCrl({ issuer, thisUpdate: NOW, ...bound })) };
    });
    const question = { certificate, issuer: issuer.certificate, at: NOW };
    return await checkCrls({ ...question, bundles: await Promise.all(bundles) });
  }

  test('makes no list there say more, whatever the list says of itself', async () => {
    const alone = [[one, only(keys)]];
    assertUnknown(await said(alone, []), 'X509_CRL_REASONS');
    assertUnknown(await said(alone, [one]), 'X509_CRL_REASONS');
    const both = [...alone, [two, only(rest)]];
    assert.equal((await said(both, [one], [two])).status, 'good');
    assertUnknown(await said(both, [one], [one]), 'X509_CRL_REASONS');
    assertUnknown(await said(both, [one, reasons(rest)], [two]), 'X509_CRL_REASONS');
  });

  test('takes nothing from a list of another point, or of none where all are covered', async () => {
    const both = [[one, only(keys)], [two]];
    assert.equal((await said(both, [two])).status, 'good');
    assert.equal((await said(both, [])).status, 'good');
    assertUnknown(await said(both, [one]), 'X509_CRL_REASONS');
  });

  test('is not completed by one for the lists of another issuer', async () => {
    const beside = (other: typeof issuer) => [[one, only(keys)], [by(other)]];
    assertUnknown(await said(beside(root), []), 'X509_CRL_REASONS');
    assert.equal((await said(beside(issuer), [])).status, 'good');
    assertUnknown(await said([[one], [two, by(root)]], [two]), 'X509_CRL_SCOPE');
    assert.equal((await said([[by(root)]], [])).status, 'good');
  });
});
