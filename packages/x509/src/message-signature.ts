import { CoreError, defaultCrypto, type SignatureScheme } from '@nv2/core';
import type { Certificate } from './certificate.ts';
import { X509Error, type X509ErrorCode } from './errors.ts';
import { formatNameGo } from './name-format.ts';
import type { CryptoOptions } from './signature.ts';
import { signatureWords } from './signature-algorithm.ts';

/** A signed message other than a certificate, as decoded. */
export interface SignedMessage {
  /** The signed part, whole element. */
  readonly tbs: Uint8Array;
  readonly signatureScheme: SignatureScheme | undefined;
  /** Dotted object identifier. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
}

/** What {@link assertMessageSignedBy} says of a message. */
export interface SignedMessageOptions extends CryptoOptions {
  /** What the message is, for texts: `CRL`, `OCSP response`. */
  readonly what: string;
  /** The code for a signature that does not hold. */
  readonly code: X509ErrorCode;
}

/**
 * After return the signature on a message holds under the key of `signer`, and was made with
 * SHA-256, SHA-384 or SHA-512.
 * @throws X509Error `options.code`, `X509_ALGORITHM_UNSUPPORTED`, `X509_KEY_UNSUPPORTED`
 */
export async function assertMessageSignedBy(
  message: SignedMessage,
  signer: Certificate,
  options: SignedMessageOptions,
): Promise<void> {
  const { crypto = defaultCrypto, what } = options;
  const { signatureScheme: scheme, signatureAlgorithm: algorithm } = message;
  if (scheme === undefined)
    throw new X509Error(
      'X509_ALGORITHM_UNSUPPORTED',
      `${what}: expected a signature with ${signatureWords(algorithm)}`,
      { data: { algorithm } },
    );
  const subject = formatNameGo(signer.subject);
  const key = signer.publicKey;
  if (key === undefined) unsupportedKey(`algorithm ${signer.publicKeyAlgorithm}`, { subject });
  try {
    const fits = (scheme.kind === 'ecdsa') === (key.kind === 'ec');
    const holds = fits && (await crypto.verify(key, scheme, message.tbs, message.signature));
    // what is merely true enough is no answer
    if (holds === true) return;
  } catch (cause) {
    if (cause instanceof CoreError && cause.code === 'KEY_INVALID')
      unsupportedKey(cause.message, { subject, cause });
    throw cause;
  }
  throw new X509Error(
    options.code,
    `signature on the ${what} does not hold under the key of "${subject}"`,
    { data: { issuer: subject } },
  );
}

function unsupportedKey(reason: string, about: { subject: string; cause?: unknown }): never {
  const { subject, cause } = about;
  throw new X509Error(
    'X509_KEY_UNSUPPORTED',
    `expected an RSA or NIST curve key of a supported size for "${subject}", got ${reason}`,
    { data: { subject }, cause },
  );
}
