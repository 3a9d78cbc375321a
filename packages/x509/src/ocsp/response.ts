import { contextTag, DerReader, type SignatureScheme, TAG } from '@nv2/core';
import { type Certificate, parseCertificate } from '../certificate.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../crl/finding.ts';
import { type Extension, readExtensionList } from '../extensions.ts';
import { type Name, readName } from '../name.ts';
import { CRL_ENTRY_EXTENSION, OCSP } from '../oids.ts';
import { readSignatureAlgorithm } from '../signature-algorithm.ts';
import { readGeneralizedTime } from '../time.ts';
import { type CertId, readCertId } from './cert-id.ts';
import { decodingOcsp, ocspInvalid } from './ocsp-invalid.ts';

/** OCSPResponseStatus, RFC 6960 4.2.1. */
export type OcspResponseStatus =
  | 'successful'
  | 'malformedRequest'
  | 'internalError'
  | 'tryLater'
  | 'sigRequired'
  | 'unauthorized';

const RESPONSE_STATUSES: ReadonlyMap<number, OcspResponseStatus> = new Map([
  [0, 'successful'],
  [1, 'malformedRequest'],
  [2, 'internalError'],
  [3, 'tryLater'],
  [5, 'sigRequired'],
  [6, 'unauthorized'],
]);

/** An OCSP response as decoded; nothing about it is verified. Octets are views into `der`. */
export interface OcspResponse {
  readonly der: Uint8Array;
  readonly status: OcspResponseStatus;
  /** Given exactly if the status is `successful`. */
  readonly basic?: BasicOcspResponse;
}

/** BasicOCSPResponse, RFC 6960 4.2.1. Times in milliseconds since the epoch. */
export interface BasicOcspResponse {
  /** The signed part, ResponseData, whole element. */
  readonly tbs: Uint8Array;
  /** Undefined for an algorithm that nv2 does not verify, such as SHA-1. */
  readonly signatureScheme: SignatureScheme | undefined;
  /** Dotted object identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  readonly responder: ResponderId;
  readonly producedAt: number;
  /** At least one. */
  readonly responses: readonly SingleOcspResponse[];
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly nonce?: Uint8Array;
  /** What the responder added: a bag, none of it trusted. */
  readonly certificates: readonly Certificate[];
}

/** Who signed: by name, or by the SHA-1 of the public key (RFC 6960 4.2.1). */
export type ResponderId =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'key'; readonly keyHash: Uint8Array };

/** What a response says about one certificate. Times in milliseconds since the epoch. */
export interface SingleOcspResponse {
  readonly certId: CertId;
  readonly status: OcspCertStatus;
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  readonly invalidityDate?: number;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** CertStatus, RFC 6960 4.2.1. */
export type OcspCertStatus =
  | { readonly kind: 'good' | 'unknown' }
  | { readonly kind: 'revoked'; readonly revokedAt: number; readonly reason: RevocationReason };

/** Responses in use have 2 to 4 KiB; the limit is the one of the Notary Project's reference. */
export const MAX_OCSP_RESPONSE_BYTES: number = 20 * 1024;

/** A response to a request for one certificate has one; responders that answer ahead have a few. */
const MAX_SINGLE_RESPONSES = 64;

const MAX_CERTIFICATES = 8;

const NO_EXTENSIONS: ReadonlyMap<string, Extension> = new Map();

/**
 * Decodes an OCSP response (RFC 6960 4.2.1): strict DER, at most 20 KiB, 64 single responses and
 * 8 certificates, nothing after it. The result is of octets of its own.
 * @throws X509Error `X509_OCSP_INVALID`
 */
export function parseOcspResponse(bytes: Uint8Array): OcspResponse {
  if (bytes.length > MAX_OCSP_RESPONSE_BYTES)
    ocspInvalid(`expected at most ${MAX_OCSP_RESPONSE_BYTES} bytes, got ${bytes.length}`);
  const der = new Uint8Array(bytes);
  return decodingOcsp(() => {
    const reader = new DerReader(der);
    const fields = reader.enter(TAG.sequence);
    reader.finish();
    const status = RESPONSE_STATUSES.get(fields.smallInteger(TAG.enumerated));
    if (status === undefined) ocspInvalid('the response status is none of RFC 6960');
    const explicit = fields.enterOptional(contextTag(0, true));
    fields.finish();
    if ((explicit !== undefined) !== (status === 'successful'))
      ocspInvalid('a successful response, and no other, has content');
    if (explicit === undefined) return { der, status };
    const responseBytes = explicit.enter(TAG.sequence);
    explicit.finish();
    const type = responseBytes.oid();
    if (type !== OCSP.basic) ocspInvalid(`expected a basic response, got type ${type}`);
    const content = responseBytes.content(TAG.octetString);
    responseBytes.finish();
    return { der, status, basic: readBasic(content) };
  });
}

function readBasic(der: Uint8Array): BasicOcspResponse {
  const reader = new DerReader(der);
  const fields = reader.enter(TAG.sequence);
  reader.finish();
  const tbs = fields.element();
  const { algorithm, scheme } = readSignatureAlgorithm(fields);
  const { bytes: signature, unused } = fields.bitString();
  if (unused !== 0) ocspInvalid('the signature does not end at an octet');
  const certificates = readCertificates(fields.enterOptional(contextTag(0, true)));
  fields.finish();
  return {
    tbs,
    signatureScheme: scheme,
    signatureAlgorithm: algorithm,
    signature,
    ...readResponseData(tbs),
    certificates,
  };
}

function readCertificates(explicit: DerReader | undefined): readonly Certificate[] {
  if (explicit === undefined) return [];
  const list = explicit.enter(TAG.sequence);
  explicit.finish();
  const certificates: Certificate[] = [];
  while (!list.done) {
    if (certificates.length === MAX_CERTIFICATES)
      ocspInvalid(`expected at most ${MAX_CERTIFICATES} certificates`);
    certificates.push(parseCertificate(list.element()));
  }
  return certificates;
}

type ResponseData = Pick<
  BasicOcspResponse,
  'responder' | 'producedAt' | 'responses' | 'extensions' | 'nonce'
>;

function readResponseData(tbs: Uint8Array): ResponseData {
  const fields = new DerReader(tbs).enter(TAG.sequence);
  // DER leaves the default version 1 out; who writes it means the same.
  const version = fields.enterOptional(contextTag(0, true));
  if (version !== undefined && version.smallInteger() !== 0) ocspInvalid('expected version 1');
  version?.finish();
  const responder = readResponderId(fields);
  const producedAt = readGeneralizedTime(fields);
  const list = fields.enter(TAG.sequence);
  const responses: SingleOcspResponse[] = [];
  do {
    if (responses.length === MAX_SINGLE_RESPONSES)
      ocspInvalid(`expected at most ${MAX_SINGLE_RESPONSES} single responses`);
    responses.push(readSingleResponse(list));
  } while (!list.done);
  const extensions = readExtensions(fields);
  fields.finish();
  const nonce = extensions.get(OCSP.nonce)?.value;
  const data = { responder, producedAt, responses, extensions };
  return nonce === undefined ? data : { ...data, nonce: readWhole(nonce, readOctets) };
}

function readResponderId(fields: DerReader): ResponderId {
  const byName = fields.enterOptional(contextTag(1, true));
  const explicit = byName ?? fields.enter(contextTag(2, true));
  const responder: ResponderId =
    byName === undefined
      ? { kind: 'key', keyHash: explicit.content(TAG.octetString) }
      : { kind: 'name', name: readName(explicit) };
  explicit.finish();
  return responder;
}

function readSingleResponse(list: DerReader): SingleOcspResponse {
  const fields = list.enter(TAG.sequence);
  const certId = readCertId(fields);
  const status = readCertStatus(fields);
  const thisUpdate = readGeneralizedTime(fields);
  const explicit = fields.enterOptional(contextTag(0, true));
  const nextUpdate = explicit === undefined ? undefined : readGeneralizedTime(explicit);
  explicit?.finish();
  const extensions = readExtensions(fields);
  fields.finish();
  const invalidity = extensions.get(CRL_ENTRY_EXTENSION.invalidityDate)?.value;
  return {
    certId,
    status,
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...(invalidity === undefined
      ? {}
      : { invalidityDate: readWhole(invalidity, readGeneralizedTime) }),
    extensions,
  };
}

/** CHOICE { good [0] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo, unknown [2] IMPLICIT NULL } */
function readCertStatus(fields: DerReader): OcspCertStatus {
  const revoked = fields.enterOptional(contextTag(1, true));
  if (revoked === undefined) {
    const isGood = fields.peek() === contextTag(0, false);
    if (fields.content(contextTag(isGood ? 0 : 2, false)).length > 0)
      ocspInvalid('the status of a certificate has content');
    return { kind: isGood ? 'good' : 'unknown' };
  }
  const revokedAt = readGeneralizedTime(revoked);
  const explicit = revoked.enterOptional(contextTag(0, true));
  const code = explicit?.smallInteger(TAG.enumerated) ?? 0;
  explicit?.finish();
  revoked.finish();
  return { kind: 'revoked', revokedAt, reason: REVOCATION_REASONS.get(code) ?? 'unrecognized' };
}

/** Both lists of extensions are `[1] EXPLICIT Extensions OPTIONAL`. */
function readExtensions(fields: DerReader): ReadonlyMap<string, Extension> {
  const explicit = fields.enterOptional(contextTag(1, true));
  if (explicit === undefined) return NO_EXTENSIONS;
  const list = explicit.enter(TAG.sequence);
  explicit.finish();
  return readExtensionList(list);
}

function readOctets(reader: DerReader): Uint8Array {
  return reader.content(TAG.octetString);
}

function readWhole<T>(der: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = new DerReader(der);
  const value = read(reader);
  reader.finish();
  return value;
}
