import { type CryptoPort, counted, type Nv2Error } from '@nv2/core';
import {
  formatNameGo,
  type IssuedCertificate,
  type OcspFinding,
  type RevocationFinding,
} from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import type { OfflineAnswers, RevocationMethod, RevocationTime } from './finding.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { Revocation } from './revoked-for-good.ts';

/** More answers of one kind about a certificate are not looked through; a list with a delta is one. */
const MAX_ABOUT = 256;

/** By what kept answers are judged. */
export interface OfflineContext extends OfflineAnswers {
  readonly kept: KeptAnswers;
  readonly crypto?: CryptoPort | undefined;
}

/** What one kept answer says of a certificate. */
export interface Said {
  readonly method: RevocationMethod;
  readonly file: string;
  readonly finding: OcspFinding | RevocationFinding;
  /** Why a `good` does not count. */
  readonly doubt?: Nv2Error | undefined;
  /** Set where it may be a revocation, and is not understood. */
  readonly isObscure?: boolean;
}

export function isRevocation({ finding }: Said): boolean {
  return finding.status === 'revoked';
}

export function isGood({ finding, doubt }: Said): boolean {
  return finding.status === 'good' && doubt === undefined;
}

export function isObscure(said: Said): boolean {
  return said.isObscure === true;
}

/** That an answer revokes, or may do so. */
export function revocation(method: RevocationMethod, file: string, finding: Revocation): Said {
  return { method, file, finding, isObscure: finding.status === 'unknown' };
}

/** What an answer is asked. */
export function question(
  pair: IssuedCertificate,
  { at, signingTime }: RevocationTime,
  { crypto }: OfflineContext,
): IssuedCertificate & {
  readonly at: number;
  readonly signingTime?: number;
  readonly crypto?: CryptoPort;
} {
  return {
    ...pair,
    at,
    ...(signingTime !== undefined && { signingTime }),
    ...(crypto && { crypto }),
  };
}

/** Why an answer of that time does not count, if the policy asks for a younger one. */
export function tooOld(
  thisUpdate: number,
  { at }: RevocationTime,
  { file, context }: { readonly file: string; readonly context: OfflineContext },
): NotaryError | undefined {
  const { maxAgeSeconds } = context;
  // put so that a time that is no number fails as well
  if (at - thisUpdate <= maxAgeSeconds * 1000) return undefined;
  const age = Math.ceil((at - thisUpdate) / 1000);
  return new NotaryError(
    'NOTARY_REVOCATION_OFFLINE_TOO_OLD',
    `the answer in ${file} is ${counted(age, 'second')} old, and the policy allows ${maxAgeSeconds}`,
    { data: { path: file, thisUpdate, maxAgeSeconds }, hint: 'put a newer one in its place' },
  );
}

/** @throws NotaryError `NOTARY_REVOCATION_OFFLINE_UNREADABLE` */
export function assertNotTooMany(
  answers: readonly unknown[],
  { certificate }: IssuedCertificate,
  { directory }: OfflineContext,
): void {
  if (answers.length <= MAX_ABOUT) return;
  const subject = formatNameGo(certificate.subject);
  throw new NotaryError(
    'NOTARY_REVOCATION_OFFLINE_UNREADABLE',
    `${directory} has more than ${MAX_ABOUT} answers of one kind that may be about "${subject}"`,
    { data: { path: directory, subject }, hint: 'keep the newest answers alone' },
  );
}
