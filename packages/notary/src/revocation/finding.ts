import type { Certificate, OcspFinding, RevocationFinding } from '@nv2/x509';
import type { Cause } from '../cause.ts';

/** How a certificate was asked about. */
export type RevocationMethod = 'ocsp' | 'crl';

/** One question that could not be decided. */
export interface UndecidedQuestion {
  readonly method: RevocationMethod;
  readonly url: string;
  readonly cause: Cause;
}

/** What is known about one certificate of a chain. */
export type CertificateStatus =
  | {
      /** It names no service that could be asked, and so cannot be revoked. */
      readonly status: 'not-revocable';
    }
  | {
      readonly status: 'good' | 'revoked';
      readonly method: RevocationMethod;
      /** Whose answer it is: of one responder, or of the CRLs of all distribution points. */
      readonly urls: readonly string[];
      /** What OCSP was asked before, where a CRL decided in its place. */
      readonly before?: readonly UndecidedQuestion[];
      readonly finding: RevocationFinding | OcspFinding;
    }
  | { readonly status: 'unknown'; readonly questions: readonly UndecidedQuestion[] };

/** When a chain is judged. */
export interface RevocationTime {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The authentic signing time, where there is one: what was revoked later may still be good. */
  readonly signingTime?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks about every certificate of a chain, leaf first; the root vouches for itself and is left out.
 * Never throws for what a service does or says: that is a status.
 */
export type RevocationChecker = (
  chain: readonly Certificate[],
  when: RevocationTime,
) => Promise<readonly CertificateStatus[]>;
