import { DerReader, TAG } from '../der.ts';
import { derBitString, derEncode, derInteger, derOid } from '../der-encode.ts';
import { CoreError } from '../errors.ts';
import type { CurveName, HashName, KeySpec, PublicKey, SignatureScheme } from './port.ts';

/** Octets of a hash value (FIPS 180-4). */
export const HASH_OCTETS: Readonly<Record<HashName, number>> = {
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** Each curve's OID (RFC 5480 2.1.1.1) and the octets of one coordinate (SEC 1 2.3.5). */
export const CURVES: Readonly<
  Record<CurveName, { readonly oid: string; readonly octets: number }>
> = {
  'P-256': { oid: '1.2.840.10045.3.1.7', octets: 32 },
  'P-384': { oid: '1.3.132.0.34', octets: 48 },
  'P-521': { oid: '1.3.132.0.35', octets: 66 },
};

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** Below, a modulus can be factored; above, one verification takes longer than an attacker needs. */
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;
/** The exponent fits 31 bits, as Go's crypto/rsa has it: a long one makes verification slow. */
const MAX_EXPONENT = 2 ** 31 - 1;

/** An RSA public key whose numbers were looked at. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly modulusBits: number;
  readonly exponent: number;
}

/** Throws CoreError `KEY_INVALID`. */
export function keyInvalid(reason: string, cause?: unknown): never {
  throw new CoreError('KEY_INVALID', `key cannot be used: ${reason}`, { cause });
}

/**
 * Reads RSAPublicKey (RFC 8017 A.1.1): modulus odd and of 2048 to 8192 bits, exponent odd and from
 * 3 to 2^31 - 1, nothing after it.
 * @throws CoreError `KEY_INVALID`
 */
export function readRsaPublicKey(pkcs1: Uint8Array): RsaPublicKey {
  const { modulus, exponent } = readNumbers(pkcs1);
  const modulusBits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (modulusBits < MIN_MODULUS_BITS || modulusBits > MAX_MODULUS_BITS)
    keyInvalid(`modulus of ${modulusBits} bits, expected ${MIN_MODULUS_BITS}–${MAX_MODULUS_BITS}`);
  if (((modulus.at(-1) ?? 0) & 1) === 0) keyInvalid('modulus is even');
  let value = 0;
  for (const octet of exponent.subarray(0, 5)) value = value * 256 + octet;
  if (exponent.length > 4 || value > MAX_EXPONENT || value < 3 || value % 2 === 0)
    keyInvalid(`exponent must be odd and from 3 to ${MAX_EXPONENT}`);
  return { modulus, modulusBits, exponent: value };
}

function readNumbers(pkcs1: Uint8Array): { modulus: Uint8Array; exponent: Uint8Array } {
  try {
    const outer = new DerReader(pkcs1);
    const sequence = outer.enter(TAG.sequence);
    outer.finish();
    const modulus = unsigned(sequence);
    const exponent = unsigned(sequence);
    sequence.finish();
    return { modulus, exponent };
  } catch (cause) {
    return keyInvalid('not an RSAPublicKey', cause);
  }
}

/** A non-negative INTEGER without the octet that keeps its sign. */
function unsigned(reader: DerReader): Uint8Array {
  const value = reader.integer();
  if ((value[0] ?? 0) >= 0x80) keyInvalid('negative INTEGER');
  return value[0] === 0 ? value.subarray(1) : value;
}

/** SubjectPublicKeyInfo of an RSA key (RFC 3279 2.3.1). */
export function rsaSpki(pkcs1: Uint8Array): Uint8Array {
  const algorithm = derEncode(TAG.sequence, derOid(RSA_ENCRYPTION), derEncode(TAG.null));
  return derEncode(TAG.sequence, algorithm, derBitString(pkcs1));
}

/** RSAPublicKey (RFC 8017 A.1.1) from its two numbers, big-endian. */
export function rsaPkcs1(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return derEncode(TAG.sequence, derInteger(modulus), derInteger(exponent));
}

/** SubjectPublicKeyInfo of a point (RFC 5480): `0x04 || x || y`. */
export function ecSpki(curve: CurveName, point: Uint8Array): Uint8Array {
  const algorithm = derEncode(TAG.sequence, derOid(EC_PUBLIC_KEY), derOid(CURVES[curve].oid));
  return derEncode(TAG.sequence, algorithm, derBitString(point));
}

/**
 * The point of an EC SubjectPublicKeyInfo, `0x04 || x || y`. The curve must be the named one and
 * the point uncompressed; that it lies on the curve is for the provider to see.
 * @throws CoreError `KEY_INVALID`
 */
function readEcPoint(spki: Uint8Array, curve: CurveName): Uint8Array {
  try {
    const outer = new DerReader(spki);
    const sequence = outer.enter(TAG.sequence);
    outer.finish();
    const algorithm = readAlgorithm(sequence);
    const { bytes, unused } = sequence.bitString();
    sequence.finish();
    if (algorithm.oid === EC_PUBLIC_KEY && algorithm.curve === curve && unused === 0)
      if (bytes[0] === 4 && bytes.length === 1 + 2 * CURVES[curve].octets) return bytes;
  } catch (cause) {
    keyInvalid('not a SubjectPublicKeyInfo', cause);
  }
  return keyInvalid(`not an uncompressed point on ${curve}`);
}

/** What sort of key a PKCS#8 PrivateKeyInfo holds (RFC 5958). @throws CoreError `KEY_INVALID` */
export function readPrivateKeyKind(
  pkcs8: Uint8Array,
): { readonly kind: 'rsa' } | { readonly kind: 'ec'; readonly curve: CurveName } {
  const { oid, curve } = readPrivateKeyAlgorithm(pkcs8);
  if (oid === RSA_ENCRYPTION) return { kind: 'rsa' };
  if (oid !== EC_PUBLIC_KEY) keyInvalid(`key algorithm ${oid}, expected RSA or EC`);
  if (curve === undefined) keyInvalid('curve is none of P-256, P-384, P-521');
  return { kind: 'ec', curve };
}

interface KeyAlgorithm {
  readonly oid: string;
  readonly curve: CurveName | undefined;
}

function readPrivateKeyAlgorithm(pkcs8: Uint8Array): KeyAlgorithm {
  try {
    const outer = new DerReader(pkcs8);
    const sequence = outer.enter(TAG.sequence);
    outer.finish();
    // An EncryptedPrivateKeyInfo begins with an AlgorithmIdentifier instead of the version.
    if (sequence.peek() === TAG.sequence) keyInvalid('the PKCS#8 private key is encrypted');
    if (sequence.smallInteger() > 1) keyInvalid('unknown PKCS#8 version');
    const algorithm = readAlgorithm(sequence);
    sequence.content(TAG.octetString);
    return algorithm;
  } catch (cause) {
    if (cause instanceof CoreError && cause.code === 'KEY_INVALID') throw cause;
    return keyInvalid('not a PKCS#8 private key', cause);
  }
}

/** An AlgorithmIdentifier of a key: parameters are NULL, absent or the OID of a curve. */
function readAlgorithm(reader: DerReader): KeyAlgorithm {
  const algorithm = reader.enter(TAG.sequence);
  const oid = algorithm.oid();
  if (algorithm.peek() !== TAG.oid) return { oid, curve: undefined };
  const curveOid = algorithm.oid();
  algorithm.finish();
  const names = Object.keys(CURVES) as CurveName[];
  return { oid, curve: names.find((name) => CURVES[name].oid === curveOid) };
}

/**
 * That a scheme can be used with a kind of key, and leaves nothing to a provider's special values
 * (OpenSSL takes negative salt lengths for "automatic").
 * @throws CoreError `KEY_INVALID`, `CRYPTO_UNSUPPORTED`
 */
export function assertSchemeFits(scheme: SignatureScheme, kind: PublicKey['kind']): void {
  if ((scheme.kind === 'ecdsa') !== (kind === 'ec'))
    keyInvalid(`${scheme.kind} signatures need another kind of key than ${kind}`);
  if (!Object.hasOwn(HASH_OCTETS, scheme.hash))
    throw new CoreError('CRYPTO_UNSUPPORTED', `hash ${scheme.hash} is not supported`);
  if (scheme.kind === 'rsa-pss' && scheme.saltLength !== 'any' && !isLength(scheme.saltLength))
    throw new CoreError('CRYPTO_UNSUPPORTED', `salt length ${scheme.saltLength} is not a length`);
}

/**
 * That a public key is sound and of the kind that the scheme needs.
 * @throws CoreError `KEY_INVALID`, `CRYPTO_UNSUPPORTED`
 */
export function assertVerificationKey(key: PublicKey, scheme: SignatureScheme): void {
  assertSchemeFits(scheme, key.kind);
  if (key.kind === 'ec') readEcPoint(key.spki, key.curve);
  else if (readRsaPublicKey(key.pkcs1).modulusBits !== key.modulusBits)
    keyInvalid(`modulus has not the ${key.modulusBits} bits that it is said to have`);
}

/** The salt length to sign with. @throws CoreError `CRYPTO_UNSUPPORTED` for `any` */
export function signingSaltLength(saltLength: number | 'any'): number {
  if (saltLength === 'any')
    throw new CoreError('CRYPTO_UNSUPPORTED', 'signing needs an exact salt length, got any');
  return saltLength;
}

/** That a key of this sort may be made. @throws CoreError `KEY_INVALID` */
export function assertKeySpec(spec: KeySpec): void {
  if (spec.kind === 'ec') {
    if (!Object.hasOwn(CURVES, spec.curve)) keyInvalid(`unknown curve ${spec.curve}`);
  } else if (
    !isLength(spec.modulusBits) ||
    spec.modulusBits < MIN_MODULUS_BITS ||
    spec.modulusBits > MAX_MODULUS_BITS
  )
    keyInvalid(
      `modulus of ${spec.modulusBits} bits, expected ${MIN_MODULUS_BITS}–${MAX_MODULUS_BITS}`,
    );
}

function isLength(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
