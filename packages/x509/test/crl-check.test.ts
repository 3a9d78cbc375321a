import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextTag, defaultCrypto, derBitString, derEncode, derOid, TAG } from '@nv2/core';
import {
  type CrlTemplate,
  crlDistributionPoints,
  makeChain,
  makeCrl,
  rawExtension,
} from '@nv2/testkit';
import fc from 'fast-check';
import {
  type CheckCrlOptions,
  CRL_ENTRY_EXTENSION,
  CRL_EXTENSION,
  checkCrl,
  checkCrls,
  DEFAULT_CLOCK_SKEW_MS,
  EXTENSION,
  parseCrl,
  type RevocationFinding,
  X509Error,
} from '../src/index.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const URL = 'http://localhost/leaf.crl';
const EC = { kind: 'ec', curve: 'P-256' } as const;

const world = setUp();

async function setUp() {
  const leaf = { extensions: [crlDistributionPoints(URL)] };
  const made = await makeChain({ algorithm: EC, depth: 3, now: new Date(NOW), leaf });
  const [certificate, issuerCertificate] = made.chain;
  const [issuer, root] = made.authorities;
  assert.ok(certificate && issuerCertificate && issuer && root);
  return { certificate, issuer, root };
}

type Template = Partial<CrlTemplate>;

interface Case {
  readonly base?: Template;
  readonly delta?: Template;
  readonly options?: Partial<CheckCrlOptions>;
}

async function judge({ base = {}, delta, options = {} }: Case): Promise<RevocationFinding> {
  const { certificate, issuer } = await world;
  const make = async (template: Template) =>
    parseCrl(await makeCrl({ issuer, thisUpdate: NOW - HOUR / 2, ...template }));
  return checkCrl({
    certificate,
    issuer: issuer.certificate,
    at: NOW,
    base: await make(base),
    delta: delta && (await make({ crlNumber: 2, baseCrlNumber: 1, ...delta })),
    ...options,
  });
}

async function entry(reasonCode?: number, more: { at?: number; invalidityDate?: number } = {}) {
  const { at = NOW - HOUR, invalidityDate } = more;
  const { serialNumber } = (await world).certificate;
  return {
    serialNumber,
    revokedAt: at,
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(invalidityDate === undefined ? {} : { invalidityDate }),
  };
}

function assertUnknown(finding: RevocationFinding, code: string): void {
  assert.ok(finding.status === 'unknown', `got ${finding.status}, expected ${code}`);
  assert.equal(finding.why.code, code, finding.why.message);
}

const OTHER = { serialNumber: Uint8Array.of(1), revokedAt: NOW - HOUR };
const CRITICAL = rawExtension('1.2.3.4', derEncode(TAG.null), true);
const TRUE = Uint8Array.of(0xff);
const name = (url: string) =>
  derEncode(
    contextTag(0, true),
    derEncode(contextTag(0, true), derEncode(contextTag(6, false), Buffer.from(url))),
  );
const flag = (number: number) => derEncode(contextTag(number, false), TRUE);
const reasons = (bits: number) => {
  const [, , ...rest] = derBitString(Uint8Array.of(bits, 0x80), 7);
  return derEncode(contextTag(3, false), Uint8Array.from(rest));
};

describe('what a CRL says about a certificate', () => {
  test('a certificate that is not listed is good until the next update', async () => {
    assert.deepEqual(await judge({ base: { entries: [OTHER] } }), {
      status: 'good',
      thisUpdate: NOW - HOUR / 2,
      nextUpdate: NOW + HOUR / 2,
    });
  });

  test('a certificate that is listed is revoked, for the reason and at the time listed', async () => {
    const finding = await judge({ base: { entries: [OTHER, await entry(1)] } });
    assert.ok(finding.status === 'revoked');
    assert.equal(finding.reason, 'keyCompromise');
    assert.equal(finding.revokedAt, NOW - HOUR);
  });

  test('an entry without reason and one with an unknown reason revoke', async () => {
    for (const [code, reason] of [
      [undefined, 'unspecified'],
      [7, 'unrecognized'],
      [99, 'unrecognized'],
    ] as const) {
      const finding = await judge({ base: { entries: [await entry(code)] } });
      assert.ok(finding.status === 'revoked');
      assert.equal(finding.reason, reason);
    }
  });

  test('a certificate on hold is revoked, until a later entry of the delta removes it', async () => {
    const hold = await entry(6, { at: NOW - 3 * HOUR });
    const removed = await entry(8, { at: NOW - HOUR });
    const base = { entries: [hold] };
    assert.equal((await judge({ base })).status, 'revoked');
    assert.equal((await judge({ base, delta: { entries: [removed] } })).status, 'good');
    const earlier = { entries: [await entry(8, { at: NOW - 4 * HOUR })] };
    assert.equal((await judge({ base, delta: earlier })).status, 'revoked');
    const again = { entries: [removed, await entry(6, { at: NOW - HOUR / 2 })] };
    assert.equal((await judge({ base, delta: again })).status, 'revoked');
    const sameTime = { entries: [await entry(8, { at: NOW - 3 * HOUR })] };
    assert.equal((await judge({ base, delta: sameTime })).status, 'revoked');
  });

  test('what is revoked for good is not brought back by a delta', async () => {
    const base = { entries: [await entry(1)] };
    const delta = { entries: [await entry(8, { at: NOW })] };
    assert.equal((await judge({ base, delta })).status, 'revoked');
  });

  test('a delta alone revokes', async () => {
    assert.equal((await judge({ delta: { entries: [await entry(4)] } })).status, 'revoked');
  });

  test('a key that was sound when it signed counts as good, with the date', async () => {
    const base = { entries: [await entry(1, { invalidityDate: NOW - HOUR })] };
    const at = async (signingTime?: number) => judge({ base, options: { signingTime } });
    assert.equal((await at()).status, 'revoked');
    assert.equal((await at(NOW)).status, 'revoked');
    assert.equal((await at(NOW - HOUR)).status, 'revoked');
    const before = await at(NOW - HOUR - 1);
    assert.ok(before.status === 'good');
    assert.equal(before.invalidityDate, NOW - HOUR);
  });

  test('a later entry with an earlier invalidity date revokes all the same', async () => {
    const finding = await judge({
      base: { entries: [await entry(1, { invalidityDate: NOW })] },
      delta: { entries: [await entry(1, { invalidityDate: NOW - 5 * HOUR })] },
      options: { signingTime: NOW - HOUR },
    });
    assert.equal(finding.status, 'revoked');
  });
});

describe('a CRL is not believed', () => {
  test('that another key signed, or that changed in any octet', async () => {
    const { key } = await defaultCrypto.generateKey(EC);
    assertUnknown(await judge({ base: { signer: key } }), 'X509_CRL_SIGNATURE');
    const rsa = await defaultCrypto.generateKey({ kind: 'rsa', modulusBits: 2048 });
    assertUnknown(await judge({ base: { signer: rsa.key } }), 'X509_CRL_SIGNATURE');
    const { certificate, issuer } = await world;
    const der = await makeCrl({ issuer, thisUpdate: NOW, entries: [await entry(1)] });
    for (let at = 0; at < der.length; at++) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      try {
        const options = { certificate, issuer: issuer.certificate, at: NOW };
        const finding = await checkCrl({ ...options, base: parseCrl(changed) });
        assert.equal(finding.status, 'unknown', `octet ${at}`);
      } catch (error) {
        assert.ok(error instanceof X509Error && error.code === 'X509_CRL_INVALID', `octet ${at}`);
      }
    }
  });

  test('by an issuer of another name, one that is no CA, or one that may not sign CRLs', async () => {
    const { root, issuer, certificate } = await world;
    const issuerName = root.certificate.subject.der;
    assertUnknown(await judge({ base: { issuerName } }), 'X509_CRL_ISSUER');
    assertUnknown(
      await judge({ base: { issuer: root }, options: { issuer: root.certificate } }),
      'X509_CRL_ISSUER',
    );
    const noCa = { ...issuer.certificate, basicConstraints: { ca: false } };
    assertUnknown(await judge({ options: { issuer: noCa } }), 'X509_CRL_ISSUER');
    const noCrls = { ...issuer.certificate, keyUsage: new Set(['keyCertSign'] as const) };
    assertUnknown(await judge({ options: { issuer: noCrls } }), 'X509_CRL_ISSUER');
    const { keyUsage: _, ...anyUsage } = issuer.certificate;
    assert.equal((await judge({ options: { issuer: anyUsage } })).status, 'good');
    assert.equal((await judge({ options: { certificate } })).status, 'good');
  });

  test('that is signed with SHA-1', async () => {
    const ecdsaWithSha1 = derEncode(TAG.sequence, derOid('1.2.840.10045.4.1'));
    assertUnknown(
      await judge({ base: { algorithm: ecdsaWithSha1 } }),
      'X509_ALGORITHM_UNSUPPORTED',
    );
  });

  test('of an issuer whose key is of an unsupported kind', async () => {
    const { issuer } = await world;
    const issuerCertificate = { ...issuer.certificate, publicKey: undefined };
    assertUnknown(await judge({ options: { issuer: issuerCertificate } }), 'X509_KEY_UNSUPPORTED');
  });

  test('security row 17: before its time (but for a clock that is a little ahead) and after it', async () => {
    const at = async (thisUpdate: number, nextUpdate?: number | null) =>
      judge({ base: { thisUpdate, ...(nextUpdate === undefined ? {} : { nextUpdate }) } });
    assert.equal((await at(NOW + DEFAULT_CLOCK_SKEW_MS)).status, 'good');
    assertUnknown(await at(NOW + DEFAULT_CLOCK_SKEW_MS + 1000), 'X509_CRL_NOT_YET_VALID');
    assert.equal((await at(NOW - HOUR, NOW)).status, 'good');
    assertUnknown(await at(NOW - HOUR, NOW - 1000), 'X509_CRL_EXPIRED');
    assertUnknown(await at(NOW - HOUR, null), 'X509_CRL_NO_NEXT_UPDATE');
  });

  test('at a time that is no number', async () => {
    assertUnknown(await judge({ options: { at: Number.NaN } }), 'X509_CRL_NOT_YET_VALID');
    assertUnknown(await judge({ options: { at: Number.POSITIVE_INFINITY } }), 'X509_CRL_EXPIRED');
    const base = { entries: [await entry(1, { invalidityDate: NOW })] };
    const finding = await judge({ base, options: { signingTime: Number.NaN } });
    assert.equal(finding.status, 'revoked');
  });

  test('with a critical extension that is not understood, in the list or any entry', async () => {
    assertUnknown(await judge({ base: { extensions: [CRITICAL] } }), 'X509_CRL_EXTENSION');
    const entries = [{ ...OTHER, extensions: [CRITICAL] }];
    assertUnknown(await judge({ base: { entries } }), 'X509_CRL_EXTENSION');
    const harmless = { ...CRITICAL, critical: false };
    const base = { extensions: [harmless], entries: [{ ...OTHER, extensions: [harmless] }] };
    assert.equal((await judge({ base })).status, 'good');
  });

  test('that lists certificates of other issuers', async () => {
    const indirect = { issuingDistributionPoint: [flag(4)] };
    assertUnknown(await judge({ base: indirect }), 'X509_CRL_INDIRECT');
    const { root } = await world;
    const directory = derEncode(contextTag(4, true), root.certificate.subject.der);
    const value = derEncode(TAG.sequence, directory);
    for (const critical of [true, false]) {
      const other = rawExtension(CRL_ENTRY_EXTENSION.certificateIssuer, value, critical);
      const entries = [{ ...OTHER, extensions: [other] }];
      assertUnknown(await judge({ base: { entries } }), 'X509_CRL_INDIRECT');
    }
  });
});

describe('the scope of a CRL', () => {
  const scope = (...issuingDistributionPoint: Uint8Array[]): Case => ({
    base: { issuingDistributionPoint },
  });

  test('bound to a distribution point of the certificate covers it, any other does not', async () => {
    assert.equal((await judge(scope(name(URL)))).status, 'good');
    assertUnknown(await judge(scope(name('http://localhost/other.crl'))), 'X509_CRL_SCOPE');
  });

  test('relative to the issuer is that of a certificate without distribution points', async () => {
    const { certificate, issuer } = await world;
    const extensions = new Map(certificate.extensions);
    extensions.delete(EXTENSION.crlDistributionPoints);
    const bare = { ...certificate, extensions };
    const directory = derEncode(contextTag(4, true), issuer.certificate.subject.der);
    const own = derEncode(contextTag(0, true), derEncode(contextTag(0, true), directory));
    const options = { certificate: bare };
    assert.equal((await judge({ ...scope(own), options })).status, 'good');
    assertUnknown(await judge({ ...scope(name(URL)), options }), 'X509_CRL_SCOPE');
    assertUnknown(await judge(scope(own)), 'X509_CRL_SCOPE');
    const attribute = derEncode(
      TAG.sequence,
      derOid('2.5.4.3'),
      derEncode(TAG.printableString, Buffer.from('part 1')),
    );
    const relative = derEncode(contextTag(0, true), derEncode(contextTag(1, true), attribute));
    assertUnknown(await judge(scope(relative)), 'X509_CRL_SCOPE');
  });

  test('of user certificates, CA certificates or attribute certificates is obeyed', async () => {
    const { issuer, root } = await world;
    assert.equal((await judge(scope(flag(1)))).status, 'good');
    assertUnknown(await judge(scope(flag(2))), 'X509_CRL_SCOPE');
    assertUnknown(await judge(scope(flag(5))), 'X509_CRL_SCOPE');
    const ofCa = { certificate: issuer.certificate, issuer: root.certificate };
    const judgeCa = (number: number) =>
      judge({ base: { issuer: root, issuingDistributionPoint: [flag(number)] }, options: ofCa });
    assertUnknown(await judgeCa(1), 'X509_CRL_SCOPE');
    assert.equal((await judgeCa(2)).status, 'good');
  });

  test('of some reasons can revoke, but not clear, unless together all are covered', async () => {
    const some = { issuingDistributionPoint: [reasons(0b0110_0000)] };
    assertUnknown(await judge({ base: some }), 'X509_CRL_REASONS');
    const listed = { ...some, entries: [await entry(1)] };
    assert.equal((await judge({ base: listed })).status, 'revoked');
    const { certificate, issuer } = await world;
    const make = async (bits: number) => ({
      base: parseCrl(
        await makeCrl({ issuer, thisUpdate: NOW, issuingDistributionPoint: [reasons(bits)] }),
      ),
    });
    const question = { certificate, issuer: issuer.certificate, at: NOW };
    const bundles = [await make(0b0110_0000), await make(0b0001_1111)];
    assert.equal((await checkCrls({ ...question, bundles })).status, 'good');
    const gap = [await make(0b0110_0000), await make(0b0000_1111)];
    assertUnknown(await checkCrls({ ...question, bundles: gap }), 'X509_CRL_REASONS');
  });
});

describe('a delta CRL', () => {
  const point = [flag(1)];
  const keyId = (octet: number) =>
    rawExtension(
      CRL_EXTENSION.authorityKeyIdentifier,
      derEncode(TAG.sequence, derEncode(contextTag(0, false), Uint8Array.of(octet))),
    );
  const refused: Readonly<Record<string, Case>> = {
    'is not taken for a base': { base: { baseCrlNumber: 1, crlNumber: 2 } },
    'needs a number': { delta: { crlNumber: null } },
    'needs a base with a number': { base: { crlNumber: null }, delta: {} },
    'is later than its base': { base: { crlNumber: 2 }, delta: {} },
    'is not for a later base': { delta: { crlNumber: 9, baseCrlNumber: 8 } },
    'has the scope of its base': { delta: { issuingDistributionPoint: point } },
    'is of the same key as its base': {
      base: { extensions: [keyId(1)] },
      delta: { extensions: [keyId(2)] },
    },
  };
  for (const [what, made] of Object.entries(refused))
    test(`security row 17: ${what}`, async () =>
      assertUnknown(await judge(made), 'X509_CRL_DELTA'));

  test('says that it is one', async () => {
    const { certificate, issuer } = await world;
    const make = async (crlNumber: number) =>
      parseCrl(await makeCrl({ issuer, thisUpdate: NOW, crlNumber }));
    const question = { certificate, issuer: issuer.certificate, at: NOW };
    const finding = await checkCrl({ ...question, base: await make(1), delta: await make(2) });
    assertUnknown(finding, 'X509_CRL_DELTA');
  });

  test('with the same scope and key completes its base', async () => {
    const same = { issuingDistributionPoint: point, extensions: [keyId(1)] };
    assert.equal((await judge({ base: same, delta: same })).status, 'good');
  });

  test('is held to the same checks as its base', async () => {
    const { key } = await defaultCrypto.generateKey(EC);
    assertUnknown(await judge({ delta: { signer: key } }), 'X509_CRL_SIGNATURE');
    assertUnknown(await judge({ delta: { nextUpdate: NOW - 1000 } }), 'X509_CRL_EXPIRED');
    assertUnknown(await judge({ delta: { extensions: [CRITICAL] } }), 'X509_CRL_EXTENSION');
    const issuerName = (await world).root.certificate.subject.der;
    assertUnknown(await judge({ delta: { issuerName } }), 'X509_CRL_ISSUER');
  });

  test('that is announced must be there', async () => {
    const base = { freshestCrls: ['http://localhost/delta.crl'] };
    assertUnknown(await judge({ base }), 'X509_CRL_DELTA_MISSING');
    assert.equal((await judge({ base, delta: {} })).status, 'good');
    const { certificate } = await world;
    const freshest = { critical: false, value: crlDistributionPoints(URL).value };
    const extensions = new Map([...certificate.extensions, [EXTENSION.freshestCrl, freshest]]);
    const options = { certificate: { ...certificate, extensions } };
    assertUnknown(await judge({ options }), 'X509_CRL_DELTA_MISSING');
    assert.equal((await judge({ options, delta: {} })).status, 'good');
  });

  test('that is announced and missing undoes no revocation but may end a hold', async () => {
    const { certificate } = await world;
    const freshest = { critical: false, value: crlDistributionPoints(URL).value };
    const extensions = new Map([...certificate.extensions, [EXTENSION.freshestCrl, freshest]]);
    const options = { certificate: { ...certificate, extensions } };
    const announcing = { freshestCrls: ['http://localhost/delta.crl'] };
    for (const more of [
      { base: {}, options },
      { base: announcing },
      { base: announcing, options },
    ]) {
      const listing = async (reason?: number) =>
        await judge({ ...more, base: { ...more.base, entries: [await entry(reason)] } });
      assert.equal((await listing()).status, 'revoked');
      assert.equal((await listing(1)).status, 'revoked');
      assertUnknown(await listing(6), 'X509_CRL_DELTA_MISSING');
    }
  });
});

describe('the CRLs of several distribution points', () => {
  test('revoked beats unknown, unknown beats good, and no CRL at all is unknown', async () => {
    const { certificate, issuer } = await world;
    const make = async (template: Template) => ({
      base: parseCrl(await makeCrl({ issuer, thisUpdate: NOW - HOUR / 2, ...template })),
    });
    const bundles = {
      good: await make({}),
      unknown: await make({ nextUpdate: NOW - 1 }),
      revoked: await make({ entries: [await entry(1)] }),
    };
    const question = { certificate, issuer: issuer.certificate, at: NOW };
    const statuses = fc.array(fc.constantFrom('good', 'unknown', 'revoked'), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(statuses, async (kinds) => {
        const finding = await checkCrls({
          ...question,
          bundles: kinds.map((kind) => bundles[kind]),
        });
        const expected = ['revoked', 'unknown', 'good'].find((kind) =>
          kinds.some((k) => k === kind),
        );
        assert.equal(finding.status, expected ?? 'unknown');
      }),
      { numRuns: 40 },
    );
  });
});
