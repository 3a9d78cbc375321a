import { equalBytes, type PrivateKey } from '@nv2/core';
import type { Certificate } from '@nv2/x509';
import { type SignatureAlgorithm, signatureAlgorithmFor } from './algorithms.ts';
import { EnvelopeError } from './errors.ts';

/**
 * Who signs: a function from bytes to a signature and the certificates of its key. A key store
 * elsewhere is the same to `signEnvelope` as a local key.
 */
export interface Signer {
  /** What the key signs with; the leaf certificate has to agree. */
  readonly algorithm: SignatureAlgorithm;
  /**
   * Signs `data` (not its digest): RSASSA-PSS with a salt as long as the hash, or r || s of fixed
   * width for ECDSA. What comes back is verified before it is used.
   */
  sign(data: Uint8Array): Promise<SignerAnswer>;
}

/** A signature, and who vouches for the key that made it. */
export interface SignerAnswer {
  readonly signature: Uint8Array;
  /** Leaf first, root last. */
  readonly certificateChain: readonly Certificate[];
}

/**
 * The algorithm that a certificate's key signs with.
 * @throws EnvelopeError `ENVELOPE_KEY_UNSUPPORTED`
 */
export function leafAlgorithm(leaf: Certificate): {
  readonly key: NonNullable<Certificate['publicKey']>;
  readonly algorithm: SignatureAlgorithm;
} {
  const key = leaf.publicKey;
  if (key === undefined) {
    throw new EnvelopeError(
      'ENVELOPE_KEY_UNSUPPORTED',
      `the leaf certificate has a key of algorithm ${leaf.publicKeyAlgorithm}, expected RSA or EC of a supported curve, size and exponent`,
      { data: { publicKeyAlgorithm: leaf.publicKeyAlgorithm } },
    );
  }
  return { key, algorithm: signatureAlgorithmFor(key) };
}

/**
 * A signer with a private key held in this process.
 * @param chain leaf first, root last
 * @throws EnvelopeError `ENVELOPE_CHAIN_INVALID` for an empty chain, `ENVELOPE_KEY_UNSUPPORTED`,
 *   `ENVELOPE_KEY_MISMATCH` if the leaf certificate is not one for this key
 */
export function localSigner(key: PrivateKey, chain: readonly Certificate[]): Signer {
  const leaf = chain[0];
  if (leaf === undefined) {
    throw new EnvelopeError('ENVELOPE_CHAIN_INVALID', 'the certificate chain is empty');
  }
  const { key: publicKey, algorithm } = leafAlgorithm(leaf);
  if (!equalBytes(publicKey.spki, key.spki)) {
    throw new EnvelopeError(
      'ENVELOPE_KEY_MISMATCH',
      'the private key does not belong to the leaf certificate',
      { hint: 'put the certificate that was issued for this key first in the chain' },
    );
  }
  return {
    algorithm,
    sign: async (data) => ({
      signature: await key.sign(algorithm.scheme, data),
      certificateChain: chain,
    }),
  };
}
