import {
  type CertificateRevocationList,
  type CrlBundle,
  checkCrls,
  type IssuedCertificate,
  MAX_CRL_BYTES,
  parseCrl,
} from '@nv2/x509';
import { askService, isServiceError } from '../ask-service.ts';
import { causeOf } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import { type AskContext, MAX_SERVICES, timeFor } from './ask-context.ts';
import type { CrlBundleBytes, CrlCache } from './crl-cache.ts';
import type { CertificateStatus, RevocationTime, UndecidedQuestion } from './finding.ts';

const TIMEOUT_MS = 5000;

/**
 * The status of a certificate by the CRLs that it names: every one must be had, unless one before it
 * says that it was revoked.
 */
export async function askCrl(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const { crlCache } = context;
  if (crlCache === undefined) return await ask(pair, when, context);
  let isKept = false;
  const get: CrlCache['get'] = async (url) => {
    const kept = await passingOver(() => crlCache.get(url));
    isKept ||= kept !== undefined;
    return kept;
  };
  const set: CrlCache['set'] = (url, bundle) => passingOver(() => crlCache.set(url, bundle));
  const status = await ask(pair, when, { ...context, crlCache: { get, set } });
  if (status.status !== 'unknown' || !isKept) return status;
  // whatever was kept: it does not stand in the way of what can be had
  const empty = { get: (): Promise<undefined> => Promise.resolve(undefined), set };
  return await ask(pair, when, { ...context, crlCache: empty });
}

/** What a cache does; a cache tells of its failures itself, and none changes a verdict. */
async function passingOver<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch {
    return undefined;
  }
}

async function ask(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const bundles: CrlBundle[] = [];
  let missing: UndecidedQuestion | undefined;
  const urls = pair.certificate.crlDistributionPoints;
  for (const url of urls) {
    try {
      assertNotTooMany(url, urls.length);
      bundles.push(await bundleOf(url, when, context));
    } catch (error) {
      if (!isServiceError(error)) throw error;
      missing = { method: 'crl', url, cause: causeOf(error) };
      break;
    }
  }
  const { at, signingTime } = when;
  const finding = await checkCrls({
    ...pair,
    at,
    bundles,
    ...(signingTime !== undefined && { signingTime }),
    ...(context.crypto && { crypto: context.crypto }),
  });
  if (finding.status === 'revoked') return { status: 'revoked', method: 'crl', urls, finding };
  if (missing !== undefined) return { status: 'unknown', questions: [missing] };
  if (finding.status === 'good') return { status: 'good', method: 'crl', urls, finding };
  const cause = causeOf(finding.why);
  return { status: 'unknown', questions: urls.map((url) => ({ method: 'crl', url, cause })) };
}

function assertNotTooMany(url: string, count: number): void {
  if (count <= MAX_SERVICES) return;
  throw new NotaryError(
    'NOTARY_REVOCATION_SERVICE',
    `the revocation service ${url} was not asked: the certificate names ${count} CRLs, at most ${MAX_SERVICES} are fetched`,
    { data: { url, problem: 'too-many', count } },
  );
}

async function bundleOf(
  url: string,
  when: RevocationTime,
  context: AskContext,
): Promise<CrlBundle> {
  const kept = await context.crlCache?.get(url);
  const usable = kept && decodeFresh(url, kept, { when, log: context.log });
  if (usable !== undefined) return usable;
  const base = await fetchCrl(url, when, context);
  const delta = await fetchDelta(base.crl.freshestCrls, when, context);
  await context.crlCache?.set(url, { base: base.der, ...(delta && { delta: delta.der }) });
  return { base: base.crl, ...(delta && { delta: delta.crl }) };
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

/** What is kept, unless it has expired or cannot be read: then it is fetched anew. */
function decodeFresh(
  url: string,
  kept: CrlBundleBytes,
  { when, log }: { readonly when: RevocationTime; readonly log: AskContext['log'] },
): CrlBundle | undefined {
  try {
    const base = parseCrl(kept.base);
    const delta = kept.delta && parseCrl(kept.delta);
    const stale = [base, ...(delta ? [delta] : [])].find((crl) => !isFresh(crl, when.at));
    if (stale === undefined) return { base, ...(delta && { delta }) };
    log?.({ event: 'expired', url, nextUpdate: stale.nextUpdate });
    return undefined;
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
  { signal }: RevocationTime,
  context: AskContext,
): Promise<FetchedCrl> {
  const limits = { maxBytes: MAX_CRL_BYTES, timeoutMs: timeFor(url, TIMEOUT_MS, context) };
  const der = await askService(context.client, {
    service: 'revocation',
    url,
    method: 'GET',
    ...limits,
    signal,
  });
  return { der, crl: parseCrl(der) };
}
