import {
  compareBytes,
  contextTag,
  DerReader,
  derEncode,
  type HashName,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import { type Name, readName } from '../name.ts';
import { readDigestAlgorithm, readSignatureAlgorithm } from '../signature-algorithm.ts';
import { invalidCms } from './decoding.ts';

/** How a message names the certificate of its signer, RFC 5652 5.3. */
export type SignerIdentifier =
  | {
      readonly kind: 'issuer-serial';
      readonly issuer: Name;
      /** The magnitude, as in a certificate. */
      readonly serialNumber: Uint8Array;
    }
  | { readonly kind: 'key-id'; readonly keyId: Uint8Array };

/** The signed attributes of a signer, RFC 5652 5.3. */
export interface SignedAttributes {
  /** What is signed: the DER of the SET OF (RFC 5652 5.4). */
  readonly der: Uint8Array;
  /** By dotted object identifier; the values as encoded, whole elements. */
  readonly values: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** A signer of a CMS message, RFC 5652 5.3, as decoded. */
export interface SignerInfo {
  readonly sid: SignerIdentifier;
  /** Undefined for a digest that nv2 does not use, such as SHA-1. */
  readonly hash: HashName | undefined;
  /** Dotted object identifier. */
  readonly digestAlgorithm: string;
  /** Undefined for an algorithm that nv2 does not verify. */
  readonly scheme: SignatureScheme | undefined;
  /** Dotted object identifier. */
  readonly signatureAlgorithm: string;
  readonly signedAttributes: SignedAttributes | undefined;
  readonly signature: Uint8Array;
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';

/** Tokens in use have four to seven. */
const MAX_ATTRIBUTES = 64;

/**
 * Reads a SignerInfo.
 * @throws X509Error `X509_CMS_INVALID`, `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readSignerInfo(reader: DerReader): SignerInfo {
  const fields = reader.enter(TAG.sequence);
  const version = fields.smallInteger();
  const sid = readSignerIdentifier(fields);
  // RFC 5652 5.3: the version tells how the signer is named.
  const expected = sid.kind === 'issuer-serial' ? 1 : 3;
  if (version !== expected)
    invalidCms(`expected signer version ${expected}, got ${version}`, { signerVersion: version });
  const { algorithm: digestAlgorithm, hash } = readDigestAlgorithm(fields);
  const attributes = fields.enterOptional(contextTag(0, true));
  const signedAttributes = attributes && readAttributes(attributes);
  const { algorithm: signatureAlgorithm, scheme } = readScheme(fields.element(), hash);
  const signature = fields.content(TAG.octetString);
  fields.enterOptional(contextTag(1, true));
  fields.finish();
  return { sid, hash, digestAlgorithm, scheme, signatureAlgorithm, signedAttributes, signature };
}

function readSignerIdentifier(fields: DerReader): SignerIdentifier {
  if (fields.peek() === contextTag(0, false))
    return { kind: 'key-id', keyId: fields.content(contextTag(0, false)) };
  const identifier = fields.enter(TAG.sequence);
  const issuer = readName(identifier);
  const serialNumber = readSerialNumber(identifier);
  identifier.finish();
  return { kind: 'issuer-serial', issuer, serialNumber };
}

/** The magnitude of a serial number, in the form in which certificates hold theirs. */
export function readSerialNumber(reader: DerReader): Uint8Array {
  const content = reader.integer();
  if ((content[0] ?? 0) >= 0x80) invalidCms('a serial number is negative');
  return content[0] === 0 && content.length > 1 ? content.subarray(1) : content;
}

/** RFC 5652 5.3, 5.4. Each attribute is there once. */
function readAttributes(list: DerReader): SignedAttributes {
  const elements: Uint8Array[] = [];
  const values = new Map<string, readonly Uint8Array[]>();
  while (!list.done) {
    if (elements.length === MAX_ATTRIBUTES)
      invalidCms(`expected at most ${MAX_ATTRIBUTES} signed attributes`);
    const element = list.element();
    elements.push(element);
    const attribute = new DerReader(element).enter(TAG.sequence);
    const type = attribute.oid();
    const set = attribute.enter(TAG.set);
    attribute.finish();
    if (values.has(type))
      invalidCms(`signed attribute ${type} is there twice`, { attribute: type });
    const members: Uint8Array[] = [];
    while (!set.done) members.push(set.element());
    values.set(type, members);
  }
  // RFC 5652 5.4: the DER of the SET OF, whatever order and tag the attributes came in.
  return { der: derEncode(TAG.set, ...elements.sort(compareBytes)), values };
}

/**
 * RFC 3370 3.2: rsaEncryption is PKCS #1 v1.5 with the digest that the signer names; the others say
 * their own.
 */
function readScheme(
  identifier: Uint8Array,
  hash: HashName | undefined,
): { readonly algorithm: string; readonly scheme: SignatureScheme | undefined } {
  const fields = new DerReader(identifier).enter(TAG.sequence);
  const algorithm = fields.oid();
  if (algorithm !== RSA_ENCRYPTION) return readSignatureAlgorithm(new DerReader(identifier));
  const fits = fields.done || fields.content(TAG.null).length === 0;
  fields.finish();
  return {
    algorithm,
    scheme: fits && hash !== undefined ? { kind: 'rsa-pkcs1', hash } : undefined,
  };
}
