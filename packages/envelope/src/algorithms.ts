import type { CurveName, HashName, PublicKey, SignatureScheme } from '@nv2/core';
import { EnvelopeError } from './errors.ts';

/**
 * One row of the table of signature algorithms. Rows are passed around, never names, so that
 * nothing about an algorithm is decided twice.
 */
export interface SignatureAlgorithm {
  /** The JWS name (RFC 7518 3.1), also used for reading. */
  readonly name: 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';
  /** The COSE identifier (RFC 9053 2.1, RFC 8230 2). */
  readonly cose: number;
  /** The name of the key specification in the plugin protocol. */
  readonly keySpec: 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'EC-256' | 'EC-384' | 'EC-521';
  readonly key:
    | { readonly kind: 'rsa'; readonly modulusBits: number }
    | { readonly kind: 'ec'; readonly curve: CurveName };
  readonly hash: HashName;
  /** How signatures are made, and how COSE ones are verified: a PSS salt as long as the hash. */
  readonly scheme: SignatureScheme;
  /** How JWS signatures are verified: the reference accepts a PSS salt of any length. */
  readonly jwsVerificationScheme: SignatureScheme;
  /** The exact length of a signature value, in bytes. */
  readonly signatureBytes: number;
}

function rsa(
  entry: Pick<SignatureAlgorithm, 'name' | 'cose' | 'keySpec' | 'hash'>,
  modulusBits: number,
  saltLength: number,
): SignatureAlgorithm {
  return {
    ...entry,
    key: { kind: 'rsa', modulusBits },
    scheme: { kind: 'rsa-pss', hash: entry.hash, saltLength },
    jwsVerificationScheme: { kind: 'rsa-pss', hash: entry.hash, saltLength: 'any' },
    signatureBytes: modulusBits / 8,
  };
}

function ec(
  entry: Pick<SignatureAlgorithm, 'name' | 'cose' | 'keySpec' | 'hash'>,
  curve: CurveName,
  coordinateBytes: number,
): SignatureAlgorithm {
  const scheme: SignatureScheme = { kind: 'ecdsa', hash: entry.hash, encoding: 'raw' };
  return {
    ...entry,
    key: { kind: 'ec', curve },
    scheme,
    jwsVerificationScheme: scheme,
    signatureBytes: 2 * coordinateBytes,
  };
}

/**
 * Every algorithm there is. The key of the leaf certificate alone selects the row
 * (signature specification, "Algorithm Selection").
 */
const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = [
  rsa({ name: 'PS256', cose: -37, keySpec: 'RSA-2048', hash: 'sha256' }, 2048, 32),
  rsa({ name: 'PS384', cose: -38, keySpec: 'RSA-3072', hash: 'sha384' }, 3072, 48),
  rsa({ name: 'PS512', cose: -39, keySpec: 'RSA-4096', hash: 'sha512' }, 4096, 64),
  ec({ name: 'ES256', cose: -7, keySpec: 'EC-256', hash: 'sha256' }, 'P-256', 32),
  ec({ name: 'ES384', cose: -35, keySpec: 'EC-384', hash: 'sha384' }, 'P-384', 48),
  ec({ name: 'ES512', cose: -36, keySpec: 'EC-521', hash: 'sha512' }, 'P-521', 66),
];

function fits(algorithm: SignatureAlgorithm, key: PublicKey): boolean {
  return key.kind === 'rsa'
    ? algorithm.key.kind === 'rsa' && algorithm.key.modulusBits === key.modulusBits
    : algorithm.key.kind === 'ec' && algorithm.key.curve === key.curve;
}

/**
 * The one algorithm that a key signs with.
 * @throws EnvelopeError `ENVELOPE_KEY_UNSUPPORTED` for any key but RSA of 2048, 3072 or 4096 bits
 *   and EC on P-256, P-384 or P-521
 */
export function signatureAlgorithmFor(key: PublicKey): SignatureAlgorithm {
  const algorithm = SIGNATURE_ALGORITHMS.find((entry) => fits(entry, key));
  if (algorithm === undefined) {
    const got = key.kind === 'rsa' ? `RSA key of ${key.modulusBits} bits` : `key on ${key.curve}`;
    throw new EnvelopeError(
      'ENVELOPE_KEY_UNSUPPORTED',
      `${got} cannot sign, expected RSA of 2048, 3072 or 4096 bits or EC on P-256, P-384 or P-521`,
      { data: key.kind === 'rsa' ? { modulusBits: key.modulusBits } : { curve: key.curve } },
    );
  }
  return algorithm;
}

/** The row with this JWS `alg`, if any. */
export function algorithmByName(name: unknown): SignatureAlgorithm | undefined {
  return SIGNATURE_ALGORITHMS.find((entry) => entry.name === name);
}

/** The row for this key specification of the plugin protocol, if any. */
export function algorithmByKeySpec(keySpec: string): SignatureAlgorithm | undefined {
  return SIGNATURE_ALGORITHMS.find((entry) => entry.keySpec === keySpec);
}

/** The row with this COSE `alg`, if any. */
export function algorithmByCoseLabel(label: unknown): SignatureAlgorithm | undefined {
  return SIGNATURE_ALGORITHMS.find((entry) => entry.cose === label);
}
