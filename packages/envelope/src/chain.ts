import { type CryptoPort, Nv2Error } from '@nv2/core';
import { type Certificate, parseCertificateChain, parseKnownChain } from '@nv2/x509';
import { EnvelopeError } from './errors.ts';
import { ENVELOPE_LIMITS } from './limits.ts';

/**
 * A chain of this many certificates is read.
 * @throws EnvelopeError `ENVELOPE_LIMIT_EXCEEDED`
 */
export function assertChainLength(length: number): void {
  const { maxChainCertificates } = ENVELOPE_LIMITS;
  if (length > maxChainCertificates) {
    throw new EnvelopeError(
      'ENVELOPE_LIMIT_EXCEEDED',
      `the certificate chain has ${length} certificates, at most ${maxChainCertificates} are read`,
      { data: { certificates: length, maxChainCertificates } },
    );
  }
}

/**
 * Parses the certificates of an envelope, which holds at least one.
 * @param crypto with which the chain is to be verified; absent: it is not
 * @throws EnvelopeError `ENVELOPE_CHAIN_INVALID`, `data.index` counts from the leaf
 */
export function parseChain(
  certificates: readonly Uint8Array[],
  crypto?: CryptoPort,
): {
  readonly leaf: Certificate;
  readonly certificates: readonly Certificate[];
} {
  const parsed = parse(certificates, crypto);
  const leaf = parsed[0];
  if (leaf === undefined) {
    throw new EnvelopeError('ENVELOPE_CHAIN_INVALID', 'the certificate chain is empty');
  }
  return { leaf, certificates: parsed };
}

function parse(
  certificates: readonly Uint8Array[],
  crypto: CryptoPort | undefined,
): readonly Certificate[] {
  try {
    // what is for showing is the caller's alone
    if (crypto === undefined) return parseCertificateChain(certificates);
    return parseKnownChain(certificates, crypto);
  } catch (cause) {
    throw asChainError(cause);
  }
}

/**
 * The result of a check on a chain or its keys.
 * @throws EnvelopeError `ENVELOPE_CHAIN_INVALID`, whose cause says what does not hold
 */
export async function withChainErrors<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (cause) {
    throw asChainError(cause);
  }
}

/** An error of certificate parsing or path validation as one of the envelope; others unchanged. */
function asChainError(cause: unknown): unknown {
  // a defect or a missing algorithm of ours says nothing about the chain
  if (!(cause instanceof Nv2Error) || cause.kind === 'internal') return cause;
  return new EnvelopeError('ENVELOPE_CHAIN_INVALID', `certificate chain: ${cause.message}`, {
    cause,
    hint: cause.hint,
    data: { ...cause.data, reason: cause.code },
  });
}
