import { type ErrorDetails, Nv2Error } from '@nv2/core';

/** The error codes of `@nv2/x509`. */
export const X509_ERRORS = {
  X509_CERTIFICATE_INVALID: {
    kind: 'input',
    meaning: 'bytes are not one well-formed X.509 certificate',
  },
  X509_NAME_INVALID: { kind: 'input', meaning: 'text is not a distinguished name (RFC 4514)' },
  X509_TEMPLATE_INVALID: {
    kind: 'input',
    meaning: 'a certificate with such contents cannot be issued',
  },
  X509_TIME_INVALID: {
    kind: 'input',
    meaning: 'the time that certificates are to be judged at is none',
  },
  X509_CHAIN_EMPTY: { kind: 'input', meaning: 'a certificate chain has no certificate' },
  X509_CHAIN_TOO_LONG: {
    kind: 'input',
    meaning: 'a certificate chain has more certificates than any real one',
  },
  X509_CHAIN_ORDER: {
    kind: 'untrusted',
    meaning: 'a certificate was not issued by the next one of its chain',
  },
  X509_CHAIN_INCOMPLETE: {
    kind: 'untrusted',
    meaning: 'a certificate chain does not end with a self-signed certificate',
  },
  X509_SIGNATURE_INVALID: {
    kind: 'untrusted',
    meaning: 'the signature on a certificate does not hold',
  },
  X509_ALGORITHM_UNSUPPORTED: {
    kind: 'untrusted',
    meaning: 'a certificate or message is signed with an algorithm that is unknown or too weak',
  },
  X509_KEY_UNSUPPORTED: {
    kind: 'untrusted',
    meaning: 'the public key of a certificate is of an unsupported kind or size',
  },
  X509_NOT_YET_VALID: {
    kind: 'untrusted',
    meaning: 'a certificate was not yet valid at the time it is judged at',
  },
  X509_EXPIRED: {
    kind: 'untrusted',
    meaning: 'a certificate was no longer valid at the time it is judged at',
  },
  X509_KEY_USAGE: {
    kind: 'untrusted',
    meaning: 'the key usage of a certificate does not fit its place in the chain',
  },
  X509_EXTENDED_KEY_USAGE: {
    kind: 'untrusted',
    meaning: 'a signing certificate is meant for another purpose',
  },
  X509_BASIC_CONSTRAINTS: {
    kind: 'untrusted',
    meaning: 'a certificate is a CA where it must not be, or is none where it must be',
  },
  X509_PATH_LENGTH: {
    kind: 'untrusted',
    meaning: 'more CA certificates follow below a CA than it allows',
  },
  X509_NAME_CONSTRAINTS: {
    kind: 'untrusted',
    meaning: 'a certificate has a name that a CA above it may not certify',
  },
  X509_CRITICAL_EXTENSION: {
    kind: 'untrusted',
    meaning: 'a certificate has a critical extension that is not understood',
  },
  X509_BER_INVALID: {
    kind: 'input',
    meaning: 'bytes are not one BER element, or one that exceeds a limit',
  },
  X509_CMS_INVALID: {
    kind: 'input',
    meaning: 'bytes are not a CMS signed message of the form that timestamp tokens have',
  },
  X509_CMS_ATTRIBUTE: {
    kind: 'untrusted',
    meaning: 'a signed attribute of a CMS message is missing or contradicts the message',
  },
  X509_CMS_SIGNER: {
    kind: 'untrusted',
    meaning: 'the certificate that a CMS message names as its signer is not in it',
  },
  X509_CMS_SIGNATURE: {
    kind: 'untrusted',
    meaning: 'the digest or the signature of a CMS message does not hold',
  },
  X509_TIMESTAMP_INVALID: {
    kind: 'input',
    meaning: 'bytes are not a well-formed timestamp, timestamp request or response',
  },
  X509_TIMESTAMP_REFUSED: {
    kind: 'denied',
    meaning: 'a timestamp authority answered that it gives no timestamp',
  },
  X509_TIMESTAMP_IMPRINT: {
    kind: 'untrusted',
    meaning: 'a timestamp was made for other content',
  },
  X509_TIMESTAMP_NONCE: {
    kind: 'untrusted',
    meaning: 'a timestamp does not repeat the nonce of the request',
  },
  X509_TIMESTAMP_POLICY: {
    kind: 'untrusted',
    meaning: 'a timestamp was made under another policy than the one asked for',
  },
  X509_TIMESTAMP_EXTENSION: {
    kind: 'untrusted',
    meaning: 'a timestamp has a critical extension that is not understood',
  },
  X509_TIMESTAMP_SIGNING_TIME: {
    kind: 'untrusted',
    meaning: 'a certificate of a timestamp authority was not valid when it says it signed',
  },
  X509_TIMESTAMP_UNTRUSTED: {
    kind: 'untrusted',
    meaning: 'no chain leads from the signer of a timestamp to a trusted root',
  },
  X509_CRL_INVALID: {
    kind: 'input',
    meaning: 'bytes are not a well-formed certificate revocation list of version 2',
  },
  X509_CRL_ISSUER: {
    kind: 'untrusted',
    meaning: 'a CRL is not by the issuer of the certificate, or by one that may not sign CRLs',
  },
  X509_CRL_SIGNATURE: { kind: 'untrusted', meaning: 'the signature on a CRL does not hold' },
  X509_CRL_NOT_YET_VALID: {
    kind: 'unavailable',
    meaning: 'a CRL was issued after the time it is judged at',
  },
  X509_CRL_EXPIRED: {
    kind: 'unavailable',
    meaning: 'a CRL should have been replaced before the time it is judged at',
  },
  X509_CRL_NO_NEXT_UPDATE: {
    kind: 'unavailable',
    meaning: 'a CRL does not say when it will be replaced',
  },
  X509_CRL_EXTENSION: {
    kind: 'unavailable',
    meaning: 'a CRL, or an entry of it, has a critical extension that is not understood',
  },
  X509_CRL_INDIRECT: {
    kind: 'unavailable',
    meaning: 'a CRL lists certificates of several issuers',
  },
  X509_CRL_SCOPE: {
    kind: 'unavailable',
    meaning: 'a CRL is not about certificates such as the one that is judged',
  },
  X509_CRL_REASONS: {
    kind: 'unavailable',
    meaning: 'the CRLs of a certificate list revocations for some reasons only',
  },
  X509_CRL_DELTA: {
    kind: 'unavailable',
    meaning: 'a delta CRL does not continue the base CRL that it is to complete',
  },
  X509_CRL_DELTA_MISSING: {
    kind: 'unavailable',
    meaning: 'the delta CRL that a CRL or a certificate announces is missing',
  },
  X509_OCSP_INVALID: {
    kind: 'input',
    meaning: 'bytes are not a well-formed OCSP response, or a request cannot be made',
  },
  X509_OCSP_REFUSED: {
    kind: 'unavailable',
    meaning: 'an OCSP responder answered that it gives no status',
  },
  X509_OCSP_RESPONDER: {
    kind: 'untrusted',
    meaning:
      'an OCSP response is by a responder that the issuer of the certificate did not appoint',
  },
  X509_OCSP_SIGNATURE: {
    kind: 'untrusted',
    meaning: 'the signature on an OCSP response does not hold',
  },
  X509_OCSP_NONCE: {
    kind: 'untrusted',
    meaning: 'an OCSP response does not repeat the nonce of the request',
  },
  X509_OCSP_CERTIFICATE: {
    kind: 'unavailable',
    meaning: 'an OCSP response says nothing about the certificate that was asked for',
  },
  X509_OCSP_EXTENSION: {
    kind: 'unavailable',
    meaning: 'an OCSP response has a critical extension that is not understood',
  },
  X509_OCSP_NOT_YET_VALID: {
    kind: 'unavailable',
    meaning: 'an OCSP response was made after the time it is judged at',
  },
  X509_OCSP_EXPIRED: {
    kind: 'unavailable',
    meaning: 'an OCSP response is older than it may be, or does not say when newer ones follow',
  },
  X509_OCSP_UNKNOWN: {
    kind: 'unavailable',
    meaning: 'an OCSP responder does not know the certificate',
  },
} as const;

/** A key of {@link X509_ERRORS}. */
export type X509ErrorCode = keyof typeof X509_ERRORS;

/**
 * An error of `@nv2/x509`. Errors about a certificate of a chain carry `data.index` (0 is the leaf)
 * and `data.subject` (as `formatNameGo` prints it).
 */
export class X509Error extends Nv2Error {
  readonly code: X509ErrorCode;

  constructor(code: X509ErrorCode, message: string, details?: ErrorDetails) {
    super(X509_ERRORS[code].kind, message, details);
    this.code = code;
  }
}

/**
 * Refuses a certificate on account of its contents. Messages of `DerReader` are kept as the cause.
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function malformed(reason: string, details?: ErrorDetails): never {
  throw new X509Error('X509_CERTIFICATE_INVALID', `certificate: ${reason}`, details);
}
