import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derEncode, equalBytes, TAG } from '@nv2/core';
import { type MakeTsaOptions, type TsaChanges, timestampingUsage } from '@nv2/testkit';
import {
  EXTENDED_KEY_USAGE,
  EXTENSION,
  issueCertificate,
  type VerifiedTimestamp,
  type X509ErrorCode,
} from '../src/index.ts';
import { CONTENT, DAY, hasCode, TIME, tsaOf, verifyToken } from './timestamp-fixtures.ts';

const tsa = await tsaOf();

function verify(changes: TsaChanges = {}, authority = tsa): Promise<VerifiedTimestamp> {
  return verifyToken(authority, changes);
}

describe('the certificates of a timestamp authority', () => {
  const { timeStamping, codeSigning, any } = EXTENDED_KEY_USAGE;
  const usage = (purposes: readonly string[], critical = true): MakeTsaOptions => ({
    leaf: { extensions: [timestampingUsage(purposes, critical)] },
  });
  const refused: Readonly<Record<string, readonly [MakeTsaOptions, X509ErrorCode, number]>> = {
    'for code signing': [usage([codeSigning]), 'X509_EXTENDED_KEY_USAGE', 0],
    'for timestamps and more': [usage([timeStamping, codeSigning]), 'X509_EXTENDED_KEY_USAGE', 0],
    'for anything': [usage([any]), 'X509_EXTENDED_KEY_USAGE', 0],
    'for timestamps, not critical': [usage([timeStamping], false), 'X509_EXTENDED_KEY_USAGE', 0],
    'without digitalSignature': [
      { leaf: { keyUsage: ['contentCommitment'], extensions: [timestampingUsage()] } },
      'X509_KEY_USAGE',
      0,
    ],
    'that may sign certificates': [
      {
        leaf: {
          keyUsage: ['digitalSignature', 'keyCertSign'],
          extensions: [timestampingUsage()],
        },
      },
      'X509_KEY_USAGE',
      0,
    ],
    'that are a CA': [
      { leaf: { basicConstraints: { ca: true }, extensions: [timestampingUsage()] } },
      'X509_BASIC_CONSTRAINTS',
      0,
    ],
    'under a CA for code signing': [
      { intermediate: { extendedKeyUsage: [codeSigning] } },
      'X509_EXTENDED_KEY_USAGE',
      1,
    ],
    'under an intermediate that is no CA': [
      { intermediate: { basicConstraints: { ca: false } } },
      'X509_BASIC_CONSTRAINTS',
      1,
    ],
    'under a CA that may not sign certificates': [
      { intermediate: { keyUsage: ['cRLSign'] } },
      'X509_KEY_USAGE',
      1,
    ],
    'under a root that allows no intermediate': [
      { root: { basicConstraints: { ca: true, pathLength: 0 } } },
      'X509_PATH_LENGTH',
      2,
    ],
    'under an intermediate that has expired': [
      { intermediate: { notAfter: TIME - 1000 } },
      'X509_EXPIRED',
      1,
    ],
    'under a root that has expired': [{ root: { notAfter: TIME - 1000 } }, 'X509_EXPIRED', 2],
    'with a critical extension that is unknown': [
      {
        leaf: {
          extensions: [
            timestampingUsage(),
            { oid: '1.2.3', critical: true, value: new Uint8Array() },
          ],
        },
      },
      'X509_CRITICAL_EXTENSION',
      0,
    ],
  };
  for (const [name, [options, code, index]] of Object.entries(refused))
    test(`${name} are refused`, async () => {
      await assert.rejects(verify({}, await tsaOf(options)), hasCode(code, { index }));
    });

  test('under a CA for timestamps, or for anything, are accepted', async () => {
    for (const purpose of [timeStamping, any])
      await verify({}, await tsaOf({ intermediate: { extendedKeyUsage: [purpose] } }));
  });

  test('with a key usage that is not critical are accepted, as in the reference', async () => {
    const value = derEncode(TAG.bitString, Uint8Array.of(7, 0x80));
    const keyUsage = { oid: EXTENSION.keyUsage, critical: false, value };
    await verify({}, await tsaOf({ leaf: { extensions: [timestampingUsage(), keyUsage] } }));
  });
});

describe('the chain of a timestamp', () => {
  test('is found beside one that does not hold', async () => {
    const [intermediate, root] = tsa.authorities;
    assert.ok(intermediate !== undefined && root !== undefined);
    const template = {
      subject: intermediate.certificate.subject.rdns.flat(),
      spki: intermediate.key.spki,
      notBefore: TIME - 2 * DAY,
      notAfter: TIME - DAY,
      basicConstraints: { ca: true },
      keyUsage: ['keyCertSign'],
    } as const;
    const expired = await issueCertificate(template, root);
    const { chain } = await verify({ bag: (all) => [expired, ...all] });
    assert.ok(equalBytes(chain.certificates[1]?.der ?? CONTENT, intermediate.certificate.der));
    await assert.rejects(
      verify({ bag: ([leaf = expired]) => [leaf, expired] }),
      hasCode('X509_EXPIRED', { index: 1 }),
    );
  });
});
