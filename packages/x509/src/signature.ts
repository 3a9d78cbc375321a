import { CoreError, type CryptoPort, defaultCrypto, equalBytes } from '@nv2/core';
import type { Certificate } from './certificate.ts';
import { X509Error } from './errors.ts';
import { formatNameGo } from './name-format.ts';
import { signatureWords } from './signature-algorithm.ts';

/** Where a function needs cryptography: the provider, by default the one of the platform. */
export interface CryptoOptions {
  readonly crypto?: CryptoPort | undefined;
}

/** Whether a certificate names itself as its issuer: subject and issuer have the same octets. */
export function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.issuer.der, certificate.subject.der);
}

/**
 * After return the signature on `certificate` holds under the public key of `issuer`, and was made
 * with SHA-256, SHA-384 or SHA-512. Names and constraints are not looked at.
 * @throws X509Error `X509_ALGORITHM_UNSUPPORTED`, `X509_KEY_UNSUPPORTED` (the issuer's),
 *   `X509_SIGNATURE_INVALID`; each with `data.subject`
 */
export async function assertSignedBy(
  certificate: Certificate,
  issuer: Certificate,
  options: CryptoOptions = {},
): Promise<void> {
  const crypto = options.crypto ?? defaultCrypto;
  const scheme = certificate.signatureScheme;
  if (scheme === undefined)
    throw new X509Error(
      'X509_ALGORITHM_UNSUPPORTED',
      `expected a signature with ${signatureWords(certificate.signatureAlgorithm)}`,
      {
        data: {
          subject: formatNameGo(certificate.subject),
          algorithm: certificate.signatureAlgorithm,
        },
      },
    );
  const key = issuer.publicKey;
  if (key === undefined)
    throw new X509Error(
      'X509_KEY_UNSUPPORTED',
      `expected an RSA or NIST curve key of a supported size, got algorithm ${issuer.publicKeyAlgorithm}`,
      { data: { subject: formatNameGo(issuer.subject), algorithm: issuer.publicKeyAlgorithm } },
    );
  const fits = (scheme.kind === 'ecdsa') === (key.kind === 'ec');
  if (fits && (await holds(crypto, { certificate, key, scheme }))) return;
  const data = { subject: formatNameGo(certificate.subject), issuer: formatNameGo(issuer.subject) };
  throw new X509Error(
    'X509_SIGNATURE_INVALID',
    `signature on the certificate of ${data.subject} does not hold under the key of ${data.issuer}`,
    { data },
  );
}

interface SignatureParts {
  readonly certificate: Certificate;
  readonly key: NonNullable<Certificate['publicKey']>;
  readonly scheme: NonNullable<Certificate['signatureScheme']>;
}

async function holds(crypto: CryptoPort, parts: SignatureParts): Promise<boolean> {
  try {
    const { certificate, key, scheme } = parts;
    // what is merely true enough is no answer
    return (await crypto.verify(key, scheme, certificate.tbs, certificate.signature)) === true;
  } catch (cause) {
    // A modulus that is too short, or a key that only this provider does not take.
    if (cause instanceof CoreError && cause.code === 'KEY_INVALID')
      throw new X509Error('X509_KEY_UNSUPPORTED', `issuer key: ${cause.message}`, { cause });
    throw cause;
  }
}
