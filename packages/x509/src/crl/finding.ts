import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import type { CryptoOptions } from '../signature.ts';

/** Why a certificate is revoked, by the number of the CRLReason (RFC 5280 5.3.1). */
export const REVOCATION_REASONS: ReadonlyMap<number, RevocationReason> = new Map([
  [0, 'unspecified'],
  [1, 'keyCompromise'],
  [2, 'cACompromise'],
  [3, 'affiliationChanged'],
  [4, 'superseded'],
  [5, 'cessationOfOperation'],
  [6, 'certificateHold'],
  [8, 'removeFromCRL'],
  [9, 'privilegeWithdrawn'],
  [10, 'aACompromise'],
]);

/** A CRLReason by its name in RFC 5280 5.3.1; `unrecognized` is any number beyond those. */
export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'cACompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'removeFromCRL'
  | 'privilegeWithdrawn'
  | 'aACompromise'
  | 'unrecognized';

/** Whose revocation is asked about, and when. Times in milliseconds since the epoch. */
export interface RevocationQuestion extends CryptoOptions {
  readonly certificate: Certificate;
  /** The certificate that issued it: validated by the caller, and the only one believed here. */
  readonly issuer: Certificate;
  /** The time at which the answer must be fresh: now. */
  readonly at: number;
  /** When the signature was made, if that is proven: what became invalid later does not count. */
  readonly signingTime?: number | undefined;
  /** How far in the future `thisUpdate` may lie; default {@link DEFAULT_CLOCK_SKEW_MS}. */
  readonly clockSkewMs?: number | undefined;
}

/** The certificate is not revoked, says who may say so. Times in milliseconds since the epoch. */
export interface GoodFinding {
  readonly status: 'good';
  readonly thisUpdate: number;
  /** Until when the answer may be used. */
  readonly nextUpdate: number;
  /** Given if the certificate is revoked, but its key was sound until then, after the signing. */
  readonly invalidityDate?: number;
}

/** The certificate is revoked or on hold. Times in milliseconds since the epoch. */
export interface RevokedFinding {
  readonly status: 'revoked';
  readonly reason: RevocationReason;
  readonly revokedAt: number;
  /** Since when the key must be taken for compromised, if that is said. */
  readonly invalidityDate?: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/**
 * It could not be decided. `why.code` tells the reason; an `untrusted` kind means that an answer was
 * there and must not be believed. Whether this is fatal is for the trust policy to say.
 */
export interface UnknownFinding {
  readonly status: 'unknown';
  readonly why: X509Error;
}

/** What is known about the revocation of one certificate. */
export type RevocationFinding = GoodFinding | RevokedFinding | UnknownFinding;

/** Whether a reason says a certificate is on hold, or no longer, rather than revoked for good (RFC 5280 5.3.1). */
export function isPassing({ reason }: { readonly reason?: RevocationReason | undefined }): boolean {
  return reason === 'certificateHold' || reason === 'removeFromCRL';
}

/** Whether a certificate was revoked, and is not merely on hold, which may end (RFC 5280 5.3.1). */
export function isForGood<Finding extends RevocationFinding>(
  finding: Finding,
): finding is Extract<Finding, RevokedFinding> {
  return finding.status === 'revoked' && !isPassing(finding);
}

/** How far ahead of ours the clock of an authority may be. */
export const DEFAULT_CLOCK_SKEW_MS: number = 5 * 60 * 1000;

/** The finding that a check comes to; what it throws of this package becomes `unknown`. */
export async function orUnknown<Finding>(
  check: () => Promise<Finding>,
): Promise<Finding | UnknownFinding> {
  try {
    return await check();
  } catch (why) {
    if (why instanceof X509Error) return { status: 'unknown', why };
    throw why;
  }
}
