import type { CryptoPort } from '@nv2/core';
import type { HttpClient } from '@nv2/http';
import { NotaryError } from '../errors.ts';
import type { CrlCache, CrlCacheLog } from './crl-cache.ts';

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
export function timeFor(url: string, maxMs: number, { remainingMs }: AskContext): number {
  const left = remainingMs();
  if (left > 0) return Math.min(maxMs, left);
  throw new NotaryError(
    'NOTARY_REVOCATION_SERVICE',
    `the revocation service ${url} was not asked, for want of time after those before it`,
    { data: { url, problem: 'budget' } },
  );
}
