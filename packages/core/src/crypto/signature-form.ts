import { concatBytes } from '../bytes.ts';
import { DerReader, TAG } from '../der.ts';
import { derEncode, derInteger } from '../der-encode.ts';
import { CoreError } from '../errors.ts';
import { CURVES } from './curves.ts';
import { HASH_OCTETS } from './keys.ts';
import type { PublicKey, SignatureScheme } from './port.ts';

/**
 * `r || s` (RFC 7518 3.4) of an ECDSA-Sig-Value (RFC 3279 2.2.3), each of `octets` octets; undefined
 * if it is not DER or a number is negative or too long. What comes back has one DER form only.
 */
export function ecdsaRawFromDer(der: Uint8Array, octets: number): Uint8Array | undefined {
  try {
    const outer = new DerReader(der);
    const sequence = outer.enter(TAG.sequence);
    outer.finish();
    const raw = new Uint8Array(2 * octets);
    for (const end of [octets, 2 * octets]) {
      const value = sequence.integer();
      if ((value[0] ?? 0) >= 0x80) return undefined;
      const number = value[0] === 0 ? value.subarray(1) : value;
      if (number.length > octets) return undefined;
      raw.set(number, end - number.length);
    }
    sequence.finish();
    return raw;
  } catch (error) {
    if (error instanceof CoreError) return undefined;
    throw error;
  }
}

/** ECDSA-Sig-Value (RFC 3279 2.2.3) of `r || s`. */
export function ecdsaDerFromRaw(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const numbers = [raw.subarray(0, half), raw.subarray(half)].map(derInteger);
  return derEncode(TAG.sequence, concatBytes(...numbers));
}

/**
 * Whether a signature value has the one form that its scheme and key allow: RSA as long as the
 * modulus (RFC 8017 8.1.2 step 1, 8.2.2 step 1) with room for the salt (9.1.2 step 3), ECDSA of
 * fixed width or strict DER. Providers are laxer, each in its own way.
 */
export function isSignatureForm(
  key: PublicKey,
  scheme: SignatureScheme,
  signature: Uint8Array,
): boolean {
  if (key.kind === 'rsa')
    return signature.length === Math.ceil(key.modulusBits / 8) && saltFits(key.modulusBits, scheme);
  const { octets } = CURVES[key.curve];
  if (scheme.kind === 'ecdsa' && scheme.encoding === 'der')
    return ecdsaRawFromDer(signature, octets) !== undefined;
  return signature.length === 2 * octets;
}

function saltFits(modulusBits: number, scheme: SignatureScheme): boolean {
  if (scheme.kind !== 'rsa-pss' || scheme.saltLength === 'any') return true;
  return scheme.saltLength + HASH_OCTETS[scheme.hash] + 2 <= Math.ceil((modulusBits - 1) / 8);
}
