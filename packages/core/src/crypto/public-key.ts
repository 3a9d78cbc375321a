import { DerReader, TAG } from '../der.ts';
import { derBitString, derEncode, derInteger, derOid } from '../der-encode.ts';
import { CoreError } from '../errors.ts';
import { CURVES, curveOf, isOnCurve } from './curves.ts';
import type { CurveName, PublicKey } from './port.ts';

/** Object identifiers of key algorithms (RFC 3279 2.3.1, RFC 5480 2.1.1). */
export const KEY_ALGORITHM = {
  rsa: '1.2.840.113549.1.1.1',
  ec: '1.2.840.10045.2.1',
} as const;

/** Below, a modulus can be factored; above, one verification takes longer than an attacker needs. */
export const MIN_MODULUS_BITS = 2048;
export const MAX_MODULUS_BITS = 8192;
/** The exponent fits 31 bits, as Go's crypto/rsa has it: a long one makes verification slow. */
const MAX_EXPONENT = 2 ** 31 - 1;

/** What a SubjectPublicKeyInfo says, RFC 5280 4.1.2.7. */
export interface SubjectPublicKeyInfo {
  /** Dotted object identifier of the algorithm. */
  readonly algorithm: string;
  /** Undefined for a key of a kind, curve, size or exponent that nv2 does not use. */
  readonly key: PublicKey | undefined;
}

/** The numbers of an RSA public key. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly modulusBits: number;
  /** Infinity if it has more than four octets. */
  readonly exponent: number;
}

/** Throws CoreError `KEY_INVALID`. */
export function keyInvalid(reason: string, cause?: unknown): never {
  throw new CoreError('KEY_INVALID', `key cannot be used: ${reason}`, { cause });
}

/**
 * Reads a SubjectPublicKeyInfo. An RSA key that is too short is read all the same, so that whoever
 * has a rule about sizes can name its size; nothing verifies with it. A point lies on its curve.
 * @throws CoreError `KEY_INVALID` for a malformed key, `DER_INVALID`
 */
export function readSubjectPublicKeyInfo(reader: DerReader): SubjectPublicKeyInfo {
  const { spki, algorithm, parameters, bits } = readParts(reader);
  switch (algorithm) {
    case KEY_ALGORITHM.rsa:
      // RFC 3279 2.3.1: the parameters are NULL.
      if (parameters?.length !== 2 || parameters[0] !== TAG.null)
        keyInvalid('an RSA key has parameters other than NULL');
      return { algorithm, key: rsaKey(bits, spki) };
    case KEY_ALGORITHM.ec: {
      // RFC 5480 2.1.1: of ECParameters only namedCurve may be used.
      const isNamed = parameters?.[0] === TAG.oid;
      const curve = isNamed ? curveOf(new DerReader(parameters).oid()) : undefined;
      if (curve === undefined) return { algorithm, key: undefined };
      assertUncompressed(bits, curve);
      if (!isOnCurve(bits, curve)) keyInvalid(`a point that is not on ${curve}`);
      return { algorithm, key: { kind: 'ec', curve, spki } };
    }
    default:
      return { algorithm, key: undefined };
  }
}

/**
 * The key of {@link readSubjectPublicKeyInfo}, with nothing before or after it.
 * @throws CoreError `KEY_INVALID`
 */
export function parsePublicKey(spki: Uint8Array): PublicKey | undefined {
  return wellFormed('a SubjectPublicKeyInfo', () => {
    const reader = new DerReader(spki);
    const { key } = readSubjectPublicKeyInfo(reader);
    reader.finish();
    return key;
  });
}

/**
 * That a key which some caller put together is one that {@link readSubjectPublicKeyInfo} could have
 * given, and not too short. That a point lies on its curve is left to the provider, which has to see
 * to it when it imports the key: looking here as well would be paid for with every verification.
 * @throws CoreError `KEY_INVALID`
 */
export function assertPublicKey(key: PublicKey): void {
  if (key.kind === 'ec') assertEcKey(key.spki, key.curve);
  else if (readRsaPublicKey(key.pkcs1).modulusBits !== key.modulusBits)
    keyInvalid(`modulus has not the ${key.modulusBits} bits that it is said to have`);
}

/**
 * Reads RSAPublicKey (RFC 8017 A.1.1): modulus odd and of 2048 to 8192 bits, exponent odd and from
 * 3 to 2^31 - 1, nothing after it.
 * @throws CoreError `KEY_INVALID`
 */
export function readRsaPublicKey(pkcs1: Uint8Array): RsaPublicKey {
  const key = readNumbers(pkcs1);
  const fault = faultOf(key, MIN_MODULUS_BITS);
  if (fault !== undefined) keyInvalid(fault);
  return key;
}

function rsaKey(pkcs1: Uint8Array, spki: Uint8Array): PublicKey | undefined {
  const key = readNumbers(pkcs1);
  if (faultOf(key, 1) !== undefined) return undefined;
  return { kind: 'rsa', modulusBits: key.modulusBits, pkcs1, spki };
}

/** What is wrong with the numbers of an RSA key; undefined if nothing is. */
function faultOf(key: RsaPublicKey, minModulusBits: number): string | undefined {
  const { modulus, modulusBits, exponent } = key;
  if (modulusBits < minModulusBits || modulusBits > MAX_MODULUS_BITS)
    return `modulus of ${modulusBits} bits, expected ${MIN_MODULUS_BITS}–${MAX_MODULUS_BITS}`;
  if (((modulus.at(-1) ?? 0) & 1) === 0) return 'modulus is even';
  if (exponent < 3 || exponent > MAX_EXPONENT || exponent % 2 === 0)
    return `exponent must be odd and from 3 to ${MAX_EXPONENT}`;
  return undefined;
}

function readNumbers(pkcs1: Uint8Array): RsaPublicKey {
  return wellFormed('an RSAPublicKey', () => {
    const outer = new DerReader(pkcs1);
    const sequence = outer.enter(TAG.sequence);
    outer.finish();
    const modulus = positive(sequence);
    const octets = positive(sequence);
    sequence.finish();
    const modulusBits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
    let exponent = 0;
    for (const octet of octets.subarray(0, 5)) exponent = exponent * 256 + octet;
    return { modulus, modulusBits, exponent: octets.length > 4 ? Infinity : exponent };
  });
}

/** A positive INTEGER without the octet that keeps its sign. */
function positive(reader: DerReader): Uint8Array {
  const value = reader.integer();
  const first = value[0] ?? 0;
  if (first >= 0x80 || (first === 0 && value.length === 1))
    keyInvalid('a number of an RSA key is not positive');
  return first === 0 ? value.subarray(1) : value;
}

/** The value of `read`; what is not even DER is a malformed key as well. */
export function wellFormed<T>(type: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CoreError && cause.code === 'KEY_INVALID') throw cause;
    return keyInvalid(`not ${type}`, cause);
  }
}

interface KeyParts {
  readonly spki: Uint8Array;
  readonly algorithm: string;
  readonly parameters: Uint8Array | undefined;
  readonly bits: Uint8Array;
}

function readParts(reader: DerReader): KeyParts {
  const start = reader.position;
  const info = reader.enter(TAG.sequence);
  const spki = reader.bytes.subarray(start, reader.position);
  const identifier = info.enter(TAG.sequence);
  const algorithm = identifier.oid();
  const parameters = identifier.done ? undefined : identifier.element();
  identifier.finish();
  const { bytes: bits, unused } = info.bitString();
  info.finish();
  if (unused !== 0) keyInvalid('a public key does not end at an octet');
  return { spki, algorithm, parameters, bits };
}

function assertEcKey(spki: Uint8Array, curve: CurveName): void {
  const { algorithm, parameters, bits } = wellFormed('a SubjectPublicKeyInfo', () => {
    const reader = new DerReader(spki);
    const parts = readParts(reader);
    reader.finish();
    return parts;
  });
  const oid = parameters?.[0] === TAG.oid ? new DerReader(parameters).oid() : undefined;
  if (algorithm !== KEY_ALGORITHM.ec || oid !== CURVES[curve].oid) keyInvalid(`not on ${curve}`);
  assertUncompressed(bits, curve);
}

function assertUncompressed(point: Uint8Array, curve: CurveName): void {
  if (point[0] !== 4 || point.length !== 1 + 2 * CURVES[curve].octets)
    keyInvalid(`not an uncompressed point of ${curve}`);
}

/** SubjectPublicKeyInfo of an RSA key (RFC 3279 2.3.1). */
export function rsaSpki(pkcs1: Uint8Array): Uint8Array {
  const algorithm = derEncode(TAG.sequence, derOid(KEY_ALGORITHM.rsa), derEncode(TAG.null));
  return derEncode(TAG.sequence, algorithm, derBitString(pkcs1));
}

/** RSAPublicKey (RFC 8017 A.1.1) from its two numbers, big-endian. */
export function rsaPkcs1(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return derEncode(TAG.sequence, derInteger(modulus), derInteger(exponent));
}

/** SubjectPublicKeyInfo of a point (RFC 5480): `0x04 || x || y`. */
export function ecSpki(curve: CurveName, point: Uint8Array): Uint8Array {
  const algorithm = derEncode(TAG.sequence, derOid(KEY_ALGORITHM.ec), derOid(CURVES[curve].oid));
  return derEncode(TAG.sequence, algorithm, derBitString(point));
}
