import assert from 'node:assert/strict';
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { before, describe, test } from 'node:test';
import {
  type CryptoPort,
  type CurveName,
  decodeHex,
  defaultCrypto,
  encodeHex,
  encodeUtf8,
  type HashName,
  type PublicKey,
  type SignatureScheme,
} from '@nv2/core';
import { nodeCrypto } from '@nv2/core/node-crypto';
import { webCrypto } from '@nv2/core/web-crypto';
import fc from 'fast-check';
import { ecSpki } from './public-key.ts';

// written out, since not every library behind node:crypto can make one
const SECP256K1_PKCS8 = `303e020100301006072a8648ce3d020106052b8104000a042730250201010420${'01'.repeat(32)}`;

const PORTS: readonly (readonly [string, CryptoPort])[] = [
  ['node:crypto', nodeCrypto],
  ['Web Crypto', webCrypto],
];
const HASHES: readonly HashName[] = ['sha256', 'sha384', 'sha512'];
const CURVES: readonly CurveName[] = ['P-256', 'P-384', 'P-521'];
const DATA = encodeUtf8('sample');

// RFC 6979 A.2.5 to A.2.7: public key, and the signature of "sample" with the curve's usual hash.
const RFC6979 = [
  {
    curve: 'P-256',
    hash: 'sha256',
    x: '60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6',
    y: '7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299',
    r: 'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716',
    s: 'F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
  },
  {
    curve: 'P-384',
    hash: 'sha384',
    x: 'EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13',
    y: '8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720',
    r: '94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46',
    s: '99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8',
  },
  {
    curve: 'P-521',
    hash: 'sha512',
    x: '01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4',
    y: '00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5',
    r: '00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA',
    s: '00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A',
  },
] as const;

// FIPS 180-4 examples: the hashes of "abc".
const ABC: Readonly<Record<HashName, string>> = {
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384:
    'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
};

function rsaKey(key: KeyObject): PublicKey {
  return {
    kind: 'rsa',
    modulusBits: key.asymmetricKeyDetails?.modulusLength ?? 0,
    pkcs1: key.export({ format: 'der', type: 'pkcs1' }),
    spki: key.export({ format: 'der', type: 'spki' }),
  };
}

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
// One bit over whole octets: the encoded message is an octet shorter than the modulus.
const odd = generateKeyPairSync('rsa', { modulusLength: 2049 });
const rsa = rsaKey(pair.publicKey);
const ec = new Map(
  CURVES.map((curve) => {
    const keys = generateKeyPairSync('ec', { namedCurve: curve });
    const key: PublicKey = {
      kind: 'ec',
      curve,
      spki: keys.publicKey.export({ format: 'der', type: 'spki' }),
    };
    return [curve, { key, privateKey: keys.privateKey }] as const;
  }),
);

function ecPair(curve: CurveName): { key: PublicKey; privateKey: KeyObject } {
  const found = ec.get(curve);
  assert.ok(found);
  return found;
}

function pssSignature(
  hash: HashName,
  saltLength: number,
  privateKey = pair.privateKey,
): Uint8Array {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(hash, DATA, { key: privateKey, padding, saltLength });
}

test('the default under Node is node:crypto', () => {
  assert.equal(defaultCrypto, nodeCrypto);
});

for (const [name, port] of PORTS) {
  describe(`${name}: digests and random octets`, () => {
    test('digests of FIPS 180-4', async () => {
      for (const hash of HASHES) {
        assert.equal(encodeHex(await port.digest(hash, encodeUtf8('abc'))), ABC[hash]);
        assert.equal(Object.getPrototypeOf(await port.digest(hash, DATA)), Uint8Array.prototype);
      }
    });

    test('digests agree with node:crypto on views into larger arrays', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(20), async (bytes, skip) => {
          const view = bytes.subarray(skip);
          const expected = createHash('sha256').update(view).digest('hex');
          assert.equal(encodeHex(await port.digest('sha256', view)), expected);
        }),
      );
    });

    test('random octets are as many as asked for, and not the same twice', () => {
      for (const length of [0, 1, 32, 70_000])
        assert.equal(port.randomBytes(length).length, length);
      assert.notDeepEqual(port.randomBytes(32), port.randomBytes(32));
      assert.ok(
        port
          .randomBytes(70_000)
          .subarray(65_536)
          .some((octet) => octet !== 0),
      );
    });
  });

  describe(`${name}: ECDSA`, () => {
    test('ECDSA signatures of RFC 6979 hold, and not with anything changed', async () => {
      for (const { curve, hash, x, y, r, s } of RFC6979) {
        const key: PublicKey = { kind: 'ec', curve, spki: ecSpki(curve, decodeHex(`04${x}${y}`)) };
        const scheme = { kind: 'ecdsa', hash, encoding: 'raw' } as const;
        const signature = decodeHex(r + s);
        assert.equal(await port.verify(key, scheme, DATA, signature), true, curve);
        assert.equal(await port.verify(key, scheme, encodeUtf8('test'), signature), false);
        assert.equal(await port.verify(key, scheme, DATA, decodeHex(s + r)), false);
        const other = { ...scheme, hash: hash === 'sha256' ? 'sha512' : 'sha256' } as const;
        assert.equal(await port.verify(key, other, DATA, signature), false);
        assert.equal(await port.verify(ecPair(curve).key, scheme, DATA, signature), false);
      }
    });

    test('ECDSA values from node:crypto hold in both encodings, with every hash', async () => {
      for (const curve of CURVES)
        for (const hash of HASHES)
          for (const encoding of ['raw', 'der'] as const) {
            const { key, privateKey } = ecPair(curve);
            const dsaEncoding = encoding === 'raw' ? 'ieee-p1363' : 'der';
            const signature = sign(hash, DATA, { key: privateKey, dsaEncoding });
            const scheme = { kind: 'ecdsa', hash, encoding } as const;
            assert.ok(await port.verify(key, scheme, DATA, signature), `${curve} ${hash}`);
          }
    });

    test('security row 29: an ECDSA value in any other form is false', async () => {
      const { key, privateKey } = ecPair('P-256');
      const der = new Uint8Array(sign('sha256', DATA, privateKey));
      const scheme = { kind: 'ecdsa', hash: 'sha256', encoding: 'der' } as const;
      const [rLength = 0] = der.subarray(3);
      const forms = {
        'trailing octet': Uint8Array.of(...der, 0),
        'trailing octet inside': Uint8Array.of(0x30, (der[1] ?? 0) + 1, ...der.subarray(2), 0),
        'long length': Uint8Array.of(0x30, 0x81, ...der.subarray(1)),
        'padded r': Uint8Array.of(0x30, (der[1] ?? 0) + 1, 2, rLength + 1, 0, ...der.subarray(4)),
        indefinite: Uint8Array.of(0x30, 0x80, ...der.subarray(2), 0, 0),
        negative: decodeHex('30060201ff0201ff'),
        zeros: decodeHex('3006020100020100'),
        empty: new Uint8Array(),
        raw: sign('sha256', DATA, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      };
      for (const [form, signature] of Object.entries(forms))
        assert.equal(await port.verify(key, scheme, DATA, signature), false, form);
      const raw = { ...scheme, encoding: 'raw' } as const;
      for (const length of [0, 1, 63, 64, 65, 128])
        assert.equal(await port.verify(key, raw, DATA, new Uint8Array(length)), false);
      assert.equal(await port.verify(key, raw, DATA, new Uint8Array(64).fill(0xff)), false);
      assert.equal(await port.verify(key, raw, DATA, der), false);
    });
  });

  describe(`${name}: RSA`, () => {
    test('PSS holds with its own salt length only, any finds every length', async () => {
      for (const [key, privateKey] of [
        [rsa, pair.privateKey],
        [rsaKey(odd.publicKey), odd.privateKey],
      ] as const)
        for (const hash of HASHES)
          for (const saltLength of [0, 1, 20, 32, 64, 256 - 64 - 2]) {
            const signature = pssSignature(hash, saltLength, privateKey);
            const scheme = { kind: 'rsa-pss', hash, saltLength } as const;
            assert.ok(await port.verify(key, scheme, DATA, signature), `${hash} ${saltLength}`);
            const any = { ...scheme, saltLength: 'any' } as const;
            assert.ok(await port.verify(key, any, DATA, signature), `${hash} any`);
            const wrong = { ...scheme, saltLength: saltLength + 1 };
            assert.equal(await port.verify(key, wrong, DATA, signature), false);
            assert.equal(await port.verify(key, any, encodeUtf8('other'), signature), false);
          }
    });

    test('PKCS#1 v1.5 holds as node:crypto signs it, and is not PSS', async () => {
      for (const hash of HASHES) {
        const signature = sign(hash, DATA, pair.privateKey);
        const scheme = { kind: 'rsa-pkcs1', hash } as const;
        assert.ok(await port.verify(rsa, scheme, DATA, signature));
        const pss = { kind: 'rsa-pss', hash, saltLength: 'any' } as const;
        assert.equal(await port.verify(rsa, pss, DATA, signature), false);
        assert.equal(await port.verify(rsa, scheme, DATA, pssSignature(hash, 32)), false);
      }
    });

    test('security row 29: an RSA value of another length or out of range is false', async () => {
      const pkcs1 = sign('sha256', DATA, pair.privateKey);
      const pss = pssSignature('sha256', 32);
      const bad = [
        new Uint8Array(),
        new Uint8Array(256),
        new Uint8Array(256).fill(0xff),
        Uint8Array.of(0, ...pss),
        pss.subarray(1),
        Uint8Array.of(0, ...pkcs1),
        pkcs1.subarray(0, 255),
      ];
      const schemes: SignatureScheme[] = [
        { kind: 'rsa-pkcs1', hash: 'sha256' },
        { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
        { kind: 'rsa-pss', hash: 'sha256', saltLength: 'any' },
      ];
      for (const scheme of schemes)
        for (const signature of bad)
          assert.equal(await port.verify(rsa, scheme, DATA, signature), false);
    });
  });

  describe(`${name}: public keys`, () => {
    test('a key that does not fit the scheme, or is malformed, is an error', async () => {
      const invalid = { code: 'KEY_INVALID' };
      const pss = { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 } as const;
      const ecdsa = { kind: 'ecdsa', hash: 'sha256', encoding: 'raw' } as const;
      const { key } = ecPair('P-256');
      const { spki } = key;
      const offCurve = new Uint8Array(spki);
      offCurve[offCurve.length - 1] = (offCurve.at(-1) ?? 0) ^ 1;
      const bad: (readonly [PublicKey, SignatureScheme])[] = [
        [key, pss],
        [rsa, ecdsa],
        [{ kind: 'ec', curve: 'P-384', spki }, ecdsa],
        [{ kind: 'ec', curve: 'P-256', spki: offCurve }, ecdsa],
        [{ kind: 'ec', curve: 'P-256', spki: Uint8Array.of(...spki, 0) }, ecdsa],
        [{ kind: 'ec', curve: 'P-256', spki: spki.subarray(1) }, ecdsa],
      ];
      for (const [one, scheme] of bad)
        await assert.rejects(port.verify(one, scheme, DATA, new Uint8Array(64)), invalid);
    });

    test('a salt length that is not a length is refused, so that none means automatic', async () => {
      for (const saltLength of [-1, -2, 1.5, Number.NaN])
        await assert.rejects(
          port.verify(rsa, { kind: 'rsa-pss', hash: 'sha256', saltLength }, DATA, DATA),
          { code: 'CRYPTO_UNSUPPORTED' },
        );
    });
  });

  describe(`${name}: private keys`, () => {
    test('what an imported private key signs, node:crypto and both ports verify', async () => {
      const schemes: SignatureScheme[] = [
        { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
        { kind: 'rsa-pss', hash: 'sha512', saltLength: 64 },
        { kind: 'rsa-pkcs1', hash: 'sha384' },
      ];
      const key = await port.importPrivateKey(pkcs8Of(pair.privateKey));
      assert.deepEqual(key.spki, new Uint8Array(rsa.spki));
      for (const scheme of schemes) await assertHolds(rsa, scheme, await key.sign(scheme, DATA));
      for (const curve of CURVES) {
        const { key: publicKey, privateKey } = ecPair(curve);
        const signer = await port.importPrivateKey(pkcs8Of(privateKey));
        assert.deepEqual(signer.spki, new Uint8Array(publicKey.spki));
        for (const encoding of ['raw', 'der'] as const) {
          const scheme = { kind: 'ecdsa', hash: 'sha384', encoding } as const;
          await assertHolds(publicKey, scheme, await signer.sign(scheme, DATA));
        }
        const pss = { kind: 'rsa-pkcs1', hash: 'sha256' } as const;
        await assert.rejects(signer.sign(pss, DATA), { code: 'KEY_INVALID' });
      }
      const any = { kind: 'rsa-pss', hash: 'sha256', saltLength: 'any' } as const;
      await assert.rejects(key.sign(any, DATA), { code: 'CRYPTO_UNSUPPORTED' });
    });

    test('a generated key is what its PKCS#8 imports as', async () => {
      for (const curve of CURVES) {
        const { key, pkcs8 } = await port.generateKey({ kind: 'ec', curve });
        assert.deepEqual((await nodeCrypto.importPrivateKey(pkcs8)).spki, key.spki);
        assert.deepEqual((await webCrypto.importPrivateKey(pkcs8)).spki, key.spki);
        const scheme = { kind: 'ecdsa', hash: 'sha256', encoding: 'raw' } as const;
        const publicKey: PublicKey = { kind: 'ec', curve, spki: key.spki };
        await assertHolds(publicKey, scheme, await key.sign(scheme, DATA));
      }
      const { key, pkcs8 } = await port.generateKey({ kind: 'rsa', modulusBits: 2048 });
      const details = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
      assert.equal(details.asymmetricKeyDetails?.publicExponent, 65537n);
      assert.deepEqual((await nodeCrypto.importPrivateKey(pkcs8)).spki, key.spki);
      for (const modulusBits of [512, 1024, 2047, 8193, Number.NaN])
        await assert.rejects(port.generateKey({ kind: 'rsa', modulusBits }), {
          code: 'KEY_INVALID',
        });
    });
  });

  describe(`${name}: bad private keys`, () => {
    test('a private key that is malformed, encrypted or of another kind is refused', async () => {
      const pkcs8 = pkcs8Of(pair.privateKey);
      const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
      const bad = {
        empty: new Uint8Array(),
        trailing: Uint8Array.of(...pkcs8, 0),
        truncated: pkcs8.subarray(0, -1),
        ed25519: pkcs8Of(generateKeyPairSync('ed25519').privateKey),
        secp256k1: decodeHex(SECP256K1_PKCS8),
        small: pkcs8Of(small),
        pkcs1: pair.privateKey.export({ format: 'der', type: 'pkcs1' }),
        encrypted: pair.privateKey.export({
          format: 'der',
          type: 'pkcs8',
          cipher: 'aes-256-cbc',
          passphrase: 'x',
        }),
      };
      for (const [form, der] of Object.entries(bad))
        await assert.rejects(port.importPrivateKey(der), { code: 'KEY_INVALID' }, form);
    });
  });
}

function pkcs8Of(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'pkcs8' });
}

/** The signature holds for both ports, and for node:crypto called without them. */
async function assertHolds(
  key: PublicKey,
  scheme: SignatureScheme,
  signature: Uint8Array,
): Promise<void> {
  for (const [name, port] of PORTS)
    assert.equal(await port.verify(key, scheme, DATA, signature), true, name);
  const native = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
  const options =
    scheme.kind === 'ecdsa'
      ? ({ dsaEncoding: scheme.encoding === 'raw' ? 'ieee-p1363' : 'der' } as const)
      : {
          padding:
            scheme.kind === 'rsa-pss'
              ? constants.RSA_PKCS1_PSS_PADDING
              : constants.RSA_PKCS1_PADDING,
        };
  assert.ok(verify(scheme.hash, DATA, { key: native, ...options }, signature));
}

describe('both ports give one answer', () => {
  const signatures: { key: PublicKey; scheme: SignatureScheme; value: Uint8Array }[] = [];
  before(() => {
    for (const curve of CURVES)
      for (const encoding of ['raw', 'der'] as const) {
        const { key, privateKey } = ecPair(curve);
        const dsaEncoding = encoding === 'raw' ? 'ieee-p1363' : 'der';
        const value = sign('sha256', DATA, { key: privateKey, dsaEncoding });
        signatures.push({ key, scheme: { kind: 'ecdsa', hash: 'sha256', encoding }, value });
      }
    for (const saltLength of [32, 'any'] as const) {
      const scheme = { kind: 'rsa-pss', hash: 'sha256', saltLength } as const;
      signatures.push({ key: rsa, scheme, value: pssSignature('sha256', 32) });
    }
  });

  test('on signature values with octets changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(255), async (which, at, octet) => {
        const one = signatures[which % signatures.length];
        assert.ok(one);
        const value = new Uint8Array(one.value);
        value[at % value.length] = octet;
        const same = Buffer.compare(value, one.value) === 0;
        for (const [name, port] of PORTS)
          assert.equal(await port.verify(one.key, one.scheme, DATA, value), same, name);
      }),
      { numRuns: 300 },
    );
  });

  test('on public keys with octets changed', async () => {
    const scheme = { kind: 'ecdsa', hash: 'sha256', encoding: 'raw' } as const;
    const answer = (port: CryptoPort, key: PublicKey): Promise<unknown> =>
      port.verify(key, scheme, DATA, new Uint8Array(64)).catch((error) => error.code);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(255), async (at, octet) => {
        const spki = new Uint8Array(ecPair('P-256').key.spki);
        spki[at % spki.length] = octet;
        const key: PublicKey = { kind: 'ec', curve: 'P-256', spki };
        assert.equal(await answer(nodeCrypto, key), await answer(webCrypto, key));
      }),
      { numRuns: 200 },
    );
  });
});
