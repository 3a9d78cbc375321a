import {
  CoreError,
  type CryptoPort,
  contextTag,
  defaultCrypto,
  derBitString,
  derEncode,
  derInteger,
  derOid,
  type PrivateKey,
  parsePublicKey,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import { type Certificate, parseCertificate } from './certificate.ts';
import { encodeDirectoryString } from './directory-string.ts';
import { X509Error } from './errors.ts';
import { type BasicConstraints, KEY_USAGES, type KeyUsage } from './extensions.ts';
import { EXTENSION } from './oids.ts';
import type { CryptoOptions } from './signature.ts';
import { encodeSignatureAlgorithm } from './signature-algorithm.ts';
import { encodeTime } from './time.ts';

/** An attribute of a name to be: dotted object identifier and text. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/** An extension to be, as encoded. */
export interface ExtensionTemplate {
  /** Dotted object identifier. */
  readonly oid: string;
  readonly critical: boolean;
  /** What goes into the OCTET STRING. */
  readonly value: Uint8Array;
}

/** What a certificate is to say. */
export interface CertificateTemplate {
  /** Relative names, most significant first, each of one attribute. */
  readonly subject: readonly NameAttribute[];
  /** Milliseconds since the epoch; cut to whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo of the key to be certified. */
  readonly spki: Uint8Array;
  /** Big-endian magnitude; 16 random octets unless given. */
  readonly serialNumber?: Uint8Array;
  /** Written as critical. */
  readonly basicConstraints?: BasicConstraints;
  /** Written as critical. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Dotted object identifiers; written as not critical. */
  readonly extendedKeyUsage?: readonly string[];
  /** Further extensions; one of the same identifier replaces what the fields above make. */
  readonly extensions?: readonly ExtensionTemplate[];
}

/** Who signs: the holder of the subject's own key, or a CA. */
export interface CertificateIssuer {
  readonly key: PrivateKey;
  /** The CA's certificate; without one the new certificate is self-signed. */
  readonly certificate?: Certificate;
  /** How to sign; by default what fits the key: RSASSA-PKCS1-v1_5 or ECDSA, with SHA-2. */
  readonly scheme?: SignatureScheme;
}

/**
 * Issues a certificate of version 3 (RFC 5280 4.1). It is as the template has it: whether it obeys
 * any rules is for `validateCodeSigningChain` to say.
 * @throws X509Error `X509_TEMPLATE_INVALID` for a template, a key or a scheme that makes no
 *   certificate which `parseCertificate` reads; and whatever else `issuer.key` throws
 */
export async function issueCertificate(
  template: CertificateTemplate,
  issuer: CertificateIssuer,
  options: CryptoOptions = {},
): Promise<Certificate> {
  try {
    return await issue(template, issuer, options.crypto ?? defaultCrypto);
  } catch (cause) {
    const isOurs = cause instanceof CoreError || cause instanceof X509Error;
    if (!isOurs || cause.code === 'X509_TEMPLATE_INVALID') throw cause;
    return templateInvalid(cause.message, cause);
  }
}

async function issue(
  template: CertificateTemplate,
  issuer: CertificateIssuer,
  crypto: CryptoPort,
): Promise<Certificate> {
  const scheme = issuer.scheme ?? schemeOf(issuer.key);
  const algorithm = encodeSignatureAlgorithm(scheme);
  const subject = encodeName(template.subject);
  const tbs = derEncode(
    TAG.sequence,
    derEncode(contextTag(0, true), derInteger(2)),
    derInteger(template.serialNumber ?? crypto.randomBytes(16)),
    algorithm,
    issuer.certificate?.subject.der ?? subject,
    derEncode(TAG.sequence, encodeTime(template.notBefore), encodeTime(template.notAfter)),
    subject,
    template.spki,
    ...encodeExtensions(template),
  );
  const signature = await issuer.key.sign(scheme, tbs);
  return parseCertificate(derEncode(TAG.sequence, tbs, algorithm, derBitString(signature)));
}

function templateInvalid(reason: string, cause?: unknown): never {
  throw new X509Error('X509_TEMPLATE_INVALID', `template: ${reason}`, { cause });
}

/** SHA-2 of the strength of the key, as RFC 5758 pairs them. */
function schemeOf(key: PrivateKey): SignatureScheme {
  const publicKey = parsePublicKey(key.spki);
  if (publicKey === undefined) return templateInvalid('the issuer key is of an unsupported kind');
  if (publicKey.kind === 'rsa') return { kind: 'rsa-pkcs1', hash: 'sha256' };
  const hash = ({ 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const)[
    publicKey.curve
  ];
  return { kind: 'ecdsa', hash, encoding: 'der' };
}

function encodeName(attributes: readonly NameAttribute[]): Uint8Array {
  return derEncode(
    TAG.sequence,
    ...attributes.map(({ type, value }) =>
      derEncode(TAG.set, derEncode(TAG.sequence, derOid(type), encodeDirectoryString(value))),
    ),
  );
}

function encodeExtensions(template: CertificateTemplate): Uint8Array[] {
  const extensions = new Map<string, ExtensionTemplate>();
  const { basicConstraints, keyUsage, extendedKeyUsage } = template;
  if (basicConstraints !== undefined) {
    const value = encodeBasicConstraints(basicConstraints);
    extensions.set(EXTENSION.basicConstraints, {
      oid: EXTENSION.basicConstraints,
      critical: true,
      value,
    });
  }
  if (keyUsage !== undefined)
    extensions.set(EXTENSION.keyUsage, {
      oid: EXTENSION.keyUsage,
      critical: true,
      value: encodeKeyUsage(keyUsage),
    });
  if (extendedKeyUsage !== undefined)
    extensions.set(EXTENSION.extendedKeyUsage, {
      oid: EXTENSION.extendedKeyUsage,
      critical: false,
      value: derEncode(TAG.sequence, ...extendedKeyUsage.map(derOid)),
    });
  for (const extension of template.extensions ?? []) extensions.set(extension.oid, extension);
  if (extensions.size === 0) return [];
  const list = [...extensions.values()].map(({ oid, critical, value }) =>
    derEncode(
      TAG.sequence,
      derOid(oid),
      ...(critical ? [derEncode(TAG.boolean, Uint8Array.of(0xff))] : []),
      derEncode(TAG.octetString, value),
    ),
  );
  return [derEncode(contextTag(3, true), derEncode(TAG.sequence, ...list))];
}

function encodeBasicConstraints({ ca, pathLength }: BasicConstraints): Uint8Array {
  return derEncode(
    TAG.sequence,
    ...(ca ? [derEncode(TAG.boolean, Uint8Array.of(0xff))] : []),
    ...(pathLength === undefined ? [] : [derInteger(pathLength)]),
  );
}

/** X.690 11.2.2: named bits without trailing zeros. */
function encodeKeyUsage(usages: readonly KeyUsage[]): Uint8Array {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  if (bits.length === 0) templateInvalid('key usage is empty, expected at least one');
  if (bits.includes(-1)) templateInvalid(`key usage ${usages.join(', ')} is not known`);
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return derBitString(bytes, 7 - (last & 7));
}
