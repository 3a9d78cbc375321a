import { encodeHex } from '@nv2/core';
import {
  type CertificateRevocationList,
  type CheckCrlsOptions,
  type CheckOcspOptions,
  type CrlBundle,
  checkCrls,
  checkOcspResponse,
  isForGood,
  type OcspFinding,
  type OcspResponse,
  type RevokedFinding,
} from '@nv2/x509';

/**
 * That a CRL revokes the certificate for good, if it does: signed by the issuer, understood, in scope
 * and not from the future, but expired or without its delta, neither of which undoes a revocation.
 */
export async function revokedByOldList(
  { base, delta }: CrlBundle,
  question: Omit<CheckCrlsOptions, 'bundles'>,
): Promise<RevokedFinding | undefined> {
  const { at } = question;
  const bundle = { base: lasting(base, at), ...(delta && { delta: lasting(delta, at) }) };
  const finding = await checkCrls({ ...question, bundles: [bundle] });
  return isForGood(finding) ? finding : undefined;
}

function lasting(crl: CertificateRevocationList, at: number): CertificateRevocationList {
  return { ...crl, nextUpdate: Math.max(crl.nextUpdate ?? at, at) };
}

/**
 * That an OCSP response revokes the certificate for good, if it does: to be believed at its own
 * `thisUpdate`, which has come.
 */
export async function revokedByOldResponse(
  response: OcspResponse,
  question: Omit<CheckOcspOptions, 'response'>,
): Promise<Extract<OcspFinding, RevokedFinding> | undefined> {
  const { basic } = response;
  const serialNumber = encodeHex(question.certificate.serialNumber);
  const updates = (basic?.responses ?? [])
    .filter(({ certId }) => encodeHex(certId.serialNumber) === serialNumber)
    .map(({ thisUpdate }) => thisUpdate)
    .filter((thisUpdate) => thisUpdate <= question.at);
  if (basic === undefined || updates.length === 0) return undefined;
  const at = updates.reduce((a, b) => Math.max(a, b));
  // RFC 6960 4.2.2.1: without it newer information is always available, and no revocation undone
  const responses = basic.responses.map((one) => ({ nextUpdate: one.thisUpdate, ...one }));
  const then = { ...response, basic: { ...basic, responses } };
  const finding = await checkOcspResponse({ ...question, at, response: then });
  return isForGood(finding) ? finding : undefined;
}
