import { encodeHex } from '@nv2/core';
import {
  type BasicOcspResponse,
  type CertificateRevocationList,
  type CheckOcspOptions,
  checkListed,
  checkOcspResponse,
  DEFAULT_CLOCK_SKEW_MS,
  isAnswerAbout,
  isForGood,
  type OcspResponse,
  type RevocationQuestion,
  type RevokedFinding,
  type SingleOcspResponse,
  type UnknownFinding,
  X509Error,
} from '@nv2/x509';

/** That a certificate was revoked; or, `unknown`, that an answer says so which is not understood. */
export type Revocation = RevokedFinding | UnknownFinding;

/**
 * The revocation that a CRL, base or delta, tells of by itself, see `checkListed`. Neither that it has
 * expired nor that its delta is missing undoes it, but a hold counts no longer than its CRL.
 */
export async function revocationByList(
  crl: CertificateRevocationList,
  question: RevocationQuestion,
): Promise<Revocation | undefined> {
  const { at } = question;
  const { nextUpdate = Number.NEGATIVE_INFINITY } = crl;
  const finding = await checkListed({ ...crl, nextUpdate: Math.max(nextUpdate, at) }, question);
  if (finding === undefined) return undefined;
  if (finding.status === 'unknown') return isNotUnderstood(finding) ? finding : undefined;
  return isForGood(finding) || at <= nextUpdate ? finding : undefined;
}

type OcspQuestion = Omit<CheckOcspOptions, 'response'>;

/**
 * The revocation that an OCSP response tells of: now, or for good by one of its single responses that
 * was to be believed when it was made.
 */
export async function revocationByResponse(
  response: OcspResponse,
  question: OcspQuestion,
): Promise<Revocation | undefined> {
  const { basic } = response;
  if (basic === undefined) return undefined;
  const revoking = basic.responses.filter(({ status }) => status.kind === 'revoked');
  if (revoking.length === 0) return undefined;
  const current = await checkOcspResponse({ ...question, response });
  if (current.status === 'revoked') return current;
  let obscure: Revocation | undefined;
  for (const single of revoking) {
    const responses = [lasting(single, question.at)];
    const alone = { ...response, basic: { ...basic, responses } };
    const found = await revocationBySingle(single, alone, question);
    if (found?.status === 'revoked') return found;
    obscure ??= found;
  }
  return obscure;
}

/** RFC 6960 4.2.2.1: without `nextUpdate` newer information is always available, and no revocation undone. */
function lasting(single: SingleOcspResponse, at: number): SingleOcspResponse {
  return { ...single, nextUpdate: Math.max(single.nextUpdate ?? at, at) };
}

async function revocationBySingle(
  { certId, thisUpdate }: SingleOcspResponse,
  alone: OcspResponse & { readonly basic: BasicOcspResponse },
  question: OcspQuestion,
): Promise<Revocation | undefined> {
  const { certificate, issuer, crypto } = question;
  if (encodeHex(certId.serialNumber) !== encodeHex(certificate.serialNumber)) return undefined;
  // who hashes the issuer in a way that is not known may mean this one
  const isOther =
    certId.hash !== undefined &&
    !(await isAnswerAbout(alone, { certificate, issuer, ...(crypto && { crypto }) }));
  if (isOther) return undefined;
  let obscure: Revocation | undefined;
  // the certificate of a responder may be younger than what it tells of, and expired by now
  for (const time of new Set([thisUpdate, alone.basic.producedAt, question.at])) {
    const at = Math.min(time, question.at);
    // what is from the future is so by the time of the check
    const clockSkewMs = question.at - at + DEFAULT_CLOCK_SKEW_MS;
    const finding = await checkOcspResponse({ ...question, at, clockSkewMs, response: alone });
    if (isForGood(finding)) return finding;
    if (finding.status === 'unknown' && isNotUnderstood(finding)) obscure ??= finding;
  }
  return obscure;
}

/**
 * Codes for what is signed by the issuer, or whom it appointed, and is not understood; or what may be
 * signed so, in a way that cannot be verified.
 */
const NOT_UNDERSTOOD: ReadonlySet<string> = new Set([
  'X509_ALGORITHM_UNSUPPORTED',
  'X509_KEY_UNSUPPORTED',
  'X509_CRL_EXTENSION',
  'X509_CRL_INDIRECT',
  // it may not sign CRLs, or has its name encoded differently
  'X509_CRL_ISSUER',
  'X509_OCSP_EXTENSION',
  // of a single response with its number, see above
  'X509_OCSP_CERTIFICATE',
]);

function isNotUnderstood({ why }: UnknownFinding): boolean {
  // a responder is refused for what its certificate is refused for
  return [why, why.cause].some((one) => one instanceof X509Error && NOT_UNDERSTOOD.has(one.code));
}
