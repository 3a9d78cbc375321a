import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  CoreError,
  type CurveName,
  concatBytes,
  decodeBase64Url,
  decodeHex,
  derEncode,
  derInteger,
  type PublicKey,
  parsePublicKey,
  TAG,
} from '@nv2/core';
import { nodeCrypto } from '@nv2/core/node-crypto';
import { webCrypto } from '@nv2/core/web-crypto';
import fc from 'fast-check';
import { CURVES } from './curves.ts';
import { readPrivateKeyKind } from './keys.ts';
import { ecSpki, readRsaPublicKey, rsaPkcs1, rsaSpki } from './public-key.ts';

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

/** A key on a curve that not every runtime can make keys on. */
const SECP256K1_SPKI =
  '3056301006072a8648ce3d020106052b8104000a0342000448641c06669551a5bf5257f1212b7ee8880445e0c545130cf33c5e62c9db9ca69f6af91f4ebe57034e84adb8a9f2632d2f401c34d4f14f9b9ce65c25f6cb4195';

/** The same RSA key with another algorithm: id-RSASSA-PSS instead of rsaEncryption. */
function ofAlgorithm(spki: Uint8Array, oid: string): Uint8Array {
  return Buffer.from(Buffer.from(spki).toString('hex').replace('2a864886f70d010101', oid), 'hex');
}

describe('SubjectPublicKeyInfo', () => {
  test('is read as what node:crypto wrote, for each kind of key in use', () => {
    assert.deepEqual(parsePublicKey(rsaSpki(pkcs1)), {
      kind: 'rsa',
      modulusBits: 2048,
      pkcs1,
      spki: rsaSpki(pkcs1),
    });
    for (const curve of ['P-256', 'P-384', 'P-521'] as const)
      for (let i = 0; i < 10; i++) {
        const spki = spkiOf(generateKeyPairSync('ec', { namedCurve: curve }).publicKey);
        assert.deepEqual(parsePublicKey(spki), { kind: 'ec', curve, spki });
      }
    for (const other of [
      spkiOf(generateKeyPairSync('ed25519').publicKey),
      Buffer.from(SECP256K1_SPKI, 'hex'),
      ofAlgorithm(rsaSpki(pkcs1), '2a864886f70d01010a'),
    ])
      assert.equal(parsePublicKey(other), undefined);
  });

  test('has an RSA key by the very rule of the providers, but for a modulus that is too short', () => {
    const even = Uint8Array.from(modulus);
    even[even.length - 1] = 0xfe;
    const exponents = [[1], [2], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 1], [1, 0, 0, 0, 1]];
    const keys = [
      ...exponents.map((exponent) => rsaPkcs1(modulus, Uint8Array.from(exponent))),
      ...[2048, 8192, 8193].map((bits) => rsaPkcs1(oddNumber(bits), F4)),
      rsaPkcs1(even, F4),
    ];
    const isRead = (der: Uint8Array): boolean => parsePublicKey(rsaSpki(der)) !== undefined;
    assert.deepEqual(keys.map(isRead), keys.map(isUsable));
    assert.deepEqual(parsePublicKey(rsaSpki(rsaPkcs1(oddNumber(1024), F4))), {
      kind: 'rsa',
      modulusBits: 1024,
      pkcs1: rsaPkcs1(oddNumber(1024), F4),
      spki: rsaSpki(rsaPkcs1(oddNumber(1024), F4)),
    });
  });

  test('whose numbers are not positive, or whose point is not of its curve, is malformed', () => {
    const zero = Uint8Array.of(0);
    for (const der of [rsaPkcs1(zero, F4), rsaPkcs1(modulus, zero)])
      assert.throws(() => parsePublicKey(rsaSpki(der)), keyInvalid);
    for (const [curve, { octets, prime }] of Object.entries(CURVES)) {
      const name = curve as CurveName;
      const jwk = generateKeyPairSync('ec', { namedCurve: name }).publicKey.export({
        format: 'jwk',
      });
      const [x, y] = [decodeBase64Url(jwk.x ?? ''), decodeBase64Url(jwk.y ?? '')];
      const off = Uint8Array.from(y);
      off[octets - 1] = (off[octets - 1] ?? 0) ^ 1;
      const primeOctets = decodeHex(prime.toString(16).padStart(2 * octets, '0'));
      const points = {
        'not on the curve': [4, ...x, ...off],
        'nothing but zeros': new Array(1 + 2 * octets).fill(0).with(0, 4),
        'a coordinate of the prime': [4, ...primeOctets, ...y],
        'too short': [4, ...x, ...y.subarray(1)],
        compressed: [2, ...x],
        infinity: [0],
      };
      for (const [what, point] of Object.entries(points))
        assert.throws(
          () => parsePublicKey(ecSpki(name, Uint8Array.from(point))),
          keyInvalid,
          `${curve}: ${what}`,
        );
    }
  });

  test('security row 29: wherever a changed key is read, node:crypto reads the same', () => {
    const infos = [rsaSpki(pkcs1), ...(['P-256', 'P-384', 'P-521'] as const).map(ecInfo)];
    const changed = fc.tuple(fc.constantFrom(...infos), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(changed, ([original, at, octet]) => {
        const spki = original.with(at % original.length, octet);
        let key: PublicKey | undefined;
        try {
          key = parsePublicKey(spki);
        } catch (error) {
          assert.ok(error instanceof CoreError && error.code === 'KEY_INVALID', String(error));
        }
        if (key === undefined) return;
        const theirs = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
        assert.deepEqual(spkiOf(theirs), spki);
        assert.equal(theirs.asymmetricKeyType, key.kind);
      }),
      { numRuns: 500 },
    );
  });
});

function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
}

function ecInfo(namedCurve: CurveName): Uint8Array {
  return spkiOf(generateKeyPairSync('ec', { namedCurve }).publicKey);
}

function isUsable(der: Uint8Array): boolean {
  try {
    readRsaPublicKey(der);
    return true;
  } catch {
    return false;
  }
}
