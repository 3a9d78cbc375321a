import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derEncode, derOid, equalBytes, TAG } from '@nv2/core';
import type { TsaChanges } from '@nv2/testkit';
import {
  CMS_ATTRIBUTE,
  type VerifiedTimestamp,
  verifyTimestampToken,
  type X509ErrorCode,
} from '../src/index.ts';
import { CONTENT, DAY, hasCode, TIME, tsaOf, verifyToken } from './timestamp-fixtures.ts';

const tsa = await tsaOf();
const stranger = await tsaOf();
const signer = tsa.chain[0];
const strangerSigner = stranger.chain[0];
assert.ok(signer !== undefined && strangerSigner !== undefined);

function verify(changes: TsaChanges = {}, authority = tsa): Promise<VerifiedTimestamp> {
  return verifyToken(authority, changes);
}

describe('a timestamp is accepted', () => {
  const keys = [
    { kind: 'rsa', modulusBits: 2048 },
    { kind: 'ec', curve: 'P-256' },
    { kind: 'ec', curve: 'P-384' },
    { kind: 'ec', curve: 'P-521' },
  ] as const;
  for (const algorithm of keys)
    for (const depth of [1, 2, 3] as const)
      test(`of a chain of ${depth} with ${JSON.stringify(algorithm)}`, async () => {
        const authority = await tsaOf({ algorithm, depth });
        const timestamp = await verify({}, authority);
        assert.deepEqual(
          timestamp.chain.certificates.map(({ der }) => der),
          authority.chain.map(({ der }) => der),
        );
        assert.equal(timestamp.earliest, TIME);
        assert.equal(timestamp.latest, TIME);
      });

  const messages: Readonly<Record<string, TsaChanges>> = {
    'whose signer is named by its key identifier': { message: { sid: 'key-id' } },
    'with attributes out of order': { message: { reverseAttributes: true } },
    'without issuer and serial number in the signed attribute': {
      message: { issuerSerial: false },
    },
    'whose certificate is named by SHA-512': { message: { certificateHash: 'sha512' } },
    'with the attribute of RFC 2634 as well': { message: { olderNamedSigner: signer } },
    'with a signing time': { message: { signingTime: TIME } },
    'signed with SHA-512': {
      scheme: { kind: 'ecdsa', hash: 'sha512', encoding: 'der' },
    },
    'with an extension that is not critical': {
      info: { extensions: [{ oid: '1.2.3', value: new Uint8Array() }] },
    },
    'without its root': { bag: (all) => all.slice(0, 2) },
    'whose bag is reversed': { bag: (all) => all.toReversed() },
    'in indefinite lengths and segments': { ber: { indefinite: true, segment: 7 } },
    'in lengths that are not minimal': { ber: { longLengths: true, reverseSets: true } },
  };
  for (const [name, changes] of Object.entries(messages))
    test(name, async () => {
      const { token } = await verify(changes);
      const again = await verifyTimestampToken(token, { content: CONTENT, anchors: [tsa.root] });
      assert.ok(equalBytes(again.token, token), 'what comes out is in DER');
    });

  for (const hash of ['sha256', 'sha384', 'sha512'] as const)
    test(`signed with RSA, PKCS #1 and PSS, and ${hash}`, async () => {
      const authority = await tsaOf({ algorithm: { kind: 'rsa', modulusBits: 2048 } });
      const saltLength = { sha256: 32, sha384: 48, sha512: 64 }[hash];
      await verify({ scheme: { kind: 'rsa-pkcs1', hash } }, authority);
      await verify({ scheme: { kind: 'rsa-pss', hash, saltLength } }, authority);
      // RFC 3370 3.2: the identifier of the key in the place of the signature's
      const rsaEncryption = derOid('1.2.840.113549.1.1.1');
      const signatureAlgorithm = derEncode(TAG.sequence, rsaEncryption, derEncode(TAG.null));
      const scheme = { kind: 'rsa-pkcs1', hash } as const;
      await verify({ scheme, message: { signatureAlgorithm } }, authority);
    });

  test('of an authority that has expired since', async () => {
    const { chain } = await verify({ time: TIME + 300 * DAY });
    assert.equal(chain.leaf.notAfter, TIME + 365 * DAY);
  });
});

describe('the range of a timestamp', () => {
  const ranges: Readonly<Record<string, readonly [TsaChanges, number, number]>> = {
    'is its time where it has no accuracy': [{}, 0, 0],
    'goes its accuracy to either side': [
      { info: { accuracy: { seconds: 2, milliseconds: 500 } } },
      -2500,
      2500,
    ],
    'is widened to whole milliseconds': [
      { info: { genTime: '20260301120000.0005Z', accuracy: { microseconds: 501 } } },
      -1,
      2,
    ],
    'is a second to either side under the best practice policy': [
      { info: { policy: '0.4.0.2023.1.1' } },
      -1000,
      1000,
    ],
    'is the accuracy under the best practice policy too': [
      { info: { policy: '0.4.0.2023.1.1', accuracy: { milliseconds: 1 } } },
      -1,
      1,
    ],
  };
  for (const [name, [changes, before, after]] of Object.entries(ranges))
    test(name, async () => {
      const { earliest, latest } = await verify(changes);
      assert.deepEqual([earliest - TIME, latest - TIME], [before, after]);
    });
});

describe('a timestamp is refused', () => {
  const genTimes = [
    '20260301120000',
    '202603011200Z',
    '20260301120000.Z',
    '20260301120000.10Z',
    '20260301120000.0Z',
    '20260301120000,1Z',
    '20260301120000+0000',
    '20260230120000Z',
    '20260301240000Z',
    '20260301120060Z',
    '20260301120000.1234567891Z',
  ];
  for (const genTime of genTimes)
    test(`whose time is ${genTime}`, async () => {
      await assert.rejects(verify({ info: { genTime } }), hasCode('X509_TIMESTAMP_INVALID'));
    });

  const sha1Imprint = { hash: 'sha1', hashedMessage: new Uint8Array(20) } as const;
  const attribute = (type: string, values: readonly Uint8Array[] = []): TsaChanges => ({
    message: { attributes: new Map([[type, values]]) },
  });
  const oid = derOid('1.2.3');
  const refused: Readonly<
    Record<string, readonly [TsaChanges, X509ErrorCode, Readonly<Record<string, unknown>>?]>
  > = {
    'of version 2': [{ info: { version: 2 } }, 'X509_TIMESTAMP_INVALID', { version: 2 }],
    'for other content': [
      { info: { imprint: { hash: 'sha256', hashedMessage: new Uint8Array(32) } } },
      'X509_TIMESTAMP_IMPRINT',
    ],
    'whose imprint is too short': [
      { info: { imprint: { hash: 'sha512', hashedMessage: new Uint8Array(32) } } },
      'X509_TIMESTAMP_INVALID',
    ],
    'with an imprint with SHA-1': [
      { info: { imprint: sha1Imprint } },
      'X509_ALGORITHM_UNSUPPORTED',
      { part: 'imprint' },
    ],
    'with a critical extension': [
      { info: { extensions: [{ oid: '1.2.3', critical: true, value: new Uint8Array() }] } },
      'X509_TIMESTAMP_EXTENSION',
      { extension: '1.2.3' },
    ],
    'with an accuracy of a thousand milliseconds': [
      { info: { accuracy: { milliseconds: 1000 } } },
      'X509_TIMESTAMP_INVALID',
    ],
    'with an endless serial number': [
      { info: { serialNumber: new Uint8Array(65).fill(1) } },
      'X509_TIMESTAMP_INVALID',
    ],
    'with content of another type': [
      { message: { contentType: '1.2.840.113549.1.7.1' } },
      'X509_CMS_INVALID',
      { contentType: '1.2.840.113549.1.7.1' },
    ],
    'of another message version': [{ message: { version: 1 } }, 'X509_CMS_INVALID', { version: 1 }],
    'of another signer version': [
      { message: { signerVersion: 3 } },
      'X509_CMS_INVALID',
      { signerVersion: 3 },
    ],
    'without a signer': [{ message: { signers: 0 } }, 'X509_CMS_INVALID', { signers: 0 }],
    'with two signers': [{ message: { signers: 2 } }, 'X509_CMS_INVALID', { signers: 'many' }],
    'without signed attributes': [
      { message: { withoutAttributes: true } },
      'X509_CMS_ATTRIBUTE',
      { reason: 'no-attributes' },
    ],
    'that signs for another content type': [
      attribute(CMS_ATTRIBUTE.contentType, [oid]),
      'X509_CMS_ATTRIBUTE',
      { reason: 'mismatch', attribute: CMS_ATTRIBUTE.contentType },
    ],
    'that signs another digest': [
      attribute(CMS_ATTRIBUTE.messageDigest, [derEncode(TAG.octetString, new Uint8Array(32))]),
      'X509_CMS_ATTRIBUTE',
      { reason: 'mismatch', attribute: CMS_ATTRIBUTE.messageDigest },
    ],
    'with two content types': [
      attribute(CMS_ATTRIBUTE.contentType, [oid, oid]),
      'X509_CMS_ATTRIBUTE',
      { reason: 'values' },
    ],
    'whose digest is with SHA-1': [
      { message: { digest: 'sha1' } },
      'X509_ALGORITHM_UNSUPPORTED',
      { part: 'digest' },
    ],
    'whose digest is not that of the signature': [
      { message: { digest: 'sha512' } },
      'X509_ALGORITHM_UNSUPPORTED',
      { part: 'signature' },
    ],
    'whose signature is with SHA-1': [
      {
        message: {
          signatureAlgorithm: derEncode(TAG.sequence, derOid('1.2.840.10045.4.1')),
        },
      },
      'X509_ALGORITHM_UNSUPPORTED',
    ],
    'whose certificate is named by SHA-1': [
      { message: { certificateHash: 'sha1' } },
      'X509_ALGORITHM_UNSUPPORTED',
      { part: 'certificate-hash' },
    ],
    'that names no certificate': [
      attribute(CMS_ATTRIBUTE.signingCertificateV2, [
        derEncode(TAG.sequence, derEncode(TAG.sequence)),
      ]),
      'X509_CMS_SIGNER',
      { reason: 'unnamed' },
    ],
    'that names another certificate': [
      { message: { namedSigner: strangerSigner } },
      'X509_CMS_SIGNER',
      { reason: 'hash' },
    ],
    'whose older attribute names another certificate': [
      { message: { olderNamedSigner: strangerSigner } },
      'X509_CMS_SIGNER',
      { reason: 'hash' },
    ],
    'without any certificate': [{ bag: () => [] }, 'X509_CMS_SIGNER', { reason: 'not-found' }],
    'without its signer': [
      { bag: (all) => all.slice(1) },
      'X509_CMS_SIGNER',
      { reason: 'not-found' },
    ],
    'without its intermediate': [
      { bag: (all) => all.slice(0, 1) },
      'X509_TIMESTAMP_UNTRUSTED',
      { reason: 'no-chain', anchors: 1 },
    ],
    'signed with another key': [{ key: stranger.leafKey }, 'X509_CMS_SIGNATURE'],
    'whose signature is spoilt': [{ message: { breakSignature: true } }, 'X509_CMS_SIGNATURE'],
    'made before its authority': [{ time: TIME - 2 * DAY }, 'X509_NOT_YET_VALID', { index: 0 }],
    'made after its authority': [{ time: TIME + 366 * DAY }, 'X509_EXPIRED', { index: 0 }],
    'whose signing time is before its authority': [
      { message: { signingTime: TIME - 2 * DAY } },
      'X509_TIMESTAMP_SIGNING_TIME',
      { index: 0 },
    ],
    'whose signing time is none': [attribute(CMS_ATTRIBUTE.signingTime, [oid]), 'X509_CMS_INVALID'],
    'with something after its TSTInfo': [
      { content: Uint8Array.of(0x30, 0, 0) },
      'X509_TIMESTAMP_INVALID',
    ],
  };
  for (const [name, [changes, code, data]] of Object.entries(refused))
    test(name, async () => {
      await assert.rejects(verify(changes), hasCode(code, data));
    });

  for (const [name, type] of Object.entries(CMS_ATTRIBUTE)) {
    if (name === 'signingTime' || name === 'signingCertificate') continue;
    test(`without the signed attribute ${name}`, async () => {
      const expected = hasCode('X509_CMS_ATTRIBUTE', { reason: 'missing', attribute: type });
      await assert.rejects(verify(attribute(type)), expected);
    });
  }

  test('that names its certificate by the attribute of RFC 2634 alone', async () => {
    const attributes = new Map([[CMS_ATTRIBUTE.signingCertificateV2, []]]);
    const message = { attributes, olderNamedSigner: signer };
    await assert.rejects(verify({ message }), hasCode('X509_CMS_ATTRIBUTE', { reason: 'missing' }));
  });

  test('without trusted roots, or with those of others', async () => {
    const token = await tsa.token(CONTENT);
    for (const anchors of [[], [stranger.root], [strangerSigner]])
      await assert.rejects(
        verifyTimestampToken(token, { content: CONTENT, anchors }),
        hasCode('X509_TIMESTAMP_UNTRUSTED', { anchors: anchors.length }),
      );
  });

  test('whose trusted certificate is no root', async () => {
    const token = await tsa.token(CONTENT);
    const anchors = tsa.chain.slice(1, 2);
    await assert.rejects(
      verifyTimestampToken(token, { content: CONTENT, anchors }),
      hasCode('X509_CHAIN_INCOMPLETE', { index: 1 }),
    );
  });
});
