import { concatBytes } from '../bytes.ts';
import { decodeBase64Url } from '../encodings.ts';
import { CoreError } from '../errors.ts';
import { CURVES } from './curves.ts';
import {
  assertHash,
  assertKeySpec,
  assertSchemeFits,
  assertVerificationKey,
  readPrivateKeyKind,
  signingSaltLength,
} from './keys.ts';
import type { CryptoPort, HashName, PrivateKey, PublicKey, SignatureScheme } from './port.ts';
import { recoverPssSaltLength } from './pss.ts';
import { ecSpki, keyInvalid, readRsaPublicKey, rsaPkcs1, rsaSpki } from './public-key.ts';
import { ecdsaDerFromRaw, ecdsaRawFromDer, isSignatureForm } from './signature-form.ts';

type Subtle = typeof globalThis.crypto.subtle;
type NativeKey = Awaited<ReturnType<Subtle['importKey']>>;
type KeyKind = ReturnType<typeof readPrivateKeyKind>;

/** Names of the Web Cryptography API for the hashes. */
const HASHES: Readonly<Record<HashName, string>> = {
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** getRandomValues gives no more at once (Web Cryptography API 10.1.1). */
const MAX_RANDOM_OCTETS = 65_536;

/** {@link CryptoPort} on the Web Cryptography API: browsers and edge runtimes. */
export const webCrypto: CryptoPort = {
  digest,

  verify: async (key, scheme, data, signature) => {
    assertVerificationKey(key, scheme);
    if (!isSignatureForm(key, scheme, signature)) return false;
    const publicKey = await importPublicKey(key, scheme);
    const form = await nativeForm(key, scheme, signature);
    if (form === undefined) return false;
    return supported(() =>
      subtle().verify(form.algorithm, publicKey, owned(form.signature), owned(data)),
    );
  },

  importPrivateKey: (pkcs8) => privateKey(pkcs8),

  generateKey: async (spec) => {
    assertKeySpec(spec);
    const algorithm =
      spec.kind === 'ec'
        ? { name: 'ECDSA', namedCurve: spec.curve }
        : {
            name: 'RSA-PSS',
            hash: HASHES.sha256,
            modulusLength: spec.modulusBits,
            publicExponent: Uint8Array.of(1, 0, 1),
          };
    const pair = await supported(() => subtle().generateKey(algorithm, true, ['sign', 'verify']));
    if (!('privateKey' in pair)) throw new CoreError('CRYPTO_UNSUPPORTED', 'no key pair was made');
    const pkcs8 = new Uint8Array(await subtle().exportKey('pkcs8', pair.privateKey));
    return { key: await privateKey(pkcs8), pkcs8 };
  },

  randomBytes: (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += MAX_RANDOM_OCTETS)
      globalThis.crypto.getRandomValues(out.subarray(at, at + MAX_RANDOM_OCTETS));
    return out;
  },
};

/** What `@nv2/core` uses under the package condition `browser`. */
export { webCrypto as defaultCrypto };

function subtle(): Subtle {
  return globalThis.crypto.subtle;
}

async function digest(hash: HashName, data: Uint8Array): Promise<Uint8Array> {
  assertHash(hash);
  return new Uint8Array(await subtle().digest(HASHES[hash], owned(data)));
}

/** What this API takes is never memory that other threads can change meanwhile. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : new Uint8Array(bytes);
}

/**
 * The errors of the API as ours: a provider that lacks an algorithm says NotSupportedError; any
 * other is about the key where there is one, which `keyFault` then says.
 */
async function supported<T>(call: () => Promise<T>, keyFault?: string): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const lacking = cause instanceof Error && cause.name === 'NotSupportedError';
    if (keyFault !== undefined && !lacking) keyInvalid(keyFault, cause);
    throw unsupported(cause);
  }
}

function unsupported(cause: unknown): CoreError {
  return new CoreError('CRYPTO_UNSUPPORTED', 'Web Crypto lacks this algorithm', { cause });
}

/** RSA keys are bound to padding and hash when they are imported, EC keys to their curve. */
function importAlgorithm(kind: KeyKind, scheme: SignatureScheme) {
  if (kind.kind === 'ec') return { name: 'ECDSA', namedCurve: kind.curve };
  const name = scheme.kind === 'rsa-pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  return { name, hash: HASHES[scheme.hash] };
}

function importPublicKey(key: PublicKey, scheme: SignatureScheme): Promise<NativeKey> {
  // One reading of an RSA key: the parts that were looked at, not what else `spki` may hold.
  const spki = key.kind === 'rsa' ? rsaSpki(key.pkcs1) : key.spki;
  return supported(
    () => subtle().importKey('spki', owned(spki), importAlgorithm(key, scheme), false, ['verify']),
    'not a public key',
  );
}

/** A scheme as the API names it, and the signature value as the API takes it. */
interface NativeForm {
  readonly algorithm: {
    readonly name: string;
    readonly hash?: string;
    readonly saltLength?: number;
  };
  readonly signature: Uint8Array;
}

/** Undefined if the signature value cannot hold. */
async function nativeForm(
  key: PublicKey,
  scheme: SignatureScheme,
  signature: Uint8Array,
): Promise<NativeForm | undefined> {
  if (scheme.kind === 'rsa-pss' && scheme.saltLength === 'any' && key.kind === 'rsa') {
    // This API verifies stated lengths only: find the length, then let it verify natively.
    const rsa = readRsaPublicKey(key.pkcs1);
    const saltLength = await recoverPssSaltLength(rsa, scheme.hash, { signature, digest });
    return saltLength === undefined
      ? undefined
      : { algorithm: { name: 'RSA-PSS', saltLength }, signature };
  }
  const algorithm = signingAlgorithm(scheme);
  if (key.kind === 'rsa' || scheme.kind !== 'ecdsa' || scheme.encoding === 'raw')
    return { algorithm, signature };
  const raw = ecdsaRawFromDer(signature, CURVES[key.curve].octets);
  return raw === undefined ? undefined : { algorithm, signature: raw };
}

function signingAlgorithm(scheme: SignatureScheme): NativeForm['algorithm'] {
  switch (scheme.kind) {
    case 'ecdsa':
      return { name: 'ECDSA', hash: HASHES[scheme.hash] };
    case 'rsa-pkcs1':
      return { name: 'RSASSA-PKCS1-v1_5' };
    case 'rsa-pss':
      return { name: 'RSA-PSS', saltLength: signingSaltLength(scheme.saltLength) };
  }
}

async function privateKey(pkcs8: Uint8Array): Promise<PrivateKey> {
  const der = Uint8Array.from(pkcs8);
  const kind = readPrivateKeyKind(der);
  return {
    spki: await publicHalf(der, kind),
    sign: async (scheme, data) => {
      assertSchemeFits(scheme, kind.kind);
      const algorithm = signingAlgorithm(scheme);
      const key = await importPrivateKey(der, importAlgorithm(kind, scheme), false);
      const value = await supported(
        () => subtle().sign(algorithm, key, owned(data)),
        'too small for this signature scheme',
      );
      const raw = new Uint8Array(value);
      return scheme.kind === 'ecdsa' && scheme.encoding === 'der' ? ecdsaDerFromRaw(raw) : raw;
    },
  };
}

function importPrivateKey(
  der: Uint8Array<ArrayBuffer>,
  algorithm: ReturnType<typeof importAlgorithm>,
  extractable: boolean,
): Promise<NativeKey> {
  return supported(
    () => subtle().importKey('pkcs8', der, algorithm, extractable, ['sign']),
    'not a PKCS#8 private key',
  );
}

/** The API does not give the public half of a private key, except through a JWK (RFC 7518 6). */
async function publicHalf(der: Uint8Array<ArrayBuffer>, kind: KeyKind): Promise<Uint8Array> {
  const algorithm =
    kind.kind === 'ec'
      ? { name: 'ECDSA', namedCurve: kind.curve }
      : { name: 'RSA-PSS', hash: HASHES.sha256 };
  const jwk = await subtle().exportKey('jwk', await importPrivateKey(der, algorithm, true));
  const member = (name: 'e' | 'n' | 'x' | 'y'): Uint8Array => decodeBase64Url(jwk[name] ?? '');
  if (kind.kind === 'ec')
    return ecSpki(kind.curve, concatBytes(Uint8Array.of(4), member('x'), member('y')));
  const pkcs1 = rsaPkcs1(member('n'), member('e'));
  readRsaPublicKey(pkcs1);
  return rsaSpki(pkcs1);
}
