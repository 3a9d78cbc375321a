import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  hash as oneShotHash,
  randomFillSync,
  type SigningOptions,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { encodePem } from '../pem.ts';
import {
  assertHash,
  assertKeySpec,
  assertSchemeFits,
  readPrivateKeyKind,
  signingSaltLength,
} from './keys.ts';
import { KnownKeys } from './known-keys.ts';
import type { CryptoPort, PrivateKey, PublicKey, SignatureScheme } from './port.ts';
import { assertPublicKey, keyInvalid, readRsaPublicKey } from './public-key.ts';
import { ecdsaDerFromRaw, isSignatureForm } from './signature-form.ts';

const generate = promisify(generateKeyPair);

/** Options of {@link createNodeCrypto}. */
export interface NodeCryptoOptions {
  /** How many public keys are kept imported. Default 256; 0 imports each key each time. */
  readonly maxKnownKeys?: number;
}

/** {@link CryptoPort} on `node:crypto`: native code throughout, FIPS builds of Node stay FIPS. */
export function createNodeCrypto({ maxKnownKeys = 256 }: NodeCryptoOptions = {}): CryptoPort {
  const known = new KnownKeys<ReadyKey>(maxKnownKeys);
  return { ...PORT, verify: async (...what) => verifyWith(known, ...what) };
}

const PORT: Omit<CryptoPort, 'verify'> = {
  digest: async (hash, data) => {
    assertHash(hash);
    return plain(oneShotHash(hash, data, 'buffer'));
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

/** The one that most callers share. */
export const nodeCrypto: CryptoPort = createNodeCrypto();

/** What `@nv2/core` uses where it runs on Node or Bun. */
export { nodeCrypto as defaultCrypto };

function verifyWith(
  known: KnownKeys<ReadyKey>,
  ...what: Parameters<CryptoPort['verify']>
): boolean {
  const [key, scheme, data, signature] = what;
  assertSchemeFits(scheme, key.kind);
  const ready = verificationKey(key, scheme, known);
  if (!isSignatureForm(key, scheme, signature)) return false;
  try {
    const isRaw = scheme.kind === 'ecdsa' && scheme.encoding === 'raw';
    const value = isRaw ? ecdsaDerFromRaw(signature) : signature;
    return verify(scheme.hash, data, ready, value);
  } catch (cause) {
    return keyInvalid('not a public key', cause);
  }
}

/** A sound public key, and as properties of it all that Node would otherwise choose. */
type ReadyKey = KeyObject & SigningOptions;

/**
 * A public key for `verify`: a KeyObject of one met before with this scheme, else octets to import,
 * which cost a fifth less than a KeyObject that is used once. OpenSSL reads RSA keys faster as PKCS#1
 * than as SubjectPublicKeyInfo.
 *
 * Asking whether an object is a KeyObject or a CryptoKey, Node 24 throws and catches an error for
 * each that it is not, which costs as much as half of the verification. So octets are handed over as
 * text, which alone means PKCS#1 v1.5 padding with RSA and DER signatures with EC; options, which PSS
 * needs, are properties of a KeyObject.
 *
 * @throws CoreError `KEY_INVALID`; a key that is known was found sound, octet for octet
 */
function verificationKey(
  key: PublicKey,
  scheme: SignatureScheme,
  known: KnownKeys<ReadyKey>,
): ReadyKey | string {
  const isRsa = key.kind === 'rsa';
  const der = buffer(isRsa ? key.pkcs1 : key.spki);
  const importKey = (): ReadyKey => {
    // ECDSA signatures are handed over in DER, whatever they come in
    const options = scheme.kind === 'ecdsa' ? {} : nativeOptions(scheme);
    return Object.assign(importPublicKey(checkedPem(key, der)), options);
  };
  const ready = known.get(`${labelOf(key, scheme)} ${der.toString('latin1')}`, importKey);
  if (ready !== undefined) return ready;
  return scheme.kind === 'rsa-pss' ? importKey() : checkedPem(key, der);
}

/** @throws CoreError `KEY_INVALID` */
function checkedPem(key: PublicKey, der: Uint8Array): string {
  assertPublicKey(key);
  return encodePem(key.kind === 'rsa' ? 'RSA PUBLIC KEY' : 'PUBLIC KEY', der);
}

/** All that a {@link ReadyKey} depends on but the octets of the key. */
function labelOf(key: PublicKey, scheme: SignatureScheme): string {
  const size = key.kind === 'rsa' ? key.modulusBits : key.curve;
  const salt = scheme.kind === 'rsa-pss' ? scheme.saltLength : '';
  return `${size} ${scheme.kind} ${salt}`;
}

function importPublicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    return keyInvalid('not a public key', cause);
  }
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
