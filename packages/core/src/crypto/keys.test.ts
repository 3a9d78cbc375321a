import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { CoreError, concatBytes, derEncode, derInteger, type PublicKey, TAG } from '@nv2/core';
import { nodeCrypto } from '@nv2/core/node-crypto';
import { webCrypto } from '@nv2/core/web-crypto';
import fc from 'fast-check';
import { readPrivateKeyKind, readRsaPublicKey, rsaPkcs1, rsaSpki } from './keys.ts';

const keyInvalid = { name: 'CoreError', code: 'KEY_INVALID' };
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs1 = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'pkcs1' }));
const { modulus } = readRsaPublicKey(pkcs1);
const F4 = Uint8Array.of(1, 0, 1);

/** An odd number of exactly so many bits. */
function oddNumber(bits: number): Uint8Array {
  const octets = new Uint8Array(Math.ceil(bits / 8));
  octets[0] = 1 << ((bits - 1) % 8);
  octets[octets.length - 1] = (octets.at(-1) ?? 0) | 1;
  return octets;
}

test('an RSA key is read, and written as node:crypto writes it', () => {
  const key = readRsaPublicKey(pkcs1);
  assert.deepEqual([key.modulusBits, key.exponent], [2048, 65537]);
  assert.deepEqual(rsaPkcs1(key.modulus, F4), pkcs1);
  const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
  assert.deepEqual(rsaSpki(pkcs1), spki);
});

test('the bits of a modulus are counted, and are from 2048 to 8192', () => {
  for (const bits of [2048, 2049, 2055, 2056, 3072, 4096, 8192])
    assert.equal(readRsaPublicKey(rsaPkcs1(oddNumber(bits), F4)).modulusBits, bits);
  for (const bits of [1, 512, 1024, 2047, 8193, 16_384])
    assert.throws(() => readRsaPublicKey(rsaPkcs1(oddNumber(bits), F4)), keyInvalid, `${bits}`);
});

test('an even modulus, and an exponent that is even, 1 or beyond 31 bits, are refused', () => {
  const even = Uint8Array.from(modulus);
  even[even.length - 1] = 0xfe;
  assert.throws(() => readRsaPublicKey(rsaPkcs1(even, F4)), keyInvalid);
  const exponents = [[0], [1], [2], [4], [0x80, 0, 0, 1], [1, 0, 0, 0, 1], [...modulus]];
  for (const exponent of exponents)
    assert.throws(() => readRsaPublicKey(rsaPkcs1(modulus, Uint8Array.from(exponent))), keyInvalid);
  for (const exponent of [[3], [17], [0x7f, 0xff, 0xff, 0xff]])
    readRsaPublicKey(rsaPkcs1(modulus, Uint8Array.from(exponent)));
});

test('what is not exactly an RSAPublicKey is refused', () => {
  const numbers = concatBytes(derInteger(modulus), derInteger(F4));
  const negative = derEncode(TAG.integer, modulus);
  const bad = {
    trailing: Uint8Array.of(...pkcs1, 0),
    'trailing inside': derEncode(TAG.sequence, numbers, derInteger(1)),
    'negative modulus': derEncode(TAG.sequence, negative, derInteger(F4)),
    'no exponent': derEncode(TAG.sequence, derInteger(modulus)),
    'a SubjectPublicKeyInfo': rsaSpki(pkcs1),
    nothing: new Uint8Array(),
  };
  for (const [name, der] of Object.entries(bad))
    assert.throws(() => readRsaPublicKey(der), keyInvalid, name);
});

test('both ports refuse a key that is unsound, or that is not as it is said to be', async () => {
  const key = (der: Uint8Array, modulusBits: number): PublicKey => ({
    kind: 'rsa',
    modulusBits,
    pkcs1: der,
    spki: rsaSpki(der),
  });
  const bad = [
    key(pkcs1, 3072),
    key(rsaPkcs1(oddNumber(1024), F4), 1024),
    key(rsaPkcs1(modulus, Uint8Array.of(1)), 2048),
    key(Uint8Array.of(...pkcs1, 0), 2048),
  ];
  const scheme = { kind: 'rsa-pss', hash: 'sha256', saltLength: 'any' } as const;
  for (const one of bad)
    for (const port of [nodeCrypto, webCrypto])
      await assert.rejects(port.verify(one, scheme, F4, new Uint8Array(256)), keyInvalid);
});

test('an RSA key is read from PKCS#1 alone: another key in the SubjectPublicKeyInfo is nothing', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const key: PublicKey = {
    kind: 'rsa',
    modulusBits: 2048,
    pkcs1,
    spki: other.export({ format: 'der', type: 'spki' }),
  };
  const scheme = { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 } as const;
  const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  const signature = await (await nodeCrypto.importPrivateKey(pkcs8)).sign(scheme, F4);
  for (const port of [nodeCrypto, webCrypto])
    assert.equal(await port.verify(key, scheme, F4, signature), true);
});

test('security row 29: any octets as a key are read or refused with an error of this package', () => {
  const pkcs8 = new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' }));
  const mutated = fc
    .tuple(fc.constantFrom(pkcs1, pkcs8.subarray(0, 60), pkcs8), fc.nat(), fc.nat(255))
    .map(([der, at, octet]) => {
      const bytes = Uint8Array.from(der);
      bytes[at % bytes.length] = octet;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array()), (der) => {
      for (const reader of [readRsaPublicKey, readPrivateKeyKind])
        try {
          reader(der);
        } catch (error) {
          assert.ok(error instanceof CoreError && error.code === 'KEY_INVALID', String(error));
        }
    }),
    { numRuns: 1000 },
  );
});
