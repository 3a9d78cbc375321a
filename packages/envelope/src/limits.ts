import { MAX_CHAIN_CERTIFICATES } from '@nv2/x509';

/** What an envelope may be at most; more is refused with `ENVELOPE_LIMIT_EXCEEDED`. */
export interface EnvelopeLimits {
  /** Bytes of the whole envelope. */
  readonly maxEnvelopeBytes: number;
  /** Certificates in the chain, each of which costs a signature verification. */
  readonly maxChainCertificates: number;
  /** Parameters in the protected, and likewise in the unprotected, header. */
  readonly maxHeaderParameters: number;
  /** Nesting of arrays, maps and tags inside an envelope, a header or a payload. */
  readonly maxNestingLevels: number;
  /** Elements and members of all arrays and maps in an envelope, a header or a payload. */
  readonly maxItems: number;
  /** Bytes of a Notary Project payload. */
  readonly maxPayloadBytes: number;
}

/** The limits in force; none can be changed from outside. */
export const ENVELOPE_LIMITS: EnvelopeLimits = {
  // the limit that the reference has for a signature blob
  maxEnvelopeBytes: 32 * 1024 * 1024,
  maxChainCertificates: MAX_CHAIN_CERTIFICATES,
  maxHeaderParameters: 64,
  maxNestingLevels: 16,
  // annotations come by the hundred at most
  maxItems: 10_000,
  // what registries accept for the manifest that a payload names
  maxPayloadBytes: 4 * 1024 * 1024,
};
