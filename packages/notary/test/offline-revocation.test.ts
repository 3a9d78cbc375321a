import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DerReader, derEncode, encodePem, TAG } from '@nv2/core';
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
import { OCSP } from '@nv2/x509';
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
  responderOf,
  stranger,
} from './kept-answers.ts';
import { ownPolicy } from './own-policy.ts';

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
    const obscure = { extensions: [rawExtension('1.2.3.4', derEncode(TAG.null), true)] };
    for (const x of [
      await crl('revoked', { about: by, ...obscure }),
      await ocsp(REVOKED, { about: by, ...obscure }),
    ]) {
      assert.deepEqual(causes(await judge({ x }, { by })), ['NOTARY_REVOCATION_UNKNOWN']);
    }
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
    const { serialNumber } = inner.certificate;
    const revoked = await makeCrl({
      issuer: outer,
      ...times,
      entries: [{ serialNumber, ...REVOKED }],
      crlNumber: 9,
      baseCrlNumber: 8,
    });
    assert.equal((await judge({ leaf, intermediate }, { by })).outcome, 'verified');
    assert.equal((await judge({ leaf }, { by })).outcome, 'unavailable');
    assert.equal((await judge({ intermediate }, { by })).outcome, 'unavailable');
    assert.equal((await judge({ leaf, intermediate, revoked }, { by })).outcome, 'denied');
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

  test('is not believed if any kept answer says that it was revoked, also where none is needed', async () => {
    const noCheck = { oid: OCSP.noCheck, critical: false, value: derEncode(TAG.null) };
    for (const extensions of [undefined, [noCheck]]) {
      const responder = await responderOf(extensions);
      const { certificate } = responder;
      const { serialNumber } = certificate;
      const issuer = issuerOf(made);
      const thisUpdate = AT - HOUR;
      const entries = [{ serialNumber, ...REVOKED }];
      const response = await ocsp('good', { responder });
      assert.equal((await judge({ response })).outcome, 'verified');
      for (const revoked of [
        await listOf(responder, true),
        await makeCrl({ issuer, thisUpdate, entries, crlNumber: 9, baseCrlNumber: 8 }),
        await makeOcspResponse({ issuer, answers: [{ certificate, status: REVOKED, thisUpdate }] }),
      ]) {
        const verdict = await judge({ response, revoked });
        assert.equal(verdict.outcome, 'unavailable');
        assert.match(
          verdict.signatures[0]?.cause?.message ?? '',
          /by a responder that was revoked/,
        );
      }
    }
  });
});
