import {
  type Certificate,
  type CertificateRevocationList,
  type CrlBundle,
  checkCrls,
  MAX_CRL_BYTES,
  parseCrl,
} from '@nv2/x509';
import { askService, isServiceError } from '../ask-service.ts';
import { causeOf } from '../cause.ts';
import { type AskContext, timeFor } from './ask-context.ts';
import type { CertificateStatus, RevocationTime } from './finding.ts';

const TIMEOUT_MS = 5000;

/** The status of a certificate by the CRLs that it names: every one must be had. */
export async function askCrl(
  pair: { readonly certificate: Certificate; readonly issuer: Certificate },
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const bundles: CrlBundle[] = [];
  const urls = pair.certificate.crlDistributionPoints;
  for (const url of urls) {
    try {
      bundles.push(await bundleOf(url, when, context));
    } catch (error) {
      if (!isServiceError(error)) throw error;
      return { status: 'unknown', questions: [{ method: 'crl', url, cause: causeOf(error) }] };
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
  if (finding.status !== 'unknown') return { status: finding.status, method: 'crl', finding };
  const cause = causeOf(finding.why);
  return { status: 'unknown', questions: urls.map((url) => ({ method: 'crl', url, cause })) };
}

async function bundleOf(
  url: string,
  when: RevocationTime,
  context: AskContext,
): Promise<CrlBundle> {
  const kept = await fromCache(url, when, context);
  if (kept !== undefined) return kept;
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
  for (const url of urls) {
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
async function fromCache(
  url: string,
  { at }: RevocationTime,
  { crlCache }: AskContext,
): Promise<CrlBundle | undefined> {
  const kept = await crlCache?.get(url);
  if (kept === undefined) return undefined;
  try {
    const base = parseCrl(kept.base);
    const delta = kept.delta && parseCrl(kept.delta);
    const fresh = [base, ...(delta ? [delta] : [])].every(
      ({ nextUpdate, thisUpdate }) =>
        nextUpdate !== undefined && at <= nextUpdate && thisUpdate <= at,
    );
    return fresh ? { base, ...(delta && { delta }) } : undefined;
  } catch (error) {
    if (isServiceError(error)) return undefined;
    throw error;
  }
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
