import { type CurveName, DerReader, type PublicKey, TAG } from '@nv2/core';
import { malformed } from './errors.ts';

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** Named curves, RFC 5480 2.1.1.1, and the octets of one coordinate. */
const CURVES: ReadonlyMap<string, { readonly curve: CurveName; readonly width: number }> = new Map([
  ['1.2.840.10045.3.1.7', { curve: 'P-256', width: 32 }],
  ['1.3.132.0.34', { curve: 'P-384', width: 48 }],
  ['1.3.132.0.35', { curve: 'P-521', width: 66 }],
]);

/** Larger moduli cost a verifier more than any certificate in use is worth. */
const MAX_RSA_MODULUS_BITS = 8192;

/** What a SubjectPublicKeyInfo says, RFC 5280 4.1.2.7. */
export interface SubjectPublicKeyInfo {
  /** Dotted object identifier of the algorithm. */
  readonly algorithm: string;
  /** Undefined for a key of a kind, curve, size or exponent that nv2 does not use. */
  readonly key: PublicKey | undefined;
}

/**
 * Reads a SubjectPublicKeyInfo. The size is not judged here, beyond a modulus of at most 8192 bits.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readSubjectPublicKeyInfo(reader: DerReader): SubjectPublicKeyInfo {
  const start = reader.position;
  const info = reader.enter(TAG.sequence);
  const spki = reader.bytes.subarray(start, reader.position);
  const identifier = info.enter(TAG.sequence);
  const algorithm = identifier.oid();
  const parameters = identifier.done ? undefined : identifier.element();
  identifier.finish();
  const { bytes, unused } = info.bitString();
  info.finish();
  if (unused !== 0) malformed('a public key does not end at an octet');
  switch (algorithm) {
    case RSA_ENCRYPTION:
      // RFC 3279 2.3.1: the parameters are NULL.
      if (parameters?.length !== 2 || parameters[0] !== TAG.null)
        malformed('an RSA key has parameters other than NULL');
      return { algorithm, key: rsaKey(bytes, spki) };
    case EC_PUBLIC_KEY:
      return { algorithm, key: ecKey(bytes, spki, parameters) };
    default:
      return { algorithm, key: undefined };
  }
}

/**
 * The public key in a SubjectPublicKeyInfo, nothing before or after it; undefined for a key of a
 * kind that nv2 does not use.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function parseSubjectPublicKeyInfo(spki: Uint8Array): PublicKey | undefined {
  const reader = new DerReader(spki);
  const { key } = readSubjectPublicKeyInfo(reader);
  reader.finish();
  return key;
}

function rsaKey(pkcs1: Uint8Array, spki: Uint8Array): PublicKey | undefined {
  // RFC 8017 A.1.1
  const outer = new DerReader(pkcs1);
  const fields = outer.enter(TAG.sequence);
  outer.finish();
  const modulus = unsigned(fields.integer());
  const exponent = unsigned(fields.integer());
  fields.finish();
  const modulusBits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (modulusBits > MAX_RSA_MODULUS_BITS) return undefined;
  // An even exponent or 1 makes no RSA key; a long one is a way to waste a verifier's time.
  const last = exponent[exponent.length - 1] ?? 0;
  if (last % 2 === 0 || exponent.length > 4 || (exponent.length === 1 && last === 1))
    return undefined;
  return { kind: 'rsa', modulusBits, pkcs1, spki };
}

/** The magnitude of a positive INTEGER. */
function unsigned(content: Uint8Array): Uint8Array {
  const first = content[0] ?? 0;
  if (first >= 0x80 || (first === 0 && content.length === 1))
    malformed('a number of an RSA key is not positive');
  return first === 0 ? content.subarray(1) : content;
}

function ecKey(
  point: Uint8Array,
  spki: Uint8Array,
  parameters: Uint8Array | undefined,
): PublicKey | undefined {
  // RFC 5480 2.1.1: of ECParameters only namedCurve may be used.
  if (parameters?.[0] !== TAG.oid) return undefined;
  const found = CURVES.get(new DerReader(parameters).oid());
  if (found === undefined) return undefined;
  if (point.length !== 1 + 2 * found.width || point[0] !== 0x04)
    malformed('an elliptic curve key is not an uncompressed point of its curve');
  return { kind: 'ec', curve: found.curve, spki };
}
