import {
  checkOcspResponse,
  encodeOcspRequest,
  type IssuedCertificate,
  MAX_OCSP_RESPONSE_BYTES,
  type OcspFinding,
  type OcspResponder,
  ocspGetUrl,
  parseOcspResponse,
} from '@nv2/x509';
import { askService, isServiceError } from '../ask-service.ts';
import { NotaryError } from '../errors.ts';
import { type AskContext, MAX_SERVICES, notAsked, timeFor, undecidedBy } from './ask-context.ts';
import { askCrl } from './ask-crl.ts';
import type { CertificateStatus, RevocationTime, UndecidedQuestion } from './finding.ts';

const TIMEOUT_MS = 2000;

interface Asking {
  readonly when: RevocationTime;
  readonly context: AskContext;
}

/**
 * The status of a certificate by the responders that it names, eight at most: the first definite
 * answer counts.
 */
export async function askOcsp(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const questions: UndecidedQuestion[] = [];
  const asking = { when, context };
  const urls = pair.certificate.ocspResponders;
  for (const url of urls.slice(0, MAX_SERVICES)) {
    try {
      const finding = await ask(url, pair, asking);
      if (finding.status === 'good') {
        const by = { ...finding.responder, issuer: pair.issuer };
        await assertResponderNotRevoked(url, by, asking);
      }
      if (finding.status !== 'unknown') {
        return { status: finding.status, method: 'ocsp', urls: [url], finding };
      }
      questions.push(undecidedBy('ocsp', url, finding.why));
      // the responder knows its certificates, and not this one: no other is asked
      if (finding.why.code === 'X509_OCSP_UNKNOWN') break;
    } catch (error) {
      if (!isServiceError(error)) throw error;
      questions.push(undecidedBy('ocsp', url, error));
    }
  }
  const passed = urls[MAX_SERVICES];
  if (when.exhaustive === true && passed !== undefined) {
    questions.push(undecidedBy('ocsp', passed, notAsked(passed, urls.length, 'OCSP responders')));
  }
  return { status: 'unknown', questions };
}

async function ask(
  url: string,
  pair: IssuedCertificate,
  { when, context }: Asking,
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
    timeoutMs: timeFor(url, when.timeoutMs ?? TIMEOUT_MS, context),
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

/**
 * RFC 6960 4.2.2.2.1: a responder that the issuer appointed has a certificate of its own, which may
 * have been revoked, unless the issuer says not to ask. It is asked about where it names a CRL; what
 * to do where it names none is left to us, and the reference believes it.
 * @throws NotaryError `NOTARY_REVOCATION_SERVICE`
 */
async function assertResponderNotRevoked(
  url: string,
  responder: OcspResponder & Pick<IssuedCertificate, 'issuer'>,
  { when: { at, signal, timeoutMs }, context }: Asking,
): Promise<void> {
  if (responder.kind === 'issuer' || responder.noCheck) return;
  if (responder.certificate.crlDistributionPoints.length === 0) return;
  const when = { at, ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
  const { status } = await askCrl(responder, when, context);
  if (status === 'good') return;
  const problem =
    status === 'revoked'
      ? 'that was revoked'
      : 'of which it could not be found out whether it was revoked';
  throw new NotaryError(
    'NOTARY_REVOCATION_SERVICE',
    `the revocation service ${url} answers by a responder ${problem}`,
    { data: { url, problem: 'responder', status } },
  );
}
