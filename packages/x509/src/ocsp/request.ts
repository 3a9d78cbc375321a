import { contextTag, defaultCrypto, derEncode, derOid, encodeBase64, TAG } from '@nv2/core';
import { OCSP } from '../oids.ts';
import type { CryptoOptions } from '../signature.ts';
import { type CertIdHash, encodeCertId, type IssuedCertificate } from './cert-id.ts';
import { ocspInvalid } from './ocsp-invalid.ts';

/** What an OCSP request asks for. */
export interface OcspRequestOptions extends IssuedCertificate, CryptoOptions {
  /** Default `sha1`, the only one that all responders in use know. */
  readonly hash?: CertIdHash | undefined;
  /** 1 to 128 octets (RFC 9654 2.1), 32 recommended; many responders leave it unanswered. */
  readonly nonce?: Uint8Array | undefined;
}

const MAX_NONCE_BYTES = 128;

/**
 * Encodes an unsigned OCSP request for one certificate (RFC 6960 4.1.1).
 * @throws X509Error `X509_OCSP_INVALID` for a nonce of another length
 */
export async function encodeOcspRequest(options: OcspRequestOptions): Promise<Uint8Array> {
  const { hash = 'sha1', crypto = defaultCrypto, nonce } = options;
  const certId = await encodeCertId(options, { hash, crypto });
  const requestList = derEncode(TAG.sequence, derEncode(TAG.sequence, certId));
  const extensions = nonce === undefined ? [] : [encodeNonce(nonce)];
  return derEncode(TAG.sequence, derEncode(TAG.sequence, requestList, ...extensions));
}

/** RFC 9654 2.1: the value is an OCTET STRING inside that of the extension. */
function encodeNonce(nonce: Uint8Array): Uint8Array {
  if (nonce.length === 0 || nonce.length > MAX_NONCE_BYTES)
    ocspInvalid(`expected a nonce of 1 to ${MAX_NONCE_BYTES} octets, got ${nonce.length}`);
  const value = derEncode(TAG.octetString, derEncode(TAG.octetString, nonce));
  const extension = derEncode(TAG.sequence, derOid(OCSP.nonce), value);
  return derEncode(contextTag(2, true), derEncode(TAG.sequence, extension));
}

/** RFC 6960 A.1, RFC 5019 5: up to here GET, so that caches can answer. */
const MAX_GET_CHARACTERS = 255;

/**
 * The URL to GET for a request (RFC 6960 A.1): that of the responder, `/`, the request in base64
 * with `+`, `/` and `=` percent-encoded. Undefined for a request of 255 characters or more, which
 * goes by POST to the responder's URL itself, as `application/ocsp-request`.
 */
export function ocspGetUrl(responder: string, request: Uint8Array): string | undefined {
  const encoded = encodeURIComponent(encodeBase64(request));
  if (encoded.length >= MAX_GET_CHARACTERS) return undefined;
  const end = responder.search(/[?#]/);
  const [path, query] = end < 0 ? [responder, ''] : [responder.slice(0, end), responder.slice(end)];
  return `${path.endsWith('/') ? path : `${path}/`}${encoded}${query}`;
}
