import { defaultCrypto, encodeHex, equalBytes } from '@nv2/core';
import {
  DEFAULT_CLOCK_SKEW_MS,
  type GoodFinding,
  orUnknown,
  type RevocationQuestion,
  type RevokedFinding,
  type UnknownFinding,
} from '../crl/finding.ts';
import { X509Error } from '../errors.ts';
import { formatNameGo } from '../name-format.ts';
import { OCSP } from '../oids.ts';
import type { CryptoOptions } from '../signature.ts';
import { type IssuedCertificate, isCertIdOf } from './cert-id.ts';
import { authorizeResponder, type OcspResponder } from './responder.ts';
import type { BasicOcspResponse, OcspResponse, SingleOcspResponse } from './response.ts';

/** What {@link checkOcspResponse} looks at. */
export interface CheckOcspOptions extends RevocationQuestion {
  readonly response: OcspResponse;
  /** What the request had. A response may leave it out, but not have another. */
  readonly nonce?: Uint8Array | undefined;
}

/** What a response says about a certificate, and who vouches for it. */
export type OcspFinding =
  | ((GoodFinding | RevokedFinding) & { readonly responder: OcspResponder })
  | UnknownFinding;

/**
 * What an OCSP response says about a certificate (RFC 6960 3.2). `good` and `revoked` are about this
 * very certificate, signed by its issuer or a responder whom the issuer appointed, fresh at `at`,
 * understood whole. Everything else is `unknown` with an X509Error of a code `X509_OCSP_*`,
 * `X509_ALGORITHM_UNSUPPORTED` or `X509_KEY_UNSUPPORTED`; `X509_OCSP_UNKNOWN` alone is the answer of
 * an authorized responder, after which no other need be asked.
 *
 * A response without `nextUpdate` counts as expired. A certificate that became invalid after a proven
 * `signingTime` is `good`.
 */
export function checkOcspResponse(options: CheckOcspOptions): Promise<OcspFinding> {
  return orUnknown(() => check(options));
}

async function check(options: CheckOcspOptions): Promise<OcspFinding> {
  const { basic, status } = options.response;
  if (basic === undefined)
    throw new X509Error('X509_OCSP_REFUSED', `OCSP responder answered ${status}`, {
      data: { status },
    });
  // RFC 6960 3.2 (2) to (4)
  const responder = await authorizeResponder(basic, options);
  assertUnderstood(basic, options.nonce);
  // RFC 6960 3.2 (1)
  const singles = await singlesFor(basic, options);
  const findings = await Promise.all(
    singles.map((single) => orUnknown(async () => judge(single, options))),
  );
  const finding =
    findings.find(({ status }) => status === 'revoked') ??
    findings.find(({ status }) => status === 'unknown') ??
    findings[0];
  if (finding === undefined) throw notAnswered(options);
  return finding.status === 'unknown' ? finding : { ...finding, responder };
}

/** Critical extensions of a response that are acted on or change nothing. */
const PROCESSED: readonly string[] = [OCSP.nonce, OCSP.extendedRevoke];

function assertUnderstood(basic: BasicOcspResponse, nonce: Uint8Array | undefined): void {
  for (const [oid, { critical }] of basic.extensions)
    if (critical && !PROCESSED.includes(oid)) refuseExtension(oid);
  const answered = basic.nonce;
  if (nonce !== undefined && answered !== undefined && !equalBytes(nonce, answered))
    throw new X509Error(
      'X509_OCSP_NONCE',
      `OCSP response: expected nonce ${encodeHex(nonce)}, got ${encodeHex(answered)}`,
    );
}

function refuseExtension(oid: string): never {
  throw new X509Error(
    'X509_OCSP_EXTENSION',
    `OCSP response: critical extension ${oid} is not understood`,
    { data: { extension: oid } },
  );
}

/** All single responses about the certificate: there can be one for each hash of its CertID. */
async function singlesFor(
  basic: BasicOcspResponse,
  options: IssuedCertificate & CryptoOptions,
): Promise<readonly SingleOcspResponse[]> {
  const { crypto = defaultCrypto } = options;
  const singles: SingleOcspResponse[] = [];
  for (const single of basic.responses)
    if (await isCertIdOf(single.certId, options, crypto)) singles.push(single);
  return singles;
}

/** Whether a response says anything about a certificate. Nothing of it is verified. */
export async function isAnswerAbout(
  { basic }: OcspResponse,
  pair: IssuedCertificate & CryptoOptions,
): Promise<boolean> {
  return basic !== undefined && (await singlesFor(basic, pair)).length > 0;
}

function notAnswered({ certificate, response }: CheckOcspOptions): X509Error {
  const subject = formatNameGo(certificate.subject);
  const serialNumber = encodeHex(certificate.serialNumber);
  const isUnclear = response.basic?.responses.some(
    ({ certId }) => certId.hash === undefined && encodeHex(certId.serialNumber) === serialNumber,
  );
  const doubt = isUnclear ? ', unless by a hash of its issuer that is not supported' : '';
  return new X509Error(
    'X509_OCSP_CERTIFICATE',
    `OCSP response has no answer about "${subject}"${doubt}`,
    { data: { subject, serialNumber } },
  );
}

function judge(
  single: SingleOcspResponse,
  options: CheckOcspOptions,
): GoodFinding | RevokedFinding {
  for (const [oid, { critical }] of single.extensions) if (critical) refuseExtension(oid);
  const updates = assertFresh(single, options);
  const { status, invalidityDate } = single;
  const invalidity = invalidityDate === undefined ? {} : { invalidityDate };
  switch (status.kind) {
    case 'good':
      return { status: 'good', ...updates };
    case 'unknown':
      throw new X509Error('X509_OCSP_UNKNOWN', 'OCSP responder does not know the certificate');
    case 'revoked': {
      const { signingTime = Number.POSITIVE_INFINITY } = options;
      if (invalidityDate !== undefined && signingTime < invalidityDate)
        return { status: 'good', invalidityDate, ...updates };
      const { reason, revokedAt } = status;
      return { status: 'revoked', reason, revokedAt, ...invalidity, ...updates };
    }
  }
}

/** RFC 6960 3.2 (5), (6); 4.2.2.1. */
function assertFresh(
  { thisUpdate, nextUpdate }: SingleOcspResponse,
  { at, clockSkewMs = DEFAULT_CLOCK_SKEW_MS }: CheckOcspOptions,
): { readonly thisUpdate: number; readonly nextUpdate: number } {
  const data = { at, thisUpdate, nextUpdate };
  // put so that a time that is no number fails as well
  if (!(thisUpdate <= at + clockSkewMs))
    throw new X509Error('X509_OCSP_NOT_YET_VALID', 'OCSP response is from the future', { data });
  if (nextUpdate === undefined)
    throw new X509Error(
      'X509_OCSP_EXPIRED',
      'OCSP response says no time up to which it holds (nextUpdate), and counts as expired',
      { data },
    );
  if (!(at <= nextUpdate))
    throw new X509Error('X509_OCSP_EXPIRED', 'expired OCSP response', { data });
  return { thisUpdate, nextUpdate };
}
