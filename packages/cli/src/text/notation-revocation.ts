import { Nv2Error } from '@nv2/core/errors';
import type { CertificateStatus, CrlCacheEvent, RevocationMethod } from '@nv2/notary';
import { type Certificate, formatNameGo } from '@nv2/x509';
import { systemError } from '../files.ts';
import type { LogLine } from '../log.ts';
import { formatGoString } from './go-time.ts';
import { causeWords } from './notation-causes.ts';
import { quote } from './quote.ts';

/** What the user hears once when the CRL cache is of no use, though it changes nothing. */
export const CACHE_WARNING =
  "CRL cache error discarded. Enable debug log through '-d' for error details.";

/** What notation says of its CRL cache. */
export function cacheWords(event: CrlCacheEvent): string {
  switch (event.event) {
    case 'reading':
      return `Retrieving crl bundle from file cache with key ${quote(event.url)} ...`;
    case 'missing':
      return `CRL file cache miss. Key ${quote(event.url)} does not exist`;
    case 'storing':
      return `Storing crl bundle to file cache with key ${quote(event.url)} ...`;
    case 'expired':
      return event.nextUpdate === undefined
        ? 'crl bundle retrieved from file cache does not contain valid NextUpdate'
        : `CRL bundle retrieved from file cache has expired at ${formatGoString(event.nextUpdate)}`;
    case 'read-failed':
      return `failed to get crl bundle from file cache with key ${quote(event.url)}: ${reason(event)}`;
    case 'write-failed':
      return `failed to store crl bundle in file cache: ${reason(event)}`;
    case 'silent':
      return `CRL cache did not answer in time with key ${quote(event.url)}`;
    case 'unusable':
      return `failed to create crl file cache: ${reason(event)}`;
  }
}

function reason(event: Extract<CrlCacheEvent, { readonly error: unknown }>): string {
  const { error, path } = event;
  if (error instanceof Nv2Error) return causeWords(error);
  return systemError(error, path, event.event === 'unusable' ? 'mkdir' : 'open').message;
}

/** What was found out about a chain, from its root to its leaf as in notation's log. */
export function statusLines(
  chain: readonly Certificate[],
  statuses: readonly CertificateStatus[],
): readonly LogLine[] {
  return statuses
    .flatMap((status, index) => {
      const certificate = chain[index];
      return certificate === undefined ? [] : [linesOf(status, certificate, index)];
    })
    .reverse()
    .flat();
}

function linesOf(
  status: CertificateStatus,
  certificate: Certificate,
  index: number,
): readonly LogLine[] {
  const subject = quote(formatNameGo(certificate.subject));
  const name = `Certificate #${index + 1} in chain with subject ${subject}`;
  if (status.status === 'not-revocable') return [];
  const questions = status.status === 'unknown' ? status.questions : (status.before ?? []);
  const fellBack =
    questions.some(({ method }) => method === 'ocsp') &&
    (status.status !== 'unknown' || questions.some(({ method }) => method === 'crl'));
  const lines: LogLine[] = questions.map(({ method, url, cause }) => ({
    // a CRL may still decide what OCSP did not
    level: fellBack && method === 'ocsp' ? 'debug' : 'error',
    text: `${name} ${failing(method, url)}: ${cause.message}`,
  }));
  if (fellBack) {
    lines.unshift({
      level: 'warning',
      text: `OCSP check failed with unknown error and fallback to CRL check for certificate #${index + 1} in chain with subject ${subject}`,
    });
  }
  if (status.status === 'revoked') {
    const { method, urls } = status;
    const text = `${name} ${failing(method, urls.join(', '))}: certificate is revoked via ${method.toUpperCase()}`;
    lines.push({ level: 'error', text });
  }
  return lines;
}

function failing(method: RevocationMethod, url: string): string {
  return `encountered an error for revocation method ${method.toUpperCase()} at URL ${quote(url)}`;
}
