import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultCrypto, derEncode, derInteger, equalBytes, TAG } from '@nv2/core';
import type { TsaChanges } from '@nv2/testkit';
import {
  createTimestampRequest,
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  type VerifiedTimestamp,
  verifyTimestampResponse,
  type X509ErrorCode,
} from '../src/index.ts';
import { CONTENT, hasCode, tsaOf } from './timestamp-fixtures.ts';

const tsa = await tsaOf();

describe('a timestamp request', () => {
  test('asks for the certificates, with a nonce of 159 bits and the hash of the content', async () => {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      const request = await createTimestampRequest(CONTENT, { hash, policy: '1.2.3' });
      const { der, ...fields } = parseTimestampRequest(request.der);
      assert.deepEqual({ der, ...fields }, request);
      assert.equal(fields.certReq, true);
      assert.equal(fields.policy, '1.2.3');
      assert.equal(fields.messageImprint.hash, hash);
      assert.deepEqual(
        fields.messageImprint.hashedMessage,
        await defaultCrypto.digest(hash, CONTENT),
      );
      assert.ok((fields.nonce?.length ?? 99) <= 20);
    }
  });

  test('never has the same nonce, and never a negative one', async () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const { nonce } = await createTimestampRequest(CONTENT, { hash: 'sha256' });
      assert.ok((nonce?.[0] ?? 0x80) < 0x80);
      nonces.add(String(nonce));
    }
    assert.equal(nonces.size, 100);
  });
});

describe('a timestamp response', () => {
  async function answered(changes: TsaChanges = {}, policy?: string): Promise<VerifiedTimestamp> {
    const request = await createTimestampRequest(CONTENT, { hash: 'sha384', policy });
    const response = await tsa.answer(request.der, changes);
    return verifyTimestampResponse(response, { request, content: CONTENT, anchors: [tsa.root] });
  }

  test('is accepted where it grants what was asked for', async () => {
    const { token, info } = await answered();
    assert.equal(info.messageImprint.hash, 'sha384');
    assert.equal(parseTimestampToken(token).message.certificates.length, 3);
    await answered({ status: 'grantedWithMods' });
    await answered({ info: { policy: '1.2.3' } }, '1.2.3');
  });

  test('in BER gives a token in DER', async () => {
    const { token } = await answered({ ber: { indefinite: true, segment: 100 } });
    assert.ok(equalBytes(parseTimestampToken(token).message.der, token));
    assert.equal(token[1], 0x82);
  });

  const refused: Readonly<
    Record<string, readonly [TsaChanges, X509ErrorCode, Readonly<Record<string, unknown>>?]>
  > = {
    'that rejects': [
      { status: 'rejection', failures: [2, 15], texts: ['no'] },
      'X509_TIMESTAMP_REFUSED',
      {
        status: 'rejection',
        statusCode: 2,
        failures: ['badRequest', 'unacceptedPolicy'],
        texts: ['no'],
      },
    ],
    'that says to wait, though there is a token': [
      { status: 'waiting' },
      'X509_TIMESTAMP_REFUSED',
      { status: 'waiting' },
    ],
    'that grants and has no token': [{ withoutToken: true }, 'X509_TIMESTAMP_INVALID'],
    'without a nonce': [{ info: { nonce: undefined } }, 'X509_TIMESTAMP_NONCE'],
    'with another nonce': [{ info: { nonce: Uint8Array.of(1) } }, 'X509_TIMESTAMP_NONCE'],
    'for other content': [
      { info: { imprint: { hash: 'sha384', hashedMessage: new Uint8Array(48) } } },
      'X509_TIMESTAMP_IMPRINT',
    ],
    'whose token is spoilt': [{ message: { breakSignature: true } }, 'X509_CMS_SIGNATURE'],
  };
  for (const [name, [changes, code, data]] of Object.entries(refused))
    test(`${name} is refused`, async () => {
      await assert.rejects(answered(changes), hasCode(code, data));
    });

  test('under another policy is refused', async () => {
    await assert.rejects(
      answered({}, '1.2.3'),
      hasCode('X509_TIMESTAMP_POLICY', { expected: '1.2.3' }),
    );
  });

  test('with the right hash by another algorithm is refused', async () => {
    const imprint = {
      hash: 'sha256',
      hashedMessage: await defaultCrypto.digest('sha256', CONTENT),
    };
    await assert.rejects(
      answered({ info: { imprint: { ...imprint, hash: 'sha256' } } }),
      hasCode('X509_TIMESTAMP_IMPRINT'),
    );
  });

  test('of an unknown status is refused', () => {
    const info = derEncode(TAG.sequence, derInteger(6));
    assert.throws(
      () => parseTimestampResponse(derEncode(TAG.sequence, info)),
      hasCode('X509_TIMESTAMP_INVALID'),
    );
  });
});
