import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { defaultCrypto, type KeySpec, type PrivateKey, type SignatureScheme } from '@nv2/core';
import {
  ATTRIBUTE,
  assertSignedBy,
  type CertificateIssuer,
  type CertificateTemplate,
  issueCertificate,
  type KeyUsage,
} from '@nv2/x509';

const DAY = 24 * 60 * 60 * 1000;
const KEYS: readonly KeySpec[] = [
  { kind: 'rsa', modulusBits: 2048 },
  { kind: 'ec', curve: 'P-256' },
  { kind: 'ec', curve: 'P-521' },
];
const keys = Promise.all(KEYS.map(async (spec) => (await defaultCrypto.generateKey(spec)).key));

function templateFor({ spki }: PrivateKey): CertificateTemplate {
  const subject = [{ type: ATTRIBUTE.commonName, value: 'test' }];
  return { subject, notBefore: 0, notAfter: DAY, spki };
}

async function issued(
  changes: Partial<CertificateTemplate>,
  issuer: Partial<CertificateIssuer> = {},
): Promise<unknown> {
  const [, key] = await keys;
  assert.ok(key);
  return issueCertificate({ ...templateFor(key), ...changes }, { key, ...issuer });
}

const invalid = { name: 'X509Error', code: 'X509_TEMPLATE_INVALID' };

describe('issuing', () => {
  const HASHES = ['sha256', 'sha384', 'sha512', 'sha1'] as const;
  const SCHEMES = HASHES.flatMap((name) => {
    const hash = name as 'sha256';
    return [
      { kind: 'rsa-pkcs1', hash },
      ...(['der', 'raw'] as const).map((encoding) => ({ kind: 'ecdsa', hash, encoding }) as const),
      ...[32, 48, 64, 0, -1, 'any'].map(
        (saltLength) => ({ kind: 'rsa-pss', hash, saltLength }) as SignatureScheme,
      ),
    ] satisfies SignatureScheme[];
  });

  test('with any scheme and key gives a certificate whose signature holds, or is refused', async () => {
    const outcomes = new Map<string, number>();
    for (const key of await keys)
      for (const scheme of SCHEMES) {
        const pending = issueCertificate(templateFor(key), { key, scheme });
        const certificate = await pending.catch((error) => {
          assert.equal(error.code, 'X509_TEMPLATE_INVALID', JSON.stringify(scheme));
        });
        if (certificate) await assertSignedBy(certificate, certificate);
        const outcome = certificate ? 'issued' : 'refused';
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    // three hashes with PKCS #1 and PSS under RSA, and with ECDSA under each of the two curves
    assert.deepEqual(
      outcomes,
      new Map([
        ['issued', 12],
        ['refused', 96],
      ]),
    );
  });

  const templates: Readonly<Record<string, Partial<CertificateTemplate>>> = {
    'a time that is none': { notBefore: Number.NaN },
    'a time without end': { notAfter: Number.POSITIVE_INFINITY },
    'a time before 1950': { notBefore: Date.UTC(1949, 11, 31) },
    'a time after 9999': { notAfter: Date.UTC(10_000, 0) },
    'a serial number of 21 octets': { serialNumber: new Uint8Array(21).fill(1) },
    'a name with half a surrogate': { subject: [{ type: ATTRIBUTE.commonName, value: '\ud800' }] },
    'an attribute that is no object identifier': { subject: [{ type: 'CN', value: 'x' }] },
    'a purpose that is no object identifier': { extendedKeyUsage: ['codeSigning'] },
    'no purpose at all': { extendedKeyUsage: [] },
    'no key usage at all': { keyUsage: [] },
    'an unknown key usage': { keyUsage: ['signing' as KeyUsage] },
    'an unknown key usage beside a known one': {
      keyUsage: ['signing' as KeyUsage, 'digitalSignature'],
    },
    'a negative path length': { basicConstraints: { ca: true, pathLength: -1 } },
    'a path length of a half': { basicConstraints: { ca: true, pathLength: 0.5 } },
    'a path length that is none': { basicConstraints: { ca: true, pathLength: Number.NaN } },
    'a key that is none': { spki: new Uint8Array() },
    'an extension without a name': {
      extensions: [{ oid: '', critical: false, value: new Uint8Array() }],
    },
    'an extension that is malformed': {
      extensions: [{ oid: '2.5.29.17', critical: false, value: new Uint8Array() }],
    },
    'more octets than a certificate has': {
      extensions: [{ oid: '1.2.3', critical: false, value: new Uint8Array(2 ** 18) }],
    },
  };
  for (const [what, changes] of Object.entries(templates))
    test(`${what} is refused`, () => assert.rejects(issued(changes), invalid));

  test('an issuer key that is malformed, or of a kind that signs nothing here, is refused', async () => {
    const sign = async (): Promise<Uint8Array> => new Uint8Array();
    const { publicKey } = generateKeyPairSync('ed25519');
    for (const spki of [new Uint8Array(), publicKey.export({ type: 'spki', format: 'der' })])
      await assert.rejects(issued({}, { key: { spki, sign } }), invalid);
  });

  test('what the key of the issuer throws is thrown', async () => {
    const [key] = await keys;
    assert.ok(key);
    const error = new Error('the token was pulled out');
    const sign = (): Promise<never> => Promise.reject(error);
    await assert.rejects(issued({}, { key: { spki: key.spki, sign } }), error);
  });
});
