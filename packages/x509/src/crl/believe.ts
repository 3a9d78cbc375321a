import { equalBytes } from '@nv2/core';
import { X509Error } from '../errors.ts';
import { assertMessageSignedBy } from '../message-signature.ts';
import { formatNameGo } from '../name-format.ts';
import type { CertificateRevocationList } from './crl.ts';
import { assertUnderstood } from './crl-scope.ts';
import { DEFAULT_CLOCK_SKEW_MS, type RevocationQuestion } from './finding.ts';

/** From when and until when a list holds, in milliseconds since the epoch. */
export interface Updates {
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/** That the issuer given is by name the one of the certificate, and may sign CRLs. */
export function assertIssuer({ certificate, issuer }: RevocationQuestion): void {
  const subject = formatNameGo(issuer.subject);
  if (!equalBytes(certificate.issuer.der, issuer.subject.der))
    refuseIssuer(`"${subject}" is not the issuer of the certificate`, subject);
  if (issuer.basicConstraints?.ca !== true) refuseIssuer(`"${subject}" is not a CA`, subject);
  // RFC 5280 6.3.3 (f)
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('cRLSign'))
    refuseIssuer(`key usage of "${subject}" lacks cRLSign`, subject);
}

function refuseIssuer(reason: string, issuer: string): never {
  throw new X509Error('X509_CRL_ISSUER', `CRL: ${reason}`, { data: { issuer } });
}

/** That a list is by the issuer, understood and fresh, whatever it is about. */
export async function assertBelievable(
  crl: CertificateRevocationList,
  question: RevocationQuestion,
): Promise<Updates> {
  const { issuer, crypto } = question;
  // RFC 5280 6.3.3 (b) (1)
  if (!equalBytes(crl.issuer.der, issuer.subject.der)) {
    const [expected, name] = [issuer.subject, crl.issuer].map(formatNameGo);
    const how = name === expected ? 'the name encoded differently' : `one by "${name}"`;
    refuseIssuer(`expected one by "${expected}", got ${how}`, formatNameGo(crl.issuer));
  }
  // RFC 5280 6.3.3 (g), (h)
  await assertMessageSignedBy(crl, issuer, { what: 'CRL', code: 'X509_CRL_SIGNATURE', crypto });
  assertUnderstood(crl);
  return assertFresh(crl, question);
}

/** RFC 5280 6.3.3 (a): at the very moment of `nextUpdate` the list still holds. */
function assertFresh(crl: CertificateRevocationList, question: RevocationQuestion): Updates {
  const { at, clockSkewMs = DEFAULT_CLOCK_SKEW_MS } = question;
  const { thisUpdate, nextUpdate } = crl;
  const data = { at, thisUpdate, nextUpdate };
  // put so that a time that is no number fails as well
  if (!(thisUpdate <= at + clockSkewMs))
    throw new X509Error(
      'X509_CRL_NOT_YET_VALID',
      `CRL was issued at ${isoTime(thisUpdate)}, after ${isoTime(at)}`,
      { data },
    );
  if (nextUpdate === undefined)
    throw new X509Error('X509_CRL_NO_NEXT_UPDATE', 'CRL has no next update', { data });
  if (!(at <= nextUpdate))
    throw new X509Error(
      'X509_CRL_EXPIRED',
      `CRL expired at ${isoTime(nextUpdate)}, before ${isoTime(at)}`,
      { data },
    );
  return { thisUpdate, nextUpdate };
}

/** ECMA-262 21.4.1.1: no date is farther from the epoch. */
const MAX_TIME = 8.64e15;

function isoTime(at: number): string {
  return Math.abs(at) <= MAX_TIME ? new Date(at).toISOString() : `${at}`;
}
