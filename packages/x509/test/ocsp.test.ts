import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultCrypto, derEncode, derOid, TAG } from '@nv2/core';
import {
  makeChain,
  makeOcspError,
  makeOcspResponse,
  type OcspAnswer,
  type OcspTemplate,
  rawExtension,
  readOcspRequest,
  type TemplateChanges,
  type TestAuthority,
} from '@nv2/testkit';
import fc from 'fast-check';
import {
  type CertificateTemplate,
  type CheckOcspOptions,
  CRL_ENTRY_EXTENSION,
  checkOcspResponse,
  DEFAULT_CLOCK_SKEW_MS,
  EXTENDED_KEY_USAGE,
  encodeOcspRequest,
  issueCertificate,
  MAX_OCSP_RESPONSE_BYTES,
  OCSP,
  type OcspFinding,
  type OcspResponse,
  ocspGetUrl,
  parseOcspResponse,
  X509Error,
} from '../src/index.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const EC = { kind: 'ec', curve: 'P-256' } as const;

const world = setUp();

async function setUp() {
  const made = await makeChain({ algorithm: EC, depth: 3, now: new Date(NOW) });
  const [certificate] = made.chain;
  const [issuer, root] = made.authorities;
  assert.ok(certificate && issuer && root);
  const delegate = await makeResponder(issuer);
  return { certificate, issuer, root, delegate };
}

/** A responder that the issuer appointed, but for what the changes spoil. */
async function makeResponder(
  issuer: TestAuthority,
  changes: TemplateChanges = {},
): Promise<TestAuthority> {
  const { key } = await defaultCrypto.generateKey(EC);
  const template: CertificateTemplate = {
    subject: [{ type: '2.5.4.3', value: 'responder' }],
    notBefore: NOW - HOUR,
    notAfter: NOW + HOUR,
    spki: key.spki,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [EXTENDED_KEY_USAGE.ocspSigning],
    ...changes,
  };
  return { key, certificate: await issueCertificate(template, issuer) };
}

interface Case {
  readonly answer?: Partial<OcspAnswer>;
  readonly template?: Partial<OcspTemplate>;
  readonly options?: Partial<CheckOcspOptions>;
}

async function judge({ answer = {}, template = {}, options = {} }: Case): Promise<OcspFinding> {
  const { certificate, issuer } = await world;
  const der = await makeOcspResponse({
    issuer,
    answers: [{ certificate, thisUpdate: NOW - HOUR / 2, ...answer }],
    ...template,
  });
  const response = parseOcspResponse(der);
  return checkOcspResponse({
    certificate,
    issuer: issuer.certificate,
    at: NOW,
    response,
    ...options,
  });
}

function assertUnknown(finding: OcspFinding, code: string): void {
  assert.ok(finding.status === 'unknown', `got ${finding.status}, expected ${code}`);
  assert.equal(finding.why.code, code, finding.why.message);
}

function assertInvalid(der: Uint8Array): void {
  assert.throws(
    () => parseOcspResponse(der),
    (error) => error instanceof X509Error && error.code === 'X509_OCSP_INVALID',
  );
}

const CRITICAL = rawExtension('1.2.3.4', derEncode(TAG.null), true);

describe('what an OCSP response says about a certificate', () => {
  test('good, by the issuer itself, until the next update', async () => {
    assert.deepEqual(await judge({}), {
      status: 'good',
      thisUpdate: NOW - HOUR / 2,
      nextUpdate: NOW + HOUR / 2,
      responder: { kind: 'issuer' },
    });
  });

  test('revoked, for the reason and at the time said', async () => {
    const finding = await judge({ answer: { status: { revokedAt: NOW - HOUR, reason: 4 } } });
    assert.ok(finding.status === 'revoked');
    assert.equal(finding.reason, 'superseded');
    assert.equal(finding.revokedAt, NOW - HOUR);
    for (const reason of [undefined, 6, 8, 77]) {
      const status = { revokedAt: NOW, ...(reason === undefined ? {} : { reason }) };
      assert.equal((await judge({ answer: { status } })).status, 'revoked');
    }
  });

  test('unknown, which is an answer and has a code of its own', async () => {
    assertUnknown(await judge({ answer: { status: 'unknown' } }), 'X509_OCSP_UNKNOWN');
  });

  test('a key that was sound when it signed counts as good, with the date', async () => {
    const value = derEncode(TAG.generalizedTime, Buffer.from('20260301110000Z'));
    const extensions = [rawExtension(CRL_ENTRY_EXTENSION.invalidityDate, value)];
    const answer = { status: { revokedAt: NOW }, extensions };
    const at = (signingTime?: number) => judge({ answer, options: { signingTime } });
    assert.equal((await at()).status, 'revoked');
    assert.equal((await at(NOW - HOUR)).status, 'revoked');
    const before = await at(NOW - HOUR - 1);
    assert.ok(before.status === 'good');
    assert.equal(before.invalidityDate, NOW - HOUR);
  });

  test('whatever hash of SHA-1 and SHA-2 the certificate is named by', async () => {
    for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const)
      assert.equal((await judge({ answer: { hash } })).status, 'good', hash);
    assertUnknown(await judge({ answer: { hash: 'md5' } }), 'X509_OCSP_CERTIFICATE');
  });

  test('among answers about others, and revoked beats good about the same', async () => {
    const { certificate } = await world;
    const other = { certificate: { serialNumber: Uint8Array.of(7) }, thisUpdate: NOW };
    const good = { certificate, thisUpdate: NOW } as const;
    const revoked = { ...good, hash: 'sha256', status: { revokedAt: NOW } } as const;
    const with_ = (...answers: OcspAnswer[]) => judge({ template: { answers } });
    assert.equal((await with_({ ...other, status: { revokedAt: NOW } }, good)).status, 'good');
    assert.equal((await with_(other, good, revoked)).status, 'revoked');
    assertUnknown(await with_(other), 'X509_OCSP_CERTIFICATE');
  });

  test('revoked, whatever else the same response says about the certificate', async () => {
    const { certificate } = await world;
    const revoked = { certificate, status: { revokedAt: NOW - HOUR }, thisUpdate: NOW - HOUR / 2 };
    const others: readonly Partial<OcspAnswer>[] = [
      { status: 'unknown' },
      { thisUpdate: NOW - 2 * HOUR, nextUpdate: NOW - HOUR },
      { nextUpdate: null },
      { extensions: [CRITICAL] },
    ];
    for (const other of others) {
      const first = { ...revoked, status: 'good' as const, hash: 'sha256' as const, ...other };
      for (const answers of [
        [first, revoked],
        [revoked, first],
      ]) {
        assert.equal((await judge({ template: { answers } })).status, 'revoked');
      }
      const good = { ...revoked, status: 'good' as const };
      assert.equal((await judge({ template: { answers: [good, first] } })).status, 'unknown');
    }
  });

  test('by a responder that the issuer appointed, named by name or key', async () => {
    const { issuer, delegate } = await world;
    for (const responderId of ['name', 'key'] as const) {
      const finding = await judge({ template: { responder: delegate, responderId } });
      assert.ok(finding.status === 'good' && finding.responder.kind === 'delegated');
      assert.equal(finding.responder.noCheck, false);
      assert.equal((await judge({ template: { responderId } })).status, 'good');
    }
    const noCheck = rawExtension(OCSP.noCheck, derEncode(TAG.null));
    const responder = await makeResponder(issuer, {
      extensions: [{ ...noCheck, critical: false }],
    });
    const finding = await judge({ template: { responder } });
    assert.ok(finding.status === 'good' && finding.responder.kind === 'delegated');
    assert.equal(finding.responder.noCheck, true);
  });

  test('by an issuer that adds its own certificate, or by an RSA responder', async () => {
    const { issuer, root } = await world;
    const certificates = [issuer.certificate.der, root.certificate.der];
    assert.equal((await judge({ template: { certificates } })).status, 'good');
    const { key } = await defaultCrypto.generateKey({ kind: 'rsa', modulusBits: 2048 });
    const responder = { ...(await makeResponder(issuer, { spki: key.spki })), key };
    for (const scheme of [
      { kind: 'rsa-pkcs1', hash: 'sha256' },
      { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
      { kind: 'rsa-pss', hash: 'sha512', saltLength: 64 },
    ] as const)
      assert.equal((await judge({ template: { responder, scheme } })).status, 'good', scheme.kind);
  });

  test('with the nonce of the request, or none', async () => {
    const nonce = Uint8Array.of(1, 2, 3);
    assert.equal((await judge({ template: { nonce }, options: { nonce } })).status, 'good');
    assert.equal((await judge({ options: { nonce } })).status, 'good');
    assert.equal((await judge({ template: { nonce } })).status, 'good');
    const other = { nonce: Uint8Array.of(1, 2, 4) };
    assertUnknown(await judge({ template: { nonce }, options: other }), 'X509_OCSP_NONCE');
  });
});

describe('an OCSP response is not believed', () => {
  test('that is an error', async () => {
    const { certificate, issuer } = await world;
    for (const [number, status] of [
      [1, 'malformedRequest'],
      [2, 'internalError'],
      [3, 'tryLater'],
      [5, 'sigRequired'],
      [6, 'unauthorized'],
    ] as const) {
      const response = parseOcspResponse(makeOcspError(number));
      const question = { certificate, issuer: issuer.certificate, at: NOW, response };
      const finding = await checkOcspResponse(question);
      assertUnknown(finding, 'X509_OCSP_REFUSED');
      assert.ok(finding.status === 'unknown' && finding.why.data['status'] === status);
    }
  });

  test('security row 8: about a certificate of the same number by another issuer', async () => {
    const { root, issuer } = await world;
    const sameName = { subject: issuer.certificate.subject, spki: root.certificate.spki };
    const sameKey = { subject: root.certificate.subject, spki: issuer.certificate.spki };
    for (const other of [root.certificate, sameName, sameKey])
      assertUnknown(await judge({ answer: { issuer: other } }), 'X509_OCSP_CERTIFICATE');
  });

  test('that another key signed, or that changed in any octet', async () => {
    const { certificate, issuer, delegate } = await world;
    const { key } = await defaultCrypto.generateKey(EC);
    assertUnknown(await judge({ template: { signer: key } }), 'X509_OCSP_SIGNATURE');
    const der = await makeOcspResponse({
      issuer,
      responder: delegate,
      answers: [{ certificate, thisUpdate: NOW, status: { revokedAt: NOW, reason: 1 } }],
    });
    for (let at = 0; at < der.length; at++) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const response = parseOrRefuse(changed);
      if (response === undefined) continue;
      const question = { certificate, issuer: issuer.certificate, at: NOW, response };
      assert.equal((await checkOcspResponse(question)).status, 'unknown', `octet ${at}`);
    }
  });

  test('that is signed with SHA-1', async () => {
    const algorithm = derEncode(TAG.sequence, derOid('1.2.840.10045.4.1'));
    assertUnknown(await judge({ template: { algorithm } }), 'X509_ALGORITHM_UNSUPPORTED');
  });

  test('by a responder whose certificate is missing or of another issuer', async () => {
    const { root, delegate } = await world;
    const missing = { responder: delegate, certificates: [] };
    assertUnknown(await judge({ template: missing }), 'X509_OCSP_RESPONDER');
    const responder = await makeResponder(root);
    assertUnknown(await judge({ template: { responder } }), 'X509_OCSP_RESPONDER');
    // it names the issuer, but another key signed it
    const forged = await makeResponder({ ...(await world).issuer, key: root.key });
    assertUnknown(await judge({ template: { responder: forged } }), 'X509_OCSP_RESPONDER');
  });

  test('by a responder whose certificate is not for OCSP, not valid now, or not understood', async () => {
    const { issuer } = await world;
    const spoiled: Readonly<Record<string, TemplateChanges>> = {
      'no extended key usage': { extendedKeyUsage: [EXTENDED_KEY_USAGE.codeSigning] },
      'any purpose': { extendedKeyUsage: [EXTENDED_KEY_USAGE.any] },
      expired: { notAfter: NOW - 1000 },
      'not yet valid': { notBefore: NOW + 1000 },
      'key usage': { keyUsage: ['keyAgreement'] },
      'a CA, which would vouch for itself': { basicConstraints: { ca: true } },
      'critical extension': { extensions: [{ ...CRITICAL, critical: true }] },
    };
    for (const [what, changes] of Object.entries(spoiled)) {
      const responder = await makeResponder(issuer, changes);
      const finding = await judge({ template: { responder } });
      assert.ok(finding.status === 'unknown' && finding.why.code === 'X509_OCSP_RESPONDER', what);
    }
  });

  test('by the certificate that it is about', async () => {
    const { certificate } = await world;
    const { key } = await defaultCrypto.generateKey(EC);
    const responder = { certificate, key };
    assertUnknown(await judge({ template: { responder } }), 'X509_OCSP_RESPONDER');
  });

  test('security row 17: before its time (but for a clock that is a little ahead), after it, or without end', async () => {
    const skew = DEFAULT_CLOCK_SKEW_MS;
    assert.equal((await judge({ answer: { thisUpdate: NOW + skew } })).status, 'good');
    const future = { thisUpdate: NOW + skew + 1000 };
    assertUnknown(await judge({ answer: future }), 'X509_OCSP_NOT_YET_VALID');
    assert.equal((await judge({ answer: { nextUpdate: NOW } })).status, 'good');
    assertUnknown(await judge({ answer: { nextUpdate: NOW - 1000 } }), 'X509_OCSP_EXPIRED');
    assertUnknown(await judge({ answer: { nextUpdate: null } }), 'X509_OCSP_EXPIRED');
  });

  test('at a time that is no number', async () => {
    const options = { at: Number.NaN };
    assertUnknown(await judge({ options }), 'X509_OCSP_NOT_YET_VALID');
    const { delegate } = await world;
    const template = { responder: delegate };
    assertUnknown(await judge({ template, options }), 'X509_OCSP_RESPONDER');
  });

  test('with a critical extension that is not understood', async () => {
    const extensions = [CRITICAL];
    assertUnknown(await judge({ template: { extensions } }), 'X509_OCSP_EXTENSION');
    assertUnknown(await judge({ answer: { extensions } }), 'X509_OCSP_EXTENSION');
    const harmless = [{ ...CRITICAL, critical: false }];
    const made = { template: { extensions: harmless }, answer: { extensions: harmless } };
    assert.equal((await judge(made)).status, 'good');
  });
});

/** Decodes, or refuses with the error of OCSP and no other. */
function parseOrRefuse(der: Uint8Array): OcspResponse | undefined {
  try {
    return parseOcspResponse(der);
  } catch (error) {
    assert.ok(error instanceof X509Error && error.code === 'X509_OCSP_INVALID', String(error));
    return undefined;
  }
}

describe('decoding an OCSP response', () => {
  test('of any octets ends in a response or the error of OCSP', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (der) => void parseOrRefuse(der)));
  });

  test('of a damaged response ends in a response or the error of OCSP', async () => {
    const { certificate, issuer, delegate } = await world;
    const der = await makeOcspResponse({
      issuer,
      responder: delegate,
      nonce: Uint8Array.of(1, 2, 3),
      answers: [{ certificate, thisUpdate: NOW, status: { revokedAt: NOW, reason: 1 } }],
    });
    const change = fc.record({ at: fc.nat(der.length - 1), octet: fc.nat(255), cut: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let changed = Uint8Array.from(der);
        for (const { at, octet, cut } of changes) {
          changed[at % changed.length] = octet;
          if (cut === 0) changed = changed.subarray(0, at + 1);
        }
        parseOrRefuse(changed);
      }),
      { numRuns: 3000 },
    );
  });

  test('refuses unknown statuses, content where none belongs, and trailing bytes', async () => {
    for (const status of [0, 4, 7, 127, 255]) assertInvalid(makeOcspError(status));
    assertInvalid(Uint8Array.from([...makeOcspError(3), 0]));
    const { certificate, issuer } = await world;
    const answers = [{ certificate, thisUpdate: NOW }];
    const der = await makeOcspResponse({ issuer, answers });
    const error = Uint8Array.from(der);
    error[6] = 3;
    assert.equal(der[6], 0);
    assertInvalid(error);
    assertInvalid(await makeOcspResponse({ issuer, answers: [] }));
  });

  test('security row 5: floods of answers, certificates and octets are refused', async () => {
    const { certificate, issuer, delegate } = await world;
    const answer = { certificate, thisUpdate: NOW };
    const make = (template: Partial<OcspTemplate>) =>
      makeOcspResponse({ issuer, answers: [answer], ...template });
    assertInvalid(await make({ answers: Array.from({ length: 65 }, () => answer) }));
    const eight = Array.from({ length: 8 }, () => delegate.certificate.der);
    assert.equal(parseOcspResponse(await make({ certificates: eight })).status, 'successful');
    assertInvalid(await make({ certificates: [...eight, delegate.certificate.der] }));
    assertInvalid(new Uint8Array(MAX_OCSP_RESPONSE_BYTES + 1));
  });

  test('security row 29: elements nested without end are refused', () => {
    let nested: Uint8Array = derEncode(TAG.sequence);
    for (let depth = 0; depth < 2000; depth++) nested = derEncode(TAG.sequence, nested);
    assertInvalid(nested);
    assertInvalid(derEncode(TAG.sequence, derEncode(TAG.enumerated, Uint8Array.of(0)), nested));
  });
});

describe('an OCSP request', () => {
  test('names the certificate, with SHA-1 unless asked otherwise', async () => {
    const { certificate, issuer } = await world;
    const options = { certificate, issuer: issuer.certificate };
    const request = await encodeOcspRequest(options);
    assert.deepEqual(readOcspRequest(request), { serialNumber: certificate.serialNumber });
    const sha256 = await encodeOcspRequest({ ...options, hash: 'sha256' });
    assert.equal(sha256.length - request.length, 2 * 12 + 4);
  });

  test('carries a nonce of 1 to 128 octets', async () => {
    const { certificate, issuer } = await world;
    const options = { certificate, issuer: issuer.certificate };
    const nonce = new Uint8Array(128).fill(7);
    const request = await encodeOcspRequest({ ...options, nonce });
    assert.deepEqual(readOcspRequest(request).nonce, nonce);
    for (const length of [0, 129])
      await assert.rejects(
        encodeOcspRequest({ ...options, nonce: new Uint8Array(length) }),
        (error) => error instanceof X509Error && error.code === 'X509_OCSP_INVALID',
      );
  });

  test('goes into the path of a URL, escaped, while it is short', () => {
    const request = Uint8Array.of(0xfb, 0xff, 0xfe, 0x01);
    assert.equal(ocspGetUrl('http://a', request), 'http://a/%2B%2F%2F%2BAQ%3D%3D');
    assert.equal(ocspGetUrl('http://a/', request), 'http://a/%2B%2F%2F%2BAQ%3D%3D');
    assert.equal(ocspGetUrl('http://a/b?c=1', request), 'http://a/b/%2B%2F%2F%2BAQ%3D%3D?c=1');
    assert.equal(ocspGetUrl('http://a', new Uint8Array(189))?.length, 'http://a/'.length + 252);
    assert.equal(ocspGetUrl('http://a', new Uint8Array(192)), undefined);
  });
});
