import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeBase64, encodeUtf8 } from '@nv2/core';
import { skipWithoutVectors, vectorsDir } from '@nv2/testkit';
import {
  type Certificate,
  parseCertificates,
  parseTimestampResponse,
  verifyTimestampToken,
  type X509ErrorCode,
} from '../src/index.ts';
import { hasCode } from './timestamp-fixtures.ts';

const dir = vectorsDir() ?? '';

function read(...path: readonly string[]): Uint8Array {
  return new Uint8Array(readFileSync(join(dir, ...path)));
}

function root(): readonly Certificate[] {
  return parseCertificates(read('tsp/tokens/GlobalSignRootCA.crt'));
}

/** Of each token the code, or undefined for a good one */
const TOKENS: Readonly<Record<string, X509ErrorCode | undefined>> = {
  'tokens/SHA1TimeStampToken': 'X509_ALGORITHM_UNSUPPORTED',
  'tokens/TimeStampToken': undefined,
  'tokens/TimeStampTokenNoRoot': 'X509_TIMESTAMP_IMPRINT',
  'tokens/TimeStampTokenWithInvalidSignature': 'X509_CMS_SIGNATURE',
  'tokens/TimeStampTokenWithInvalidSigningCertificateV1': 'X509_CMS_ATTRIBUTE',
  'tokens/TimeStampTokenWithInvalidSigningCertificateV2': 'X509_CMS_INVALID',
  'tokens/TimeStampTokenWithInvalidTSTInfo': 'X509_TIMESTAMP_INVALID',
  'tokens/TimeStampTokenWithInvalideContentType': 'X509_CMS_INVALID',
  'tokens/TimeStampTokenWithMismatchCertHash': 'X509_CMS_SIGNER',
  'tokens/TimeStampTokenWithSHA1CertHash': 'X509_ALGORITHM_UNSUPPORTED',
  'tokens/TimeStampTokenWithSigningCertificateV1': 'X509_CMS_ATTRIBUTE',
  'tokens/TimeStampTokenWithSigningCertificateV1NoCert': 'X509_CMS_ATTRIBUTE',
  'tokens/TimeStampTokenWithSigningCertificateV2NoCert': 'X509_CMS_SIGNER',
  'tokens/TimeStampTokenWithTSTInfoVersion2': 'X509_TIMESTAMP_INVALID',
  // RFC 3161 2.4.2: no signature but the authority's; the reference takes the one that holds
  'tokens/TimeStampTokenWithValidAndInvalidSignerInfos': 'X509_CMS_INVALID',
  'tokens/TimeStampTokenWithWrongSigningCertificateV2IssuerChoiceTag': 'X509_CMS_INVALID',
  'tokens/TimeStampTokenWithoutCertificate': 'X509_CMS_SIGNER',
  'tokens/TimeStampTokenWithoutSigningCertificate': 'X509_CMS_ATTRIBUTE',
  'tokens/TimeStampTokenWithoutSigningCertificateV2IssuerSerial': 'X509_CMS_SIGNATURE',
  'cms/Sha1SignedData': 'X509_CMS_INVALID',
  'cms/SignedDataWithoutSignedAttributes': 'X509_CMS_INVALID',
  'cms/TimeStampToken': undefined,
  'cms/TimeStampTokenInvalidSignedAttributeContentType': 'X509_CMS_ATTRIBUTE',
  'cms/TimeStampTokenWithAnInvalidAndAValidSignerInfo': 'X509_CMS_INVALID',
  'cms/TimeStampTokenWithInvalidCertificates': 'X509_CMS_INVALID',
  'cms/TimeStampTokenWithInvalidContentType': 'X509_CMS_INVALID',
  'cms/TimeStampTokenWithInvalidSignature': 'X509_CMS_SIGNATURE',
  'cms/TimeStampTokenWithSignedAttributeSHA1': 'X509_ALGORITHM_UNSUPPORTED',
  'cms/TimeStampTokenWithSignerVersion2': 'X509_CMS_INVALID',
  // attributes were added after signing; the reference tests them apart from the signature
  'cms/TimeStampTokenWithInvalidSigningTime': 'X509_CMS_INVALID',
  'cms/TimeStampTokenWithSigningTime': 'X509_CMS_SIGNATURE',
  'cms/TimeStampTokenWithSigningTimeBeforeExpected': 'X509_CMS_SIGNATURE',
  'cms/TimeStampTokenWithUnknownSignerIssuer': 'X509_CMS_SIGNER',
  'cms/TimeStampTokenWithoutCertificate': 'X509_CMS_SIGNER',
  'cms/TimeStampTokenWithoutSignedAttributeContentType': 'X509_CMS_ATTRIBUTE',
  'cms/TimeStampTokenWithoutSignedAttributeDigest': 'X509_CMS_ATTRIBUTE',
  'cms/TimeStampTokenWithoutSignedAttributes': 'X509_CMS_ATTRIBUTE',
  'cms/TimeStampTokenWithoutSigner': 'X509_CMS_INVALID',
  'countersignature/TimeStampToken': undefined,
  'countersignature/TimeStampTokenWithInvalidTSTInfo': 'X509_TIMESTAMP_INVALID',
  'countersignature/TimeStampTokenWithInvalideContentType': 'X509_CMS_INVALID',
  'countersignature/TimeStampTokenWithoutCertificate': 'X509_CMS_SIGNER',
};

describe('the timestamps of the Notary Project', { skip: skipWithoutVectors() }, () => {
  for (const [name, code] of Object.entries(TOKENS))
    test(`${name} gives ${code ?? 'a verified timestamp'}`, async () => {
      // the authority of the older attribute was asked with another word
      const content = encodeUtf8(name.includes('SigningCertificateV1') ? 'test' : 'notation');
      const options = { content, anchors: root() };
      const verdict = verifyTimestampToken(read('tsp', `${name}.p7s`), options);
      if (code !== undefined) await assert.rejects(verdict, hasCode(code));
      else {
        const { earliest, latest, chain } = await verdict;
        assert.equal(new Date(earliest).toISOString(), '2021-09-17T14:09:09.000Z');
        assert.equal(new Date(latest).toISOString(), '2021-09-17T14:09:11.000Z');
        assert.equal(chain.certificates.length, 4);
      }
    });

  test('responses are read', async () => {
    const granted = parseTimestampResponse(read('tsp/tokens/granted.tsq'));
    assert.equal(granted.status, 'granted');
    const options = { content: encodeUtf8('notation'), anchors: root() };
    await verifyTimestampToken(granted.token ?? new Uint8Array(), options);
    const rejection = parseTimestampResponse(read('tsp/tokens/rejection.tsq'));
    assert.deepEqual(rejection, {
      status: 'rejection',
      texts: ['request contains unknown algorithm'],
      failures: ['badAlg'],
      token: undefined,
    });
    const malformed = read('tsp/tokens/malformed.tsq');
    assert.throws(() => parseTimestampResponse(malformed), hasCode('X509_BER_INVALID'));
    const older = parseTimestampResponse(
      read('tsp/tokens/validResponseWithSigningCertificateV1.tsr'),
    );
    await assert.rejects(
      verifyTimestampToken(older.token ?? new Uint8Array(), {
        ...options,
        content: encodeUtf8('test'),
      }),
      hasCode('X509_CMS_ATTRIBUTE', { reason: 'missing' }),
    );
  });

  test('countersignatures of envelopes are verified', async () => {
    const anchors = parseCertificates(
      read('truststore/x509/tsa/test-timestamp/globalsignRoot.cer'),
    );
    for (const name of ['jwsWithTimestamp.sig', 'jwsExpiredWithTimestamp.sig']) {
      const envelope = JSON.parse(Buffer.from(read('envelopes/timestamped', name)).toString()) as {
        readonly header: Readonly<Record<string, string>>;
        readonly signature: string;
      };
      const token = decodeBase64(envelope.header['io.cncf.notary.timestampSignature'] ?? '');
      const content = new Uint8Array(Buffer.from(envelope.signature, 'base64url'));
      const { earliest, latest } = await verifyTimestampToken(token, { content, anchors });
      assert.ok(earliest <= latest);
      await assert.rejects(
        verifyTimestampToken(token, { content: content.subarray(1), anchors }),
        hasCode('X509_TIMESTAMP_IMPRINT'),
      );
    }
  });
});
