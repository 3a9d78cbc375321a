/** What an envelope may be at most; more is refused with `ENVELOPE_LIMIT_EXCEEDED`. */
export const ENVELOPE_LIMITS = {
  /** Bytes of the whole envelope. The limit that the reference has for a signature blob. */
  maxEnvelopeBytes: 33_554_432,
  /**
   * Certificates in the chain. Each costs a signature verification; chains in use have two to
   * four, and no public hierarchy comes near this.
   */
  maxChainCertificates: 16,
  /** Parameters in the protected, and likewise in the unprotected, header. */
  maxHeaderParameters: 64,
  /** Nesting of arrays and maps inside a header or a payload. */
  maxNestingLevels: 16,
  /** Bytes of a Notary Project payload, the limit that registries have for the manifest it names. */
  maxPayloadBytes: 4_194_304,
} as const;
