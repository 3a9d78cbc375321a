import { type Clock, createHttpClient, type HttpClient, systemClock } from '@nv2/http';
import type { Certificate } from '@nv2/x509';
import type { AskContext } from './ask-context.ts';
import { cacheInTime } from './cache-in-time.ts';
import type { CertificateStatus, RevocationChecker, RevocationTime } from './finding.ts';

/** Options of {@link onlineRevocation}; the client has no credentials to give away. */
export interface OnlineRevocationOptions extends Omit<AskContext, 'remainingMs' | 'client'> {
  /** Default: one over the system's connections, without proxies. */
  readonly client?: HttpClient;
  /** For all questions about one chain together, in milliseconds. Default 30,000. */
  readonly budgetMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const DEFAULT_BUDGET_MS = 30_000;

/**
 * Asks the services that certificates name, all certificates at the same time: OCSP first, and CRLs
 * where OCSP does not decide or there is none. Whoever made a certificate chose how many services it
 * names; those that the time does not suffice for count as undecided.
 * @see specifications trust-store-trust-policy.md "Certificate Revocation Evaluation"
 */
export function onlineRevocation(options: OnlineRevocationOptions = {}): RevocationChecker {
  const { budgetMs = DEFAULT_BUDGET_MS, clock = systemClock, crlCache, log } = options;
  const client = options.client ?? createHttpClient();
  return async (chain, when) => {
    const end = clock.elapsed() + budgetMs;
    const remainingMs = (): number => end - clock.elapsed();
    const { signal } = when;
    const context: AskContext = {
      ...options,
      client,
      remainingMs,
      crlCache: crlCache && cacheInTime(crlCache, { clock, signal, remainingMs, log }),
    };
    const asked = chain.slice(0, -1).map((certificate, index) => {
      const issuer = chain[index + 1];
      if (issuer === undefined) throw new TypeError('a certificate without an issuer');
      return statusOf({ certificate, issuer }, when, context);
    });
    return await Promise.all(asked);
  };
}

// loaded for certificates that name services: many chains name none
const crl = async (): Promise<typeof import('./ask-crl.ts')> => await import('./ask-crl.ts');

async function statusOf(
  pair: { readonly certificate: Certificate; readonly issuer: Certificate },
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const { ocspResponders, crlDistributionPoints } = pair.certificate;
  const hasCrl = crlDistributionPoints.length > 0;
  if (ocspResponders.length === 0) {
    if (!hasCrl) return { status: 'not-revocable' };
    return await (await crl()).askCrl(pair, when, context);
  }
  const { askOcsp } = await import('./ask-ocsp.ts');
  const byOcsp = await askOcsp(pair, when, context);
  if (byOcsp.status !== 'unknown' || !hasCrl) return byOcsp;
  const byCrl = await (await crl()).askCrl(pair, when, context);
  const before = byOcsp.questions;
  if (byCrl.status === 'unknown') {
    return { status: 'unknown', questions: [...before, ...byCrl.questions] };
  }
  return byCrl.status === 'not-revocable' ? byCrl : { ...byCrl, before };
}
