import { equalBytes, Nv2Error } from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { assertMessageSignedBy } from '../message-signature.ts';
import { formatNameGo } from '../name-format.ts';
import { EXTENDED_KEY_USAGE, EXTENSION, OCSP } from '../oids.ts';
import { sha1 } from '../sha1.ts';
import { assertSignedBy, type CryptoOptions } from '../signature.ts';
import { keyBits } from './cert-id.ts';
import type { BasicOcspResponse, ResponderId } from './response.ts';

/** Who vouches for a response: the issuer of the certificate itself, or one whom it appointed. */
export type OcspResponder =
  | { readonly kind: 'issuer' }
  | {
      readonly kind: 'delegated';
      readonly certificate: Certificate;
      /**
       * Whether the issuer says that this certificate need not be checked for revocation
       * (id-pkix-ocsp-nocheck, RFC 6960 4.2.2.2.1).
       */
      readonly noCheck: boolean;
    };

/** Under whom and when a response is to be believed. */
export interface ResponderOptions extends CryptoOptions {
  readonly issuer: Certificate;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Extensions of a responder's certificate that may be critical. */
const PROCESSED: readonly string[] = [
  EXTENSION.keyUsage,
  EXTENSION.extendedKeyUsage,
  EXTENSION.basicConstraints,
  EXTENSION.subjectAltName,
  EXTENSION.crlDistributionPoints,
  EXTENSION.certificatePolicies,
  OCSP.noCheck,
];

/**
 * After return the response is signed by the issuer of the certificate, or by a responder with a
 * certificate that this very issuer issued for OCSP signing, that is of no CA, and that is valid at
 * `at` (RFC 6960 4.2.2.2). No other responder is believed, whoever is configured locally.
 * @throws X509Error `X509_OCSP_RESPONDER`, `X509_OCSP_SIGNATURE`, `X509_ALGORITHM_UNSUPPORTED`,
 *   `X509_KEY_UNSUPPORTED`
 */
export async function authorizeResponder(
  basic: BasicOcspResponse,
  options: ResponderOptions,
): Promise<OcspResponder> {
  const failures: X509Error[] = [];
  const attempt = async (check: () => Promise<void>): Promise<boolean> => {
    try {
      await check();
      return true;
    } catch (cause) {
      if (!(cause instanceof X509Error)) throw cause;
      failures.push(cause);
      return false;
    }
  };
  const { issuer } = options;
  if (
    isResponder(issuer, basic.responder) &&
    (await attempt(() => signedBy(basic, issuer, options)))
  )
    return { kind: 'issuer' };
  for (const certificate of basic.certificates) {
    if (!isResponder(certificate, basic.responder)) continue;
    if (equalBytes(certificate.der, issuer.der)) continue;
    const isAppointed = await attempt(async () => {
      await assertAppointed(certificate, options);
      await signedBy(basic, certificate, options);
      assertUnderstood(certificate);
    });
    const noCheck = certificate.extensions.has(OCSP.noCheck);
    if (isAppointed) return { kind: 'delegated', certificate, noCheck };
  }
  throw failures[0] ?? noResponder(basic.responder);
}

function noResponder(responder: ResponderId): X509Error {
  const named = responder.kind === 'name' ? `"${formatNameGo(responder.name)}"` : 'a key';
  return new X509Error(
    'X509_OCSP_RESPONDER',
    `OCSP response by ${named}, which is neither the issuer nor has a certificate by it`,
  );
}

function isResponder(certificate: Certificate, responder: ResponderId): boolean {
  return responder.kind === 'name'
    ? equalBytes(certificate.subject.der, responder.name.der)
    : equalBytes(sha1(keyBits(certificate)), responder.keyHash);
}

function signedBy(
  basic: BasicOcspResponse,
  signer: Certificate,
  { crypto }: CryptoOptions,
): Promise<void> {
  const what = 'OCSP response';
  return assertMessageSignedBy(basic, signer, { what, code: 'X509_OCSP_SIGNATURE', crypto });
}

/** RFC 6960 4.2.2.2: issued directly by the CA, for OCSP signing. */
async function assertAppointed(certificate: Certificate, options: ResponderOptions): Promise<void> {
  const { issuer, at, crypto } = options;
  if (!equalBytes(certificate.issuer.der, issuer.subject.der))
    refuse(certificate, `its certificate is not by "${formatNameGo(issuer.subject)}"`);
  if (!(at >= certificate.notBefore && at <= certificate.notAfter))
    refuse(certificate, 'its certificate is not valid at the time of the check');
  if (!certificate.extendedKeyUsage?.includes(EXTENDED_KEY_USAGE.ocspSigning))
    refuse(certificate, 'its certificate is not for OCSP signing');
  // a CA below the issuer that may sign answers could vouch for itself, and for its siblings
  if (certificate.basicConstraints?.ca === true) refuse(certificate, 'its certificate is of a CA');
  const { keyUsage } = certificate;
  if (keyUsage !== undefined && !keyUsage.has('digitalSignature'))
    refuse(certificate, 'key usage of its certificate lacks digitalSignature');
  try {
    await assertSignedBy(certificate, issuer, { crypto });
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    refuse(certificate, cause.message, cause);
  }
}

/** Last, so that who is refused for it is known to be appointed by the issuer, and to have answered. */
function assertUnderstood(certificate: Certificate): void {
  for (const [oid, { critical }] of certificate.extensions) {
    if (!critical || PROCESSED.includes(oid)) continue;
    const reason = `critical extension ${oid} of its certificate is not understood`;
    refuse(certificate, reason, new X509Error('X509_OCSP_EXTENSION', reason));
  }
}

function refuse(certificate: Certificate, reason: string, cause?: unknown): never {
  const subject = formatNameGo(certificate.subject);
  throw new X509Error('X509_OCSP_RESPONDER', `OCSP responder "${subject}": ${reason}`, {
    data: { subject },
    cause,
  });
}
