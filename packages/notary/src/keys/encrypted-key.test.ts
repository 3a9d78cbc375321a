import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { derEncode, derInteger, derOid, encodeUtf8, TAG } from '@nv2/core';
import { decryptPrivateKey, MAX_PBKDF2_ITERATIONS } from './encrypted-key.ts';
import { parsePrivateKey } from './private-key.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PLAIN = privateKey.export({ format: 'pem', type: 'pkcs8' });
const ENCRYPTED = privateKey.export({
  format: 'pem',
  type: 'pkcs8',
  cipher: 'aes-256-cbc',
  passphrase: 'söme words',
});
const right = (): Promise<string> => Promise.resolve('söme words');

function pem(text: string | Buffer): Uint8Array {
  return encodeUtf8(text.toString());
}

test('a key encrypted with PBES2 is read with its passphrase', async () => {
  const key = await parsePrivateKey(pem(ENCRYPTED), { passphrase: right });
  assert.deepEqual(key.spki, (await parsePrivateKey(pem(PLAIN))).spki);
});

test('without a passphrase, or with another one, the key is not read', async () => {
  const code = 'NOTARY_KEY_PASSPHRASE';
  await assert.rejects(parsePrivateKey(pem(ENCRYPTED)), { code });
  const wrong = (): Promise<string> => Promise.resolve('other words');
  await assert.rejects(parsePrivateKey(pem(ENCRYPTED), { passphrase: wrong }), { code });
});

test('the passphrase is asked for only where it is needed', async () => {
  const passphrase = (): Promise<string> => assert.fail('asked');
  await parsePrivateKey(pem(PLAIN), { passphrase });
});

test('more rounds than anybody needs are refused before the passphrase is asked for', async () => {
  const sequence = (...parts: readonly Uint8Array[]): Uint8Array =>
    derEncode(TAG.sequence, ...parts);
  const rounds = derInteger(MAX_PBKDF2_ITERATIONS + 1);
  const kdf = sequence(
    derOid('1.2.840.113549.1.5.12'),
    sequence(derEncode(TAG.octetString, new Uint8Array(8)), rounds),
  );
  const der = sequence(
    sequence(derOid('1.2.840.113549.1.5.13'), sequence(kdf)),
    derEncode(TAG.octetString, new Uint8Array(8)),
  );
  await assert.rejects(
    decryptPrivateKey(der, () => assert.fail('asked')),
    { code: 'NOTARY_KEY_INVALID', message: /10000001 iterations/ },
  );
});
