import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DerReader, defaultCrypto, derEncode, encodePem, TAG } from '@nv2/core';
import { localSigner } from '@nv2/envelope';
import { memoryTrustStore } from '@nv2/notary';
import {
  crlDistributionPoints,
  makeChain,
  makeCrl,
  makeOcspResponse,
  rawExtension,
  type TestAuthority,
} from '@nv2/testkit';
import {
  ATTRIBUTE,
  type CertificateTemplate,
  EXTENDED_KEY_USAGE,
  issueCertificate,
} from '@nv2/x509';
import { causes, DAY, NOW, signNow, testImage, verdictOf } from './fixture.ts';
import {
  AT,
  CRL_URL,
  chainOf,
  crl,
  HOUR,
  issuerOf,
  judge,
  leafOf,
  made,
  ocsp,
  REVOKED,
  stranger,
} from './kept-answers.ts';
import { ownPolicy } from './own-policy.ts';

async function responderOf(
  extensions: CertificateTemplate['extensions'],
  notAfter = AT + DAY,
): Promise<TestAuthority> {
  const { key } = await defaultCrypto.generateKey({ kind: 'ec', curve: 'P-256' });
  const template: CertificateTemplate = {
    subject: [{ type: ATTRIBUTE.commonName, value: 'responder' }],
    notBefore: notAfter - 30 * DAY,
    notAfter,
    spki: key.spki,
    extendedKeyUsage: [EXTENDED_KEY_USAGE.ocspSigning],
    ...(extensions && { extensions }),
  };
  return { key, certificate: await issueCertificate(template, issuerOf(made)) };
}

describe('revocation by answers in a directory', () => {
  test('is found good by any of DER and PEM, a CRL or an OCSP response', async () => {
    const [response, list] = [await ocsp('good'), await crl('good')];
    const forms: Readonly<Record<string, Uint8Array | string>> = {
      'a.ocsp': response,
      'a.crl': list,
      'ocsp.pem': encodePem('OCSP RESPONSE', response),
      'crl.pem': encodePem('X509 CRL', list),
      'both.pem': `${encodePem('X509 CRL', list)}\n${encodePem('OCSP RESPONSE', response)}`,
    };
    for (const [name, content] of Object.entries(forms)) {
      assert.equal((await judge({ [name]: content })).outcome, 'verified', name);
    }
    assert.equal((await judge(forms)).outcome, 'verified');
  });

  test('is found revoked by any one of them, whatever others say', async () => {
    const good = { 'good.ocsp': await ocsp('good'), 'good.crl': await crl('good') };
    const revoked: Readonly<Record<string, Uint8Array>> = {
      'x.ocsp': await ocsp(REVOKED),
      'x.crl': await crl('revoked'),
      // that it was revoked is true for good
      'old.crl': await crl('revoked', { thisUpdate: AT - 30 * DAY }),
    };
    for (const [name, content] of Object.entries(revoked)) {
      const verdict = await judge({ ...good, [name]: content });
      assert.equal(verdict.outcome, 'denied', name);
      assert.deepEqual(causes(verdict), ['NOTARY_CERTIFICATE_REVOKED'], name);
    }
  });

  test('is found revoked for good by an answer that has expired, and by no other old one', async () => {
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

  test('asks no service, also where nothing is kept', async () => {
    const verdict = await judge({});
    assert.equal(verdict.outcome, 'unavailable');
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
    assert.match(verdict.signatures[0]?.cause?.message ?? '', /no CRL or OCSP response in /);
    const logged = await judge({}, { changes: { level: 'permissive' } });
    assert.equal(logged.outcome, 'verified');
  });

  const key = issuerOf(stranger).key;
  const spoiled: Readonly<Record<string, readonly [() => Promise<Uint8Array>, RegExp]>> = {
    'an OCSP response that has expired': [
      () => ocsp('good', { until: AT - 1000 }),
      /expired OCSP response/,
    ],
    'an OCSP response from the future': [
      () => ocsp('good', { at: AT + HOUR, until: AT + 2 * HOUR }),
      /from the future/,
    ],
    'an OCSP response that is too old': [
      () => ocsp('good', { at: AT - DAY - 1000 }),
      /is 86401 seconds old, and the policy allows 86400/,
    ],
    'an OCSP response signed by another key': [
      () => ocsp('good', { signer: key }),
      /signature on the OCSP response does not hold/,
    ],
    'an OCSP response by a responder of another authority': [
      () => ocsp('good', { responder: issuerOf(stranger) }),
      /OCSP res/,
    ],
    'an OCSP response about another certificate': [
      () => ocsp('good', { about: stranger }),
      /no CRL or OCSP response in /,
    ],
    'an OCSP response of another authority about that serial number': [
      () =>
        makeOcspResponse({
          issuer: issuerOf(stranger),
          answers: [{ certificate: leafOf(made), thisUpdate: AT - HOUR, nextUpdate: AT + HOUR }],
        }),
      /no CRL or OCSP response in /,
    ],
    'an OCSP response that knows nothing': [() => ocsp('unknown'), /does not know/],
    'a CRL that has expired': [() => crl('good', { nextUpdate: AT - 1000 }), /CRL expired/],
    'a CRL that is too old': [
      () => crl('good', { thisUpdate: AT - 2 * DAY }),
      /the answer in .*x is 172800 seconds old/,
    ],
    'a CRL without a next update': [() => crl('good', { nextUpdate: null }), /no next update/],
    'a CRL signed by another key': [
      () => crl('good', { signer: key }),
      /signature on the CRL does not hold/,
    ],
    'a CRL of another authority of the same name': [
      () => crl('good', { issuer: issuerOf(stranger) }),
      /signature on the CRL does not hold/,
    ],
    'a CRL of an authority of another name': [
      () => crl('good', { issuerName: leafOf(made).subject.der }),
      /no CRL or OCSP response in /,
    ],
    'a delta CRL alone': [() => crl('good', { crlNumber: 2, baseCrlNumber: 1 }), /no CRL or OCSP/],
    'a CRL without the delta that it announces': [
      () => crl('good', { freshestCrls: [CRL_URL] }),
      /announces a delta CRL/,
    ],
  };
  for (const [what, [make, reason]] of Object.entries(spoiled)) {
    test(`does not believe ${what}`, async () => {
      const content = await make();
      const verdict = await judge({ x: content });
      assert.equal(verdict.outcome, 'unavailable');
      assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNKNOWN']);
      assert.match(verdict.signatures[0]?.cause?.message ?? '', reason);
      // and it does not stand in the way of one that is to be believed
      assert.equal((await judge({ x: content, y: await crl('good') })).outcome, 'verified');
    });
  }

  test('an answer of that very age is young enough', async () => {
    const files = { x: await crl('good', { thisUpdate: AT - HOUR }) };
    assert.equal((await judge(files, { maxAge: '1h' })).outcome, 'verified');
    assert.equal((await judge(files, { maxAge: '3599s' })).outcome, 'unavailable');
  });

  test('a list counts with its delta', async () => {
    const base = await crl('good', { freshestCrls: [CRL_URL] });
    const delta = (state: 'good' | 'revoked'): Promise<Uint8Array> =>
      crl(state, { crlNumber: 2, baseCrlNumber: 1 });
    assert.equal((await judge({ base, delta: await delta('good') })).outcome, 'verified');
    assert.deepEqual(causes(await judge({ base, delta: await delta('revoked') })), [
      'NOTARY_CERTIFICATE_REVOKED',
    ]);
  });

  test('a certificate that names no service is revoked if an answer says so', async () => {
    const by = await chainOf();
    assert.equal((await judge({}, { by })).outcome, 'verified');
    const old = { x: await crl('good', { about: by, nextUpdate: AT - 1000 }) };
    assert.equal((await judge(old, { by })).outcome, 'verified');
    const files = { x: await crl('revoked', { about: by }) };
    assert.deepEqual(causes(await judge(files, { by })), ['NOTARY_CERTIFICATE_REVOKED']);
  });

  test('every certificate of the chain needs an answer', async () => {
    const by = await makeChain({
      algorithm: { kind: 'ec', curve: 'P-256' },
      depth: 3,
      now: NOW,
      leaf: { extensions: [crlDistributionPoints(CRL_URL)] },
      intermediate: { extensions: [crlDistributionPoints(CRL_URL)] },
    });
    const [inner, outer] = by.authorities;
    assert.ok(inner && outer);
    const times = { thisUpdate: AT - HOUR, nextUpdate: AT + HOUR };
    const leaf = await makeCrl({ issuer: inner, ...times });
    const intermediate = await makeCrl({ issuer: outer, ...times });
    assert.equal((await judge({ leaf, intermediate }, { by })).outcome, 'verified');
    assert.equal((await judge({ leaf }, { by })).outcome, 'unavailable');
    assert.equal((await judge({ intermediate }, { by })).outcome, 'unavailable');
  });

  test('fails where there is no way to read directories', async () => {
    const { target } = testImage();
    const signer = localSigner(made.leafKey, made.chain);
    await signNow(target, { signer, chain: made.chain, root: made.root });
    const verdict = await verdictOf(target, {
      trustStore: memoryTrustStore({ 'ca:acme': [made.root] }),
      policy: ownPolicy({ revocation: { offline: { directory: '/nowhere', maxAge: '1d' } } }),
      revocation: () => assert.fail('a service was asked'),
    });
    assert.deepEqual(causes(verdict), ['NOTARY_REVOCATION_UNSUPPORTED']);
  });
});

describe('the responder of a kept answer', () => {
  const point = crlDistributionPoints('http://crl.example/responder.crl');

  /** A CRL about certificates with the responder's distribution point alone. */
  function listOf(responder: TestAuthority, isRevoked: boolean): Promise<Uint8Array> {
    const { serialNumber } = responder.certificate;
    const names = new DerReader(point.value).enter(TAG.sequence).enter(TAG.sequence).element();
    return makeCrl({
      issuer: issuerOf(made),
      thisUpdate: AT - HOUR,
      entries: isRevoked ? [{ serialNumber, ...REVOKED }] : [],
      issuingDistributionPoint: [names],
    });
  }

  test('is believed if it names no CRL, or a kept one says that it was not revoked', async () => {
    const plain = await responderOf(undefined);
    assert.equal(
      (await judge({ x: await ocsp('good', { responder: plain }) })).outcome,
      'verified',
    );
    const named = await responderOf([point]);
    const response = await ocsp('good', { responder: named });
    const list = await listOf(named, false);
    assert.equal((await judge({ response, list })).outcome, 'verified');
  });

  test('is not believed if it was revoked, or no kept CRL tells', async () => {
    const named = await responderOf([point]);
    const response = await ocsp('good', { responder: named });
    const list = await listOf(named, true);
    for (const [files, reason] of [
      [{ response, list }, /by a responder that was revoked/],
      [{ response }, /by a responder of which no kept CRL says whether it was revoked/],
    ] as const) {
      const verdict = await judge(files);
      assert.equal(verdict.outcome, 'unavailable');
      assert.match(verdict.signatures[0]?.cause?.message ?? '', reason);
    }
  });
});
