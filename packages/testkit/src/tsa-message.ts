import { createHash } from 'node:crypto';
import {
  compareBytes,
  contextTag,
  derEncode,
  derInteger,
  derOid,
  encodeUtf8,
  type PrivateKey,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import { type Certificate, CMS_ATTRIBUTE, CONTENT_TYPE } from '@nv2/x509';
import { encodeExtensions, encodeScheme, type RawExtension, x509Time } from './crl-message.ts';

/** Hashes by name, with their object identifiers; SHA-1 for what must be refused. */
const HASH_OIDS = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

/** A hash that a test authority can use. */
export type TsaHash = keyof typeof HASH_OIDS;

/** The hash of an object identifier. */
export function tsaHashOf(oid: string): TsaHash | undefined {
  const names = Object.keys(HASH_OIDS) as TsaHash[];
  return names.find((name) => HASH_OIDS[name] === oid);
}

function hashAlgorithm(hash: TsaHash): Uint8Array {
  return derEncode(TAG.sequence, derOid(HASH_OIDS[hash]), derEncode(TAG.null));
}

function digest(hash: TsaHash, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(hash).update(data).digest());
}

/** A TSTInfo to be, RFC 3161 2.4.2. */
export interface TstInfoTemplate {
  readonly version?: number;
  readonly policy: string;
  readonly imprint: { readonly hash: TsaHash; readonly hashedMessage: Uint8Array };
  /** Big-endian magnitude. */
  readonly serialNumber: Uint8Array;
  /** As written: `YYYYMMDDhhmmss[.s]Z`. */
  readonly genTime: string;
  readonly accuracy?:
    | { readonly seconds?: number; readonly milliseconds?: number; readonly microseconds?: number }
    | undefined;
  readonly ordering?: boolean;
  /** The content of the INTEGER. */
  readonly nonce?: Uint8Array | undefined;
  /** GeneralName, whole element. */
  readonly tsa?: Uint8Array | undefined;
  readonly extensions?: readonly RawExtension[];
}

/** Encodes a TSTInfo. */
export function encodeTstInfo(template: TstInfoTemplate): Uint8Array {
  const { version = 1, policy, imprint, accuracy, nonce, tsa, extensions = [] } = template;
  return derEncode(
    TAG.sequence,
    derInteger(version),
    derOid(policy),
    derEncode(
      TAG.sequence,
      hashAlgorithm(imprint.hash),
      derEncode(TAG.octetString, imprint.hashedMessage),
    ),
    derInteger(template.serialNumber),
    derEncode(TAG.generalizedTime, encodeUtf8(template.genTime)),
    ...(accuracy === undefined ? [] : [encodeAccuracy(accuracy)]),
    ...(template.ordering === true ? [derEncode(TAG.boolean, Uint8Array.of(0xff))] : []),
    ...(nonce === undefined ? [] : [derEncode(TAG.integer, nonce)]),
    ...(tsa === undefined ? [] : [derEncode(contextTag(0, true), tsa)]),
    ...(extensions.length === 0 ? [] : [implicit(1, encodeExtensions(extensions))]),
  );
}

function encodeAccuracy(accuracy: NonNullable<TstInfoTemplate['accuracy']>): Uint8Array {
  const { seconds, milliseconds, microseconds } = accuracy;
  return derEncode(
    TAG.sequence,
    ...(seconds === undefined ? [] : [derInteger(seconds)]),
    ...(milliseconds === undefined ? [] : [implicit(0, derInteger(milliseconds))]),
    ...(microseconds === undefined ? [] : [implicit(1, derInteger(microseconds))]),
  );
}

/** The same element under a context tag (X.690 8.14.3). */
function implicit(number: number, element: Uint8Array): Uint8Array {
  const tagged = Uint8Array.from(element);
  tagged[0] = contextTag(number, ((element[0] ?? 0) & 0x20) !== 0);
  return tagged;
}

/** A SignedData message to be, good or bad. */
export interface TsaMessageTemplate {
  readonly content: Uint8Array;
  readonly signer: Certificate;
  readonly key: PrivateKey;
  readonly scheme: SignatureScheme;
  readonly certificates: readonly Uint8Array[];
  readonly contentType?: string;
  readonly version?: number;
  readonly signerVersion?: number;
  readonly sid?: 'issuer-serial' | 'key-id';
  /** Of the content; default: that of the scheme. */
  readonly digest?: TsaHash;
  /** AlgorithmIdentifier to be written instead of that of the scheme. */
  readonly signatureAlgorithm?: Uint8Array;
  /** Hash in SigningCertificateV2; default SHA-256. */
  readonly certificateHash?: TsaHash;
  /** Whom SigningCertificateV2 names; default: the signer. */
  readonly namedSigner?: Certificate;
  /** Whether SigningCertificateV2 has issuer and serial number; default true. */
  readonly issuerSerial?: boolean;
  /** Adds the attribute of RFC 2634 as well, about this certificate. */
  readonly olderNamedSigner?: Certificate;
  /** Milliseconds since the epoch. */
  readonly signingTime?: number;
  /** Attributes to leave out, or to write with these values (whole elements). */
  readonly attributes?: ReadonlyMap<string, readonly Uint8Array[]>;
  /** Leaves signed attributes out; then the content itself is signed. */
  readonly withoutAttributes?: boolean;
  /** Order in which they are written; what is signed is in DER order all the same. */
  readonly reverseAttributes?: boolean;
  /** How often the SignerInfo is there; default 1. */
  readonly signers?: number;
  /** Spoils the signature value. */
  readonly breakSignature?: boolean;
}

/** Makes a ContentInfo with SignedData (RFC 5652 3, 5.1). */
export async function makeTsaMessage(template: TsaMessageTemplate): Promise<Uint8Array> {
  const { content, certificates, contentType = CONTENT_TYPE.tstInfo, signers = 1 } = template;
  const signer = await makeSignerInfo(template);
  const data = derEncode(
    TAG.sequence,
    derInteger(template.version ?? 3),
    derEncode(TAG.set, hashAlgorithm(template.digest ?? template.scheme.hash)),
    derEncode(
      TAG.sequence,
      derOid(contentType),
      derEncode(contextTag(0, true), derEncode(TAG.octetString, content)),
    ),
    ...(certificates.length === 0 ? [] : [derEncode(contextTag(0, true), ...certificates)]),
    derEncode(TAG.set, ...Array.from({ length: signers }, () => signer)),
  );
  return derEncode(
    TAG.sequence,
    derOid(CONTENT_TYPE.signedData),
    derEncode(contextTag(0, true), data),
  );
}

async function makeSignerInfo(template: TsaMessageTemplate): Promise<Uint8Array> {
  const { signer, key, scheme, sid = 'issuer-serial', withoutAttributes = false } = template;
  const attributes = encodeAttributes(template);
  const signed = withoutAttributes
    ? template.content
    : derEncode(TAG.set, ...attributes.toSorted(compareBytes));
  const signature = Uint8Array.from(await key.sign(scheme, signed));
  if (template.breakSignature === true)
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
  const written = template.reverseAttributes === true ? attributes.toReversed() : attributes;
  return derEncode(
    TAG.sequence,
    derInteger(template.signerVersion ?? (sid === 'key-id' ? 3 : 1)),
    sid === 'key-id'
      ? derEncode(contextTag(0, false), signer.subjectKeyId ?? new Uint8Array())
      : derEncode(TAG.sequence, signer.issuer.der, derInteger(signer.serialNumber)),
    hashAlgorithm(template.digest ?? scheme.hash),
    ...(withoutAttributes ? [] : [derEncode(contextTag(0, true), ...written)]),
    template.signatureAlgorithm ?? encodeScheme(scheme),
    derEncode(TAG.octetString, signature),
  );
}

/** The signed attributes in DER order, with the changes asked for. */
function encodeAttributes(template: TsaMessageTemplate): Uint8Array[] {
  const { content, contentType = CONTENT_TYPE.tstInfo, scheme, signer, signingTime } = template;
  const named = template.namedSigner ?? signer;
  const older = template.olderNamedSigner;
  const hash = template.digest ?? scheme.hash;
  const values = new Map<string, readonly Uint8Array[]>([
    [CMS_ATTRIBUTE.contentType, [derOid(contentType)]],
    [CMS_ATTRIBUTE.messageDigest, [derEncode(TAG.octetString, digest(hash, content))]],
    [CMS_ATTRIBUTE.signingCertificateV2, [encodeSigningCertificate(template, named)]],
  ]);
  if (older !== undefined)
    values.set(CMS_ATTRIBUTE.signingCertificate, [
      signingCertificate(derEncode(TAG.octetString, digest('sha1', older.der))),
    ]);
  if (signingTime !== undefined) values.set(CMS_ATTRIBUTE.signingTime, [x509Time(signingTime)]);
  for (const [type, changed] of template.attributes ?? []) values.set(type, changed);
  return [...values]
    .filter(([, members]) => members.length > 0)
    .map(([type, members]) => derEncode(TAG.sequence, derOid(type), derEncode(TAG.set, ...members)))
    .sort(compareBytes);
}

/** SigningCertificateV2 with one ESSCertIDv2, RFC 5035 3, 4. */
function encodeSigningCertificate(template: TsaMessageTemplate, named: Certificate): Uint8Array {
  const { certificateHash = 'sha256', issuerSerial = true } = template;
  const issuer = derEncode(contextTag(4, true), named.issuer.der);
  return signingCertificate(
    // SHA-256 is the default, which DER leaves out
    ...(certificateHash === 'sha256' ? [] : [hashAlgorithm(certificateHash)]),
    derEncode(TAG.octetString, digest(certificateHash, named.der)),
    ...(issuerSerial
      ? [derEncode(TAG.sequence, derEncode(TAG.sequence, issuer), derInteger(named.serialNumber))]
      : []),
  );
}

function signingCertificate(...identifier: readonly Uint8Array[]): Uint8Array {
  const list = derEncode(TAG.sequence, derEncode(TAG.sequence, ...identifier));
  return derEncode(TAG.sequence, list);
}
