import type { CryptoPort, Nv2Error } from '@nv2/core';
import type { HttpClient } from '@nv2/http';
import { causeOf } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import type { CrlCache, CrlCacheLog } from './crl-cache.ts';
import type { RevocationMethod, UndecidedQuestion } from './finding.ts';
import { serviceFailure } from './service-failure.ts';

/**
 * Services of one kind that are asked about one certificate. Whoever made it chose how many it names,
 * and where; those in use name one to three.
 */
export const MAX_SERVICES = 8;

/** What asking about one chain needs. */
export interface AskContext {
  readonly client: HttpClient;
  readonly crlCache?: CrlCache | undefined;
  /** Is told when what the cache has is out of date. */
  readonly log?: CrlCacheLog | undefined;
  readonly crypto?: CryptoPort | undefined;
  /** What is left of the time for all questions about the chain. */
  readonly remainingMs: () => number;
}

/**
 * How long one question may take: as long as its kind may, or what is left for all of them.
 * @throws NotaryError `NOTARY_REVOCATION_SERVICE` if that is nothing
 */
export function timeFor(
  url: string,
  maxMs: number,
  { remainingMs }: Pick<AskContext, 'remainingMs'>,
): number {
  const left = remainingMs();
  if (left > 0) return Math.min(maxMs, left);
  throw new NotaryError(
    'NOTARY_REVOCATION_SERVICE',
    `the revocation service ${url} was not asked, for want of time after those before it`,
    { data: { url, problem: 'budget' } },
  );
}

/** That an error left a question open, and whether there was no answer at all. */
export function undecidedBy(
  method: RevocationMethod,
  url: string,
  error: Nv2Error,
): UndecidedQuestion {
  const failure = serviceFailure(error);
  return { method, url, cause: causeOf(error), ...(failure !== undefined && { failure }) };
}

/** Why services beyond {@link MAX_SERVICES} are not asked; `what` names their kind in the plural. */
export function notAsked(url: string, count: number, what: string): NotaryError {
  return new NotaryError(
    'NOTARY_REVOCATION_SERVICE',
    `the revocation service ${url} was not asked: the certificate names ${count} ${what}, at most ${MAX_SERVICES} are asked`,
    { data: { url, problem: 'too-many', count } },
  );
}
