import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextTag, DerReader, decodeHex, derEncode, derOid, encodeHex, TAG } from '@nv2/core';
import { crlDistributionPoints, makeChain, rawExtension, type TestAuthority } from '@nv2/testkit';
import { parseCertificate } from '@nv2/x509';
import { DAY, NOW } from './fixture.ts';
import {
  AT,
  CRL_URL,
  crl,
  HOUR,
  issuerOf,
  judge,
  leafOf,
  made,
  ocsp,
  REVOKED,
  responderOf,
  stranger,
} from './kept-answers.ts';

/** The same name in strings of the other of the two usual types. */
function reencoded(name: Uint8Array): Uint8Array {
  const [utf8, printable] = [0x0c, 0x13];
  const other = new Map([
    [utf8, printable],
    [printable, utf8],
  ]);
  // the type of a string follows the identifier of its attribute, 2.5.4.n
  return name.map((octet, i) =>
    name[i - 3] === 0x55 && name[i - 2] === 0x04 ? (other.get(octet) ?? octet) : octet,
  );
}

/** The certificate with a signature that says to be by ECDSA with SHA-224 (RFC 5758 3.2), not SHA-256. */
function unverifiable(responder: TestAuthority): TestAuthority {
  const { der } = responder.certificate;
  const [sha256, sha224] = ['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.1'].map((oid) =>
    encodeHex(derOid(oid)),
  );
  assert.ok(sha256 && sha224);
  const changed = decodeHex(encodeHex(der).replaceAll(sha256, sha224));
  return { ...responder, certificate: parseCertificate(changed) };
}

describe('a revocation that is kept', () => {
  test('is found for good in an answer that has expired, and by no other old one', async () => {
    const good = { 'good.crl': await crl('good', { thisUpdate: AT - 20 * DAY }) };
    const past = { thisUpdate: AT - 10 * DAY, nextUpdate: AT - 5 * DAY };
    const window = { at: past.thisUpdate, until: past.nextUpdate };
    const { serialNumber } = leafOf(made);
    const hold = { entries: [{ serialNumber, revokedAt: AT - 11 * DAY, reasonCode: 6 }] };
    const short = await responderOf(undefined, AT - 5 * DAY);
    const key = issuerOf(stranger).key;
    const obscure = [rawExtension('1.2.3.4', derEncode(TAG.null), true)];
    const answers: Readonly<Record<string, readonly [Uint8Array, string]>> = {
      'a CRL': [await crl('revoked', past), 'denied'],
      'an OCSP response': [await ocsp(REVOKED, window), 'denied'],
      'an OCSP response whose responder has expired': [
        await ocsp(REVOKED, { ...window, responder: short }),
        'denied',
      ],
      'a CRL without a next update': [await crl('revoked', { nextUpdate: null }), 'denied'],
      'a CRL without its delta': [await crl('revoked', { freshestCrls: [CRL_URL] }), 'denied'],
      'a CRL that says on hold': [await crl('revoked', { ...past, ...hold }), 'verified'],
      'an OCSP response that says on hold': [
        await ocsp({ ...REVOKED, reason: 6 }, window),
        'verified',
      ],
      'a CRL by another key': [await crl('revoked', { ...past, signer: key }), 'verified'],
      'an OCSP response by another key': [
        await ocsp(REVOKED, { ...window, signer: key }),
        'verified',
      ],
      'a CRL from the future': [
        await crl('revoked', { thisUpdate: AT + HOUR, nextUpdate: AT + 2 * HOUR }),
        'verified',
      ],
      'a valid CRL that says on hold': [await crl('revoked', hold), 'denied'],
      // signed by who knows, and nobody here does
      'a CRL that is not understood': [
        await crl('revoked', { extensions: obscure }),
        'unavailable',
      ],
      'an OCSP response that is not understood': [
        await ocsp(REVOKED, { extensions: obscure }),
        'unavailable',
      ],
      'a CRL of others that is not understood': [
        await crl('good', { extensions: obscure }),
        'verified',
      ],
      'a CRL by another key that is not understood': [
        await crl('revoked', { extensions: obscure, signer: key }),
        'verified',
      ],
    };
    for (const [what, [x, outcome]] of Object.entries(answers)) {
      assert.equal((await judge({ ...good, x }, { maxAge: '30d' })).outcome, outcome, what);
    }
  });

  test('a hold ends by a delta that is kept beside its base, though it is not announced', async () => {
    const { serialNumber } = leafOf(made);
    const hold = { serialNumber, revokedAt: AT - 2 * HOUR, reasonCode: 6 };
    const end = { serialNumber, revokedAt: AT - HOUR, reasonCode: 8 };
    const base = await crl('good', { crlNumber: 1, entries: [hold] });
    const numbers = { crlNumber: 2, baseCrlNumber: 1 };
    const ends = { ...numbers, entries: [end] };
    const delta = await crl('good', ends);
    const old = await crl('good', { ...ends, nextUpdate: AT - 1000 });
    const silent = await crl('good', numbers);
    assert.equal((await judge({ base })).outcome, 'denied');
    assert.equal((await judge({ base, delta })).outcome, 'verified');
    assert.equal((await judge({ base, old })).outcome, 'denied');
    assert.equal((await judge({ base, silent })).outcome, 'denied');
  });

  test('a CRL that lists it decides by itself, whatever its base, scope or reasons are', async () => {
    const key = issuerOf(stranger).key;
    const { serialNumber } = leafOf(made);
    const entry = (reasonCode: number): object => ({
      entries: [{ serialNumber, revokedAt: AT - HOUR, reasonCode }],
    });
    const delta = { crlNumber: 9, baseCrlNumber: 8 };
    const expired = { thisUpdate: AT - 10 * DAY, nextUpdate: AT - 5 * DAY };
    const obscure = { extensions: [rawExtension('1.2.3.4', derEncode(TAG.null), true)] };
    const { value } = crlDistributionPoints('http://crl.example/other.crl');
    const scope = (...point: Uint8Array[]): object => ({ issuingDistributionPoint: point });
    const otherPoint = scope(
      new DerReader(value).enter(TAG.sequence).enter(TAG.sequence).element(),
    );
    const flag = (number: number): object =>
      scope(derEncode(contextTag(number, false), Uint8Array.of(0xff)));
    const answers: Readonly<Record<string, readonly [object, string]>> = {
      'a delta whose base is newer than the one kept': [delta, 'denied'],
      'a delta that is older than the base kept': [{ crlNumber: 0, baseCrlNumber: 0 }, 'denied'],
      'a delta that has expired': [{ ...delta, ...expired }, 'denied'],
      'a delta of another scope': [{ ...delta, ...otherPoint }, 'denied'],
      'a delta that says on hold': [{ ...delta, ...entry(6) }, 'denied'],
      'a delta that said on hold': [{ ...delta, ...entry(6), ...expired }, 'verified'],
      'a delta that ends a hold': [{ ...delta, ...entry(8) }, 'verified'],
      'a delta by another key': [{ ...delta, signer: key }, 'verified'],
      'a delta that is not understood': [{ ...delta, ...obscure }, 'unavailable'],
      'an expired delta that is not understood': [
        { ...delta, ...expired, ...obscure },
        'unavailable',
      ],
      'a delta of others that is not understood': [
        { ...delta, ...obscure, entries: [] },
        'verified',
      ],
      'a CRL of a distribution point that it does not name': [otherPoint, 'denied'],
      'a CRL of CA certificates': [flag(2), 'denied'],
      'a CRL of some reasons': [
        scope(derEncode(contextTag(3, false), Uint8Array.of(6, 0x40))),
        'denied',
      ],
      // RFC 5755 gives attribute certificates numbers of their own
      'a CRL of attribute certificates': [flag(5), 'verified'],
      'a base CRL that says on hold, without its delta': [
        { ...entry(6), freshestCrls: [CRL_URL] },
        'denied',
      ],
      'a CRL whose issuer has its name encoded differently': [
        { issuerName: reencoded(issuerOf(made).certificate.subject.der) },
        'unavailable',
      ],
      'a CRL whose signature cannot be verified': [
        { algorithm: derEncode(TAG.sequence, derOid('1.3.101.112')) },
        'unavailable',
      ],
    };
    const good = { 'good.crl': await crl('good') };
    const response = { 'good.ocsp': await ocsp('good') };
    for (const [what, [template, outcome]] of Object.entries(answers)) {
      const x = await crl('revoked', template);
      assert.equal((await judge({ ...good, x })).outcome, outcome, what);
      assert.equal((await judge({ ...response, x })).outcome, outcome, what);
    }
  });

  test('an OCSP response decides by each of its single responses', async () => {
    const certificate = leafOf(made);
    const old = { thisUpdate: AT - 10 * DAY, nextUpdate: AT - 9 * DAY };
    const now = { thisUpdate: AT - HOUR, nextUpdate: AT + HOUR };
    const extension = { oid: '1.2.3.4', critical: true, value: derEncode(TAG.null) };
    const critical = { extensions: [extension] };
    const revoked = { certificate, status: REVOKED, ...old };
    const others = { issuer: issuerOf(stranger).certificate };
    const past = { at: old.thisUpdate, until: old.nextUpdate };
    const short = await responderOf(undefined, AT - 5 * DAY);
    const late = await responderOf(undefined, AT - 5 * DAY, AT - 8 * DAY);
    const unsupported = derEncode(TAG.sequence, derOid('1.3.101.112'));
    const answers: Readonly<Record<string, readonly [object, string]>> = {
      'beside a newer one': [
        { answers: [revoked, { certificate, hash: 'sha256', ...now }] },
        'denied',
      ],
      'beside a newer one about a certificate of others': [
        { answers: [revoked, { certificate, ...others, ...now }] },
        'denied',
      ],
      'beside a newer one, by a responder that has expired': [
        { answers: [revoked, { certificate, ...others, ...now }], responder: short },
        'denied',
      ],
      'that is not understood, beside an expired one': [
        {
          answers: [
            { certificate, ...old },
            { ...revoked, ...critical },
          ],
        },
        'unavailable',
      ],
      'that names the issuer by a hash of its own': [
        { answers: [{ ...revoked, hash: 'md5' }] },
        'unavailable',
      ],
      'about a certificate of others': [{ answers: [{ ...revoked, ...others }] }, 'verified'],
      'about a certificate of others, not understood': [
        { answers: [{ ...revoked, ...others }], ...critical },
        'verified',
      ],
      'by a responder that has expired, not understood': [
        { ...past, responder: short, ...critical },
        'unavailable',
      ],
      'by a responder that was appointed after its time, and has expired': [
        { ...past, responder: late, producedAt: AT - 7 * DAY },
        'denied',
      ],
      'by a responder whose certificate is not understood': [
        { ...past, responder: await responderOf(critical.extensions, AT - 5 * DAY) },
        'unavailable',
      ],
      'by another key for a responder whose certificate is not understood': [
        { responder: await responderOf(critical.extensions), signer: issuerOf(stranger).key },
        'verified',
      ],
      'by a responder whose certificate cannot be verified': [
        { ...past, responder: unverifiable(short) },
        'unavailable',
      ],
      'by a responder whose signature cannot be verified': [
        { ...past, responder: short, algorithm: unsupported },
        'unavailable',
      ],
    };
    const good = { 'good.crl': await crl('good') };
    const response = { 'good.ocsp': await ocsp('good') };
    for (const [what, [template, outcome]] of Object.entries(answers)) {
      const x = await ocsp(REVOKED, template);
      assert.equal((await judge({ ...good, x })).outcome, outcome, what);
      assert.equal((await judge({ ...response, x })).outcome, outcome, what);
    }
  });

  test('a CRL that lists it leaves it undecided where its issuer may not sign CRLs', async () => {
    const about = await makeChain({
      algorithm: { kind: 'ec', curve: 'P-256' },
      now: NOW,
      leaf: { extensions: [crlDistributionPoints(CRL_URL)] },
      root: { keyUsage: ['keyCertSign'] },
    });
    const response = await ocsp('good', { about });
    const x = await crl('revoked', { about });
    const other = await crl('revoked', { about, signer: issuerOf(stranger).key });
    assert.equal((await judge({ response }, { by: about })).outcome, 'verified');
    assert.equal((await judge({ response, x }, { by: about })).outcome, 'unavailable');
    assert.equal((await judge({ response, x: other }, { by: about })).outcome, 'verified');
  });
});
