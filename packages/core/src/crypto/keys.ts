import { DerReader, TAG } from '../der.ts';
import { CoreError } from '../errors.ts';
import { CURVES, curveOf } from './curves.ts';
import type { CurveName, HashName, KeySpec, PublicKey, SignatureScheme } from './port.ts';
import {
  assertPublicKey,
  KEY_ALGORITHM,
  keyInvalid,
  MAX_MODULUS_BITS,
  MIN_MODULUS_BITS,
  wellFormed,
} from './public-key.ts';

/** Octets of a hash value (FIPS 180-4). */
export const HASH_OCTETS: Readonly<Record<HashName, number>> = {
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** What sort of key a PKCS#8 PrivateKeyInfo holds (RFC 5958). @throws CoreError `KEY_INVALID` */
export function readPrivateKeyKind(
  pkcs8: Uint8Array,
): { readonly kind: 'rsa' } | { readonly kind: 'ec'; readonly curve: CurveName } {
  const { oid, curve } = readPrivateKeyAlgorithm(pkcs8);
  if (oid === KEY_ALGORITHM.rsa) return { kind: 'rsa' };
  if (oid !== KEY_ALGORITHM.ec) keyInvalid(`key algorithm ${oid}, expected RSA or EC`);
  if (curve === undefined) keyInvalid('curve is none of P-256, P-384, P-521');
  return { kind: 'ec', curve };
}

interface KeyAlgorithm {
  readonly oid: string;
  readonly curve: CurveName | undefined;
}

function readPrivateKeyAlgorithm(pkcs8: Uint8Array): KeyAlgorithm {
  return wellFormed('a PKCS#8 private key', () => {
    const outer = new DerReader(pkcs8);
    const sequence = outer.enter(TAG.sequence);
    outer.finish();
    // An EncryptedPrivateKeyInfo begins with an AlgorithmIdentifier instead of the version.
    if (sequence.peek() === TAG.sequence) keyInvalid('the PKCS#8 private key is encrypted');
    if (sequence.smallInteger() > 1) keyInvalid('unknown PKCS#8 version');
    const algorithm = readAlgorithm(sequence);
    sequence.content(TAG.octetString);
    return algorithm;
  });
}

/** An AlgorithmIdentifier of a key: parameters are NULL, absent or the OID of a curve. */
function readAlgorithm(reader: DerReader): KeyAlgorithm {
  const algorithm = reader.enter(TAG.sequence);
  const oid = algorithm.oid();
  if (algorithm.peek() !== TAG.oid) return { oid, curve: undefined };
  const curveOid = algorithm.oid();
  algorithm.finish();
  return { oid, curve: curveOf(curveOid) };
}

/** That a hash is one of ours: providers know others. @throws CoreError `CRYPTO_UNSUPPORTED` */
export function assertHash(hash: HashName): void {
  if (!Object.hasOwn(HASH_OCTETS, hash))
    throw new CoreError('CRYPTO_UNSUPPORTED', `hash ${hash} is not supported`);
}

/**
 * That a scheme can be used with a kind of key, and leaves nothing to a provider's special values
 * (OpenSSL takes negative salt lengths for "automatic").
 * @throws CoreError `KEY_INVALID`, `CRYPTO_UNSUPPORTED`
 */
export function assertSchemeFits(scheme: SignatureScheme, kind: PublicKey['kind']): void {
  if ((scheme.kind === 'ecdsa') !== (kind === 'ec'))
    keyInvalid(`${scheme.kind} signatures need another kind of key than ${kind}`);
  assertHash(scheme.hash);
  if (scheme.kind === 'rsa-pss' && scheme.saltLength !== 'any' && !isLength(scheme.saltLength))
    throw new CoreError('CRYPTO_UNSUPPORTED', `salt length ${scheme.saltLength} is not a length`);
}

/**
 * That a public key is sound and of the kind that the scheme needs.
 * @throws CoreError `KEY_INVALID`, `CRYPTO_UNSUPPORTED`
 */
export function assertVerificationKey(key: PublicKey, scheme: SignatureScheme): void {
  assertSchemeFits(scheme, key.kind);
  assertPublicKey(key);
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
