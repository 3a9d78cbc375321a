import type { Certificate, OcspFinding, RevocationFinding } from '@nv2/x509';
import type { Cause } from '../cause.ts';
import type { ServiceFailure } from './service-failure.ts';

/** How a certificate was asked about. */
export type RevocationMethod = 'ocsp' | 'crl';

/** One question that could not be decided. */
export interface UndecidedQuestion {
  readonly method: RevocationMethod;
  /** Of the service; of an answer that is kept, the path of its file. */
  readonly url: string;
  readonly cause: Cause;
  /** Given only if there was no answer at all: what a statement may let pass, where it names it. */
  readonly failure?: ServiceFailure;
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
      /**
       * Whose answer it is: of one responder, or of the CRLs of all distribution points; of answers that
       * are kept, the paths of their files.
       */
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
  /** How long one question may take. Default: 2 s for OCSP, 5 s for a CRL. */
  readonly timeoutMs?: number;
  /**
   * Ask every service also after one that gave no answer: the caller may let that pass, and must hear
   * of a revocation that another one knows. Default false.
   */
  readonly exhaustive?: boolean;
}

/**
 * Asks about every certificate of a chain, leaf first; the root vouches for itself and is left out.
 * Never throws for what a service does or says: that is a status.
 */
export type RevocationChecker = (
  chain: readonly Certificate[],
  when: RevocationTime,
) => Promise<readonly CertificateStatus[]>;

/** Answers that are kept in a directory, and how old they may be. */
export interface OfflineAnswers {
  /** Path of the directory. */
  readonly directory: string;
  /** By `thisUpdate` of an answer that says good. */
  readonly maxAgeSeconds: number;
}

/** Answers by directories; no service is asked. */
export interface OfflineRevocation {
  /**
   * Throws, other than {@link RevocationChecker} does, if the directory cannot be read whole:
   * NotaryError `NOTARY_REVOCATION_OFFLINE_UNREADABLE`.
   */
  readonly checker: (kept: OfflineAnswers) => RevocationChecker;
  /**
   * What the directory holds.
   * @throws NotaryError `NOTARY_REVOCATION_OFFLINE_UNREADABLE`
   */
  readonly summary: (directory: string) => Promise<{
    /** `sha256:…` of all of it. */
    readonly digest: string;
    /** How many CRLs and OCSP responses. */
    readonly answers: number;
  }>;
}
