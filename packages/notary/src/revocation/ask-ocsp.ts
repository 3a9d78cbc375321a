import {
  type Certificate,
  checkOcspResponse,
  encodeOcspRequest,
  MAX_OCSP_RESPONSE_BYTES,
  type OcspFinding,
  ocspGetUrl,
  parseOcspResponse,
} from '@nv2/x509';
import { askService, isServiceError } from '../ask-service.ts';
import { causeOf } from '../cause.ts';
import { type AskContext, timeFor } from './ask-context.ts';
import type { CertificateStatus, RevocationTime, UndecidedQuestion } from './finding.ts';

interface IssuedCertificate {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
}

const TIMEOUT_MS = 2000;

/** The status of a certificate by the responders that it names: the first definite answer counts. */
export async function askOcsp(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const questions: UndecidedQuestion[] = [];
  for (const url of pair.certificate.ocspResponders) {
    try {
      const finding = await ask(url, pair, { when, context });
      if (finding.status !== 'unknown') return { status: finding.status, method: 'ocsp', finding };
      questions.push({ method: 'ocsp', url, cause: causeOf(finding.why) });
      // the responder knows its certificates, and not this one: no other is asked
      if (finding.why.code === 'X509_OCSP_UNKNOWN') break;
    } catch (error) {
      if (!isServiceError(error)) throw error;
      questions.push({ method: 'ocsp', url, cause: causeOf(error) });
    }
  }
  return { status: 'unknown', questions };
}

async function ask(
  url: string,
  pair: IssuedCertificate,
  { when, context }: { readonly when: RevocationTime; readonly context: AskContext },
): Promise<OcspFinding> {
  const crypto = context.crypto ? { crypto: context.crypto } : {};
  const request = await encodeOcspRequest({ ...pair, ...crypto });
  const getUrl = ocspGetUrl(url, request);
  const body = await askService(context.client, {
    service: 'revocation',
    ...(getUrl === undefined
      ? { url, method: 'POST', body: request, contentType: 'application/ocsp-request' }
      : { url: getUrl, method: 'GET' }),
    accept: 'application/ocsp-response',
    maxBytes: MAX_OCSP_RESPONSE_BYTES,
    timeoutMs: timeFor(url, TIMEOUT_MS, context),
    signal: when.signal,
  });
  const { at, signingTime } = when;
  return await checkOcspResponse({
    ...pair,
    ...crypto,
    at,
    response: parseOcspResponse(body),
    ...(signingTime !== undefined && { signingTime }),
  });
}
