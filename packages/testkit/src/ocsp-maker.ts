import { createHash } from 'node:crypto';
import {
  contextTag,
  DerReader,
  derEncode,
  derInteger,
  derOid,
  type PrivateKey,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import { type Certificate, EXTENSION, OCSP } from '@nv2/x509';
import type { TestAuthority } from './certificates.ts';
import {
  defaultScheme,
  encodeExtensions,
  enumerated,
  generalizedTime,
  type RawExtension,
  rawExtension,
  signMessage,
  uriName,
} from './crl-message.ts';

/** What a response is to say about one certificate. Times in milliseconds since the epoch. */
export interface OcspAnswer {
  readonly certificate: Pick<Certificate, 'serialNumber'>;
  /** Default `good`; a reason is the number of a CRLReason. */
  readonly status?: 'good' | 'unknown' | { readonly revokedAt: number; readonly reason?: number };
  readonly thisUpdate: number;
  /** Default: an hour after `thisUpdate`; null leaves it out. */
  readonly nextUpdate?: number | null;
  /** Hash of the CertID; default `sha1`. */
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'md5';
  /** Whose certificate the CertID says it is; default: the issuer. */
  readonly issuer?: Pick<Certificate, 'subject' | 'spki'>;
  readonly extensions?: readonly RawExtension[];
}

/** An OCSP response to be, good or bad. */
export interface OcspTemplate {
  readonly issuer: TestAuthority;
  /** Who signs, with a certificate that is added; default: the issuer, nothing added. */
  readonly responder?: TestAuthority;
  /** How the responder is named; default `name`. */
  readonly responderId?: 'name' | 'key';
  readonly answers: readonly OcspAnswer[];
  /** Default: `thisUpdate` of the first answer. */
  readonly producedAt?: number;
  readonly nonce?: Uint8Array;
  readonly extensions?: readonly RawExtension[];
  /** The certificates added; default: that of `responder`. */
  readonly certificates?: readonly Uint8Array[];
  /** Signs in the responder's place. */
  readonly signer?: PrivateKey;
  readonly scheme?: SignatureScheme;
  /** AlgorithmIdentifier to be written instead of that of the scheme. */
  readonly algorithm?: Uint8Array;
}

const HOUR = 60 * 60 * 1000;

const HASH_OIDS = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

/** Makes a successful OCSP response (RFC 6960 4.2.1), as the template has it. */
export async function makeOcspResponse(template: OcspTemplate): Promise<Uint8Array> {
  const { issuer, responder = issuer, nonce } = template;
  const key = template.signer ?? responder.key;
  const scheme = template.scheme ?? defaultScheme(key);
  const extensions = [
    ...(nonce === undefined ? [] : [rawExtension(OCSP.nonce, derEncode(TAG.octetString, nonce))]),
    ...(template.extensions ?? []),
  ];
  const tbs = derEncode(
    TAG.sequence,
    encodeResponderId(responder.certificate, template.responderId),
    generalizedTime(template.producedAt ?? template.answers[0]?.thisUpdate ?? 0),
    derEncode(
      TAG.sequence,
      ...template.answers.map((answer) => encodeAnswer(answer, issuer.certificate)),
    ),
    ...wrappedExtensions(extensions),
  );
  const bag =
    template.certificates ?? (template.responder === undefined ? [] : [responder.certificate.der]);
  const basic = await signMessage(
    tbs,
    { key, scheme, algorithm: template.algorithm },
    ...(bag.length === 0 ? [] : [derEncode(contextTag(0, true), derEncode(TAG.sequence, ...bag))]),
  );
  const responseBytes = derEncode(
    TAG.sequence,
    derOid(OCSP.basic),
    derEncode(TAG.octetString, basic),
  );
  return derEncode(TAG.sequence, enumerated(0), derEncode(contextTag(0, true), responseBytes));
}

/** An OCSP response that is an error: 1 malformedRequest, 2 internalError, 3 tryLater, … */
export function makeOcspError(status: number): Uint8Array {
  return derEncode(TAG.sequence, enumerated(status));
}

function encodeResponderId(certificate: Certificate, kind: 'name' | 'key' = 'name'): Uint8Array {
  if (kind === 'name') return derEncode(contextTag(1, true), certificate.subject.der);
  const hash = createHash('sha1').update(keyBits(certificate)).digest();
  return derEncode(contextTag(2, true), derEncode(TAG.octetString, hash));
}

function keyBits({ spki }: Pick<Certificate, 'spki'>): Uint8Array {
  const fields = new DerReader(spki).enter(TAG.sequence);
  fields.element();
  return fields.bitString().bytes;
}

function encodeAnswer(answer: OcspAnswer, issuer: Certificate): Uint8Array {
  const { thisUpdate, nextUpdate = thisUpdate + HOUR, extensions = [] } = answer;
  return derEncode(
    TAG.sequence,
    encodeCertId(answer, answer.issuer ?? issuer),
    encodeStatus(answer.status ?? 'good'),
    generalizedTime(thisUpdate),
    ...(nextUpdate === null ? [] : [derEncode(contextTag(0, true), generalizedTime(nextUpdate))]),
    ...wrappedExtensions(extensions),
  );
}

function encodeCertId(
  answer: OcspAnswer,
  issuer: Pick<Certificate, 'subject' | 'spki'>,
): Uint8Array {
  const { hash = 'sha1' } = answer;
  const digest = (data: Uint8Array): Uint8Array =>
    derEncode(TAG.octetString, createHash(hash).update(data).digest());
  return derEncode(
    TAG.sequence,
    derEncode(TAG.sequence, derOid(HASH_OIDS[hash]), derEncode(TAG.null)),
    digest(issuer.subject.der),
    digest(keyBits(issuer)),
    derInteger(answer.certificate.serialNumber),
  );
}

function encodeStatus(status: NonNullable<OcspAnswer['status']>): Uint8Array {
  if (status === 'good') return derEncode(contextTag(0, false));
  if (status === 'unknown') return derEncode(contextTag(2, false));
  const { revokedAt, reason } = status;
  return derEncode(
    contextTag(1, true),
    generalizedTime(revokedAt),
    ...(reason === undefined ? [] : [derEncode(contextTag(0, true), enumerated(reason))]),
  );
}

function wrappedExtensions(extensions: readonly RawExtension[]): readonly Uint8Array[] {
  return extensions.length === 0
    ? []
    : [derEncode(contextTag(1, true), encodeExtensions(extensions))];
}

/** The extension by which a certificate says where its OCSP responders are. */
export function ocspAccess(...urls: readonly string[]): Required<RawExtension> {
  const descriptions = urls.map((url) =>
    derEncode(TAG.sequence, derOid('1.3.6.1.5.5.7.48.1'), uriName(url)),
  );
  return {
    oid: EXTENSION.authorityInfoAccess,
    critical: false,
    value: derEncode(TAG.sequence, ...descriptions),
  };
}

/**
 * What a responder needs of an unsigned request for one certificate (RFC 6960 4.1.1).
 * @throws CoreError `DER_INVALID`
 */
export function readOcspRequest(der: Uint8Array): {
  readonly serialNumber: Uint8Array;
  readonly nonce?: Uint8Array;
} {
  const tbs = new DerReader(der).enter(TAG.sequence).enter(TAG.sequence);
  const certId = tbs.enter(TAG.sequence).enter(TAG.sequence).enter(TAG.sequence);
  certId.element();
  certId.element();
  certId.element();
  const number = certId.integer();
  const serialNumber = number[0] === 0 && number.length > 1 ? number.subarray(1) : number;
  const explicit = tbs.enterOptional(contextTag(2, true));
  if (explicit === undefined) return { serialNumber };
  const extension = explicit.enter(TAG.sequence).enter(TAG.sequence);
  if (extension.oid() !== OCSP.nonce) return { serialNumber };
  const value = extension.enter(TAG.octetString);
  return { serialNumber, nonce: value.content(TAG.octetString) };
}
