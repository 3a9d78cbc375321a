import { type CertificateRevocationList, type CrlBundle, MAX_CRL_BYTES, parseCrl } from '@nv2/x509';
import { askService, isServiceError } from '../ask-service.ts';
import { causeOf } from '../cause.ts';
import { type AskContext, MAX_SERVICES, timeFor, undecidedBy } from './ask-context.ts';
import type { CrlBundleBytes } from './crl-cache.ts';
import type { RevocationTime, UndecidedQuestion } from './finding.ts';

const TIMEOUT_MS = 5000;

/** What fetching a list needs: a cache is read alone. */
export interface CrlContext extends Omit<AskContext, 'crlCache'> {
  /** The list of a URL that is kept, if there is one and it can be read. */
  readonly kept?: (url: string) => Promise<CrlBundle | undefined>;
  /** What came of the services that were asked, by URL: none is asked twice. */
  readonly answers: Map<string, HadBundle | UndecidedQuestion>;
}

/** A list with its delta; nothing of it is verified. */
export interface HadBundle {
  readonly url: string;
  readonly bundle: CrlBundle;
  /** As it was fetched; absent of one that was kept. */
  readonly fetched?: CrlBundleBytes;
}

/** The list at a URL with its delta, kept or fetched, or why it could not be had. */
export async function bundleOf(
  url: string,
  when: RevocationTime,
  context: CrlContext,
): Promise<HadBundle | UndecidedQuestion> {
  const kept = await context.kept?.(url);
  if (kept !== undefined && isUsable(url, kept, { when, log: context.log })) {
    return { url, bundle: kept };
  }
  const answer = context.answers.get(url) ?? (await fetchBundle(url, when, context));
  context.answers.set(url, answer);
  return answer;
}

async function fetchBundle(
  url: string,
  when: RevocationTime,
  context: AskContext,
): Promise<HadBundle | UndecidedQuestion> {
  let base: FetchedCrl;
  try {
    base = await fetchCrl(url, when, context);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    return undecidedBy('crl', url, error);
  }
  try {
    const delta = await fetchDelta(base.crl.freshestCrls, when, context);
    return {
      url,
      bundle: { base: base.crl, ...(delta && { delta: delta.crl }) },
      fetched: { base: base.der, ...(delta && { delta: delta.der }) },
    };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    // there is an answer, of which a part is missing: no failure that may be passed over
    return { method: 'crl', url, cause: causeOf(error) };
  }
}

/** The first delta CRL that can be had, where the base names any (RFC 5280 5.2.6). */
async function fetchDelta(
  urls: readonly string[],
  when: RevocationTime,
  context: AskContext,
): Promise<FetchedCrl | undefined> {
  let failure: unknown;
  for (const url of urls.slice(0, MAX_SERVICES)) {
    try {
      return await fetchCrl(url, when, context);
    } catch (error) {
      if (!isServiceError(error)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** Whether what is kept has not expired: else it is fetched anew. */
function isUsable(
  url: string,
  { base, delta }: CrlBundle,
  { when, log }: { readonly when: RevocationTime; readonly log: AskContext['log'] },
): boolean {
  const stale = [base, ...(delta ? [delta] : [])].find((crl) => !isFresh(crl, when.at));
  if (stale === undefined) return true;
  log?.({ event: 'expired', url, nextUpdate: stale.nextUpdate });
  return false;
}

/** What is kept, if it can be read. */
export function decodeBundle(kept: CrlBundleBytes): CrlBundle | undefined {
  try {
    const base = parseCrl(kept.base);
    return { base, ...(kept.delta && { delta: parseCrl(kept.delta) }) };
  } catch {
    return undefined;
  }
}

function isFresh({ thisUpdate, nextUpdate }: CertificateRevocationList, at: number): boolean {
  return nextUpdate !== undefined && at <= nextUpdate && thisUpdate <= at;
}

interface FetchedCrl {
  readonly der: Uint8Array;
  readonly crl: CertificateRevocationList;
}

async function fetchCrl(
  url: string,
  { signal, timeoutMs = TIMEOUT_MS }: RevocationTime,
  context: AskContext,
): Promise<FetchedCrl> {
  const limits = { maxBytes: MAX_CRL_BYTES, timeoutMs: timeFor(url, timeoutMs, context) };
  const der = await askService(context.client, {
    service: 'revocation',
    url,
    method: 'GET',
    ...limits,
    signal,
  });
  return { der, crl: parseCrl(der) };
}
