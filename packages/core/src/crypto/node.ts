import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomFillSync,
  type SigningOptions,
  sign,
  type VerifyPublicKeyInput,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { encodePem } from '../pem.ts';
import {
  assertKeySpec,
  assertSchemeFits,
  assertVerificationKey,
  keyInvalid,
  readPrivateKeyKind,
  readRsaPublicKey,
  signingSaltLength,
} from './keys.ts';
import type { CryptoPort, PrivateKey, PublicKey, SignatureScheme } from './port.ts';
import { isSignatureForm } from './signature-form.ts';

const generate = promisify(generateKeyPair);

/** {@link CryptoPort} on `node:crypto`: native code throughout, FIPS builds of Node stay FIPS. */
export const nodeCrypto: CryptoPort = {
  digest: async (hash, data) => plain(createHash(hash).update(data).digest()),

  verify: async (key, scheme, data, signature) => {
    assertVerificationKey(key, scheme);
    if (!isSignatureForm(key, scheme, signature)) return false;
    try {
      return verify(scheme.hash, data, verificationKey(key, scheme), signature);
    } catch (cause) {
      return keyInvalid('not a public key', cause);
    }
  },

  importPrivateKey: async (pkcs8) => {
    const { kind } = readPrivateKeyKind(pkcs8);
    return privateKey(importPkcs8(pkcs8), kind);
  },

  generateKey: async (spec) => {
    assertKeySpec(spec);
    const { privateKey: key } =
      spec.kind === 'rsa'
        ? await generate('rsa', { modulusLength: spec.modulusBits, publicExponent: 0x10001 })
        : await generate('ec', { namedCurve: spec.curve });
    return {
      key: privateKey(key, spec.kind),
      pkcs8: plain(key.export({ format: 'der', type: 'pkcs8' })),
    };
  },

  randomBytes: (length) => randomFillSync(new Uint8Array(length)),
};

/** What `@nv2/core` uses where it runs on Node or Bun. */
export { nodeCrypto as defaultCrypto };

/**
 * A public key for `verify` to import, with what Node would otherwise choose; a KeyObject that is
 * used once costs a fifth more. OpenSSL reads RSA keys faster as PKCS#1 than as
 * SubjectPublicKeyInfo.
 *
 * Keys are handed over as text: asking whether an object is a KeyObject or a CryptoKey, Node 24
 * throws and catches an error for each, which costs as much as a third of the verification. PEM
 * alone stands for PKCS#1 v1.5 padding with RSA and for DER signatures with EC.
 */
function verificationKey(key: PublicKey, scheme: SignatureScheme): VerifyPublicKeyInput | string {
  const isRsa = key.kind === 'rsa';
  const der = buffer(isRsa ? key.pkcs1 : key.spki);
  if (scheme.kind === 'rsa-pkcs1' || (scheme.kind === 'ecdsa' && scheme.encoding === 'der')) {
    return encodePem(isRsa ? 'RSA PUBLIC KEY' : 'PUBLIC KEY', der);
  }
  return {
    key: der.toString('latin1'),
    encoding: 'latin1',
    format: 'der',
    type: isRsa ? 'pkcs1' : 'spki',
    ...nativeOptions(scheme),
  };
}

function importPkcs8(pkcs8: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: buffer(pkcs8), format: 'der', type: 'pkcs8' });
  } catch (cause) {
    return keyInvalid('not a PKCS#8 private key', cause);
  }
}

function privateKey(key: KeyObject, kind: PublicKey['kind']): PrivateKey {
  const publicKey = createPublicKey(key);
  const spki = plain(publicKey.export({ format: 'der', type: 'spki' }));
  if (kind === 'rsa') readRsaPublicKey(publicKey.export({ format: 'der', type: 'pkcs1' }));
  return {
    spki,
    sign: async (scheme, data) => {
      assertSchemeFits(scheme, kind);
      if (scheme.kind === 'rsa-pss') signingSaltLength(scheme.saltLength);
      try {
        return plain(sign(scheme.hash, data, { key, ...nativeOptions(scheme) }));
      } catch (cause) {
        return keyInvalid('too small for this signature scheme', cause);
      }
    },
  };
}

/** Everything about a scheme that Node would otherwise choose. */
function nativeOptions(scheme: SignatureScheme): SigningOptions {
  switch (scheme.kind) {
    case 'ecdsa':
      return { dsaEncoding: scheme.encoding === 'raw' ? 'ieee-p1363' : 'der' };
    case 'rsa-pkcs1':
      return { padding: constants.RSA_PKCS1_PADDING };
    case 'rsa-pss':
      return {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength:
          scheme.saltLength === 'any' ? constants.RSA_PSS_SALTLEN_AUTO : scheme.saltLength,
      };
  }
}

/** A view for those of Node's functions whose types ask for a Buffer. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The octets without Buffer's methods, which differ from those of Uint8Array. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes);
}
