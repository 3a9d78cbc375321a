import {
  CoreError,
  contextTag,
  DerReader,
  decodePem,
  equalBytes,
  type PublicKey,
  readSubjectPublicKeyInfo,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import { malformed, X509Error } from './errors.ts';
import {
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  decodeExtensions,
  type Extension,
  type KeyUsage,
  readExtensionList,
} from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { type Name, readName } from './name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { readSignatureAlgorithm } from './signature-algorithm.ts';
import { readTime } from './time.ts';

/** An X.509 certificate as decoded; nothing about it is verified. Octets are views into `der`. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The signed part, TBSCertificate, whole element. */
  readonly tbs: Uint8Array;
  /** 1 or 3. Certificates of version 1 have no extensions and are never a CA. */
  readonly version: 1 | 3;
  /** The magnitude, big-endian, without leading zeros (one zero octet for zero). */
  readonly serialNumber: Uint8Array;
  /** Undefined for an algorithm that nv2 does not verify, such as SHA-1. */
  readonly signatureScheme: SignatureScheme | undefined;
  /** Dotted object identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** First and last moment of validity, milliseconds since the epoch, both included. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Undefined for a key of a kind, curve or size that nv2 does not use. */
  readonly publicKey: PublicKey | undefined;
  /** Dotted object identifier of the key's algorithm. */
  readonly publicKeyAlgorithm: string;
  /** The whole SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** All extensions by dotted object identifier, in the order of the encoding. */
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Dotted object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  readonly basicConstraints?: BasicConstraints;
  readonly nameConstraints?: NameConstraints;
  readonly subjectAltNames?: readonly GeneralName[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: AuthorityKeyIdentifier;
  /** URLs of OCSP responders from authority information access; empty if none. */
  readonly ocspResponders: readonly string[];
  /** URLs of the CRL distribution points; empty if none. */
  readonly crlDistributionPoints: readonly string[];
}

/** No certificate in use is near this size. */
export const MAX_CERTIFICATE_BYTES: number = 256 * 1024;

/** RFC 5280 4.1.2.2, counted without the octet that keeps a number positive. */
const MAX_SERIAL_NUMBER_BYTES = 20;

/**
 * Decodes one certificate (RFC 5280 4.1): strict DER, version 1 or 3, both algorithm identifiers
 * alike, no extension twice, nothing after it, every known extension well-formed, the point of an
 * elliptic curve key on its curve. A serial number may be zero, which RFC 5280 asks its users to bear with; negative ones are refused. The result is
 * of octets of its own: what becomes of `der` later does not matter.
 * @throws X509Error `X509_CERTIFICATE_INVALID`
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return readAlone(copyOf(der), []);
}

/**
 * Decodes the certificates of a chain, each as {@link parseCertificate} does, but reads a name that
 * two of them have only once.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, `data.index` is that of the certificate
 */
export function parseCertificateChain(chain: readonly Uint8Array[]): readonly Certificate[] {
  return readCertificateChain(chain.map(copyOf));
}

/**
 * As {@link parseCertificateChain}, of these very octets: for a caller who made them and lets nobody
 * write into them.
 */
export function readCertificateChain(chain: readonly Uint8Array[]): readonly Certificate[] {
  const names: Name[] = [];
  return chain.map((der, index) => {
    try {
      return readAlone(der, names);
    } catch (cause) {
      if (!(cause instanceof X509Error)) throw cause;
      throw new X509Error(cause.code, cause.message, { cause, data: { ...cause.data, index } });
    }
  });
}

function readAlone(der: Uint8Array, names: Name[]): Certificate {
  return decoding(() => {
    const reader = new DerReader(der);
    const certificate = readCertificate(reader, names);
    reader.finish();
    return certificate;
  });
}

/** RFC 7468 5.1: the label, and the older ones that readers are asked to know. */
const PEM_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'X.509 CERTIFICATE'];

/** Certificates of one file; more than any chain or trust store file holds. */
const MAX_CERTIFICATES = 1000;

/**
 * Decodes the certificates of a file: PEM blocks (text around them is passed over), or DER, one
 * after the other. At least one; any other PEM block, such as a private key, is refused.
 * @throws X509Error `X509_CERTIFICATE_INVALID`; `data.count` is 0 if there is none at all
 */
export function parseCertificates(bytes: Uint8Array): readonly Certificate[] {
  if (isDer(bytes)) return parseConcatenated(bytes);
  const blocks = decoding(() => decodePem(bytes, { maxBlocks: MAX_CERTIFICATES }));
  if (blocks.length === 0)
    malformed('found none, neither PEM nor DER', { data: { count: 0, bytes: bytes.length } });
  return blocks.map(({ label, der }) => {
    if (!PEM_LABELS.includes(label)) malformed(`expected a PEM CERTIFICATE, got ${label}`);
    return parseCertificate(der);
  });
}

/** No certificate is so short that its length takes one octet, and no PEM text has such a second one. */
function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === TAG.sequence && (bytes[1] ?? 0) >= 0x80;
}

function parseConcatenated(bytes: Uint8Array): readonly Certificate[] {
  return decoding(() => {
    const reader = new DerReader(copyOf(bytes));
    const certificates: Certificate[] = [];
    while (!reader.done) {
      if (certificates.length === MAX_CERTIFICATES)
        malformed(`expected at most ${MAX_CERTIFICATES} in one file`);
      certificates.push(readCertificate(reader, []));
    }
    return certificates;
  });
}

/** Not `slice`, which gives no copy of a Buffer. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Gives errors of the encodings below this package's code. */
function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof CoreError) return malformed(cause.message, { cause, data: cause.data });
    throw cause;
  }
}

function readCertificate(reader: DerReader, names: Name[]): Certificate {
  const der = reader.element();
  if (der.length > MAX_CERTIFICATE_BYTES)
    malformed(`expected at most ${MAX_CERTIFICATE_BYTES} bytes, got ${der.length}`);
  // RFC 5280 4.1.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
  const fields = new DerReader(der).enter(TAG.sequence);
  const tbs = fields.element();
  const algorithmStart = fields.position;
  const { algorithm, scheme } = readSignatureAlgorithm(fields);
  const outerAlgorithm = der.subarray(algorithmStart, fields.position);
  const { bytes: signature, unused } = fields.bitString();
  fields.finish();
  if (unused !== 0) malformed('the signature does not end at an octet');
  return {
    der,
    tbs,
    signatureScheme: scheme,
    signatureAlgorithm: algorithm,
    signature,
    ...readTbs(tbs, { outerAlgorithm, names }),
  };
}

type SignedPart = Omit<
  Certificate,
  'der' | 'tbs' | 'signatureScheme' | 'signatureAlgorithm' | 'signature'
>;

/** RFC 5280 4.1.2. */
function readTbs(
  tbs: Uint8Array,
  { outerAlgorithm, names }: { readonly outerAlgorithm: Uint8Array; readonly names: Name[] },
): SignedPart {
  const fields = new DerReader(tbs).enter(TAG.sequence);
  const version = readVersion(fields);
  const serialNumber = readSerialNumber(fields);
  // RFC 5280 4.1.1.2: the same algorithm identifier as outside.
  if (!equalBytes(fields.element(), outerAlgorithm))
    malformed('the signature algorithms inside and outside differ');
  const issuer = readName(fields, names);
  const validity = fields.enter(TAG.sequence);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.finish();
  const subject = readName(fields, names);
  const keyStart = fields.position;
  const { algorithm, key } = readSubjectPublicKeyInfo(fields);
  const spki = tbs.subarray(keyStart, fields.position);
  if (version === 3) skipUniqueIdentifiers(fields);
  const extensions =
    version === 3 ? readExtensions(fields.enterOptional(contextTag(3, true))) : NO_EXTENSIONS;
  fields.finish();
  return {
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey: key,
    publicKeyAlgorithm: algorithm,
    spki,
    extensions,
    ...decodeExtensions(extensions),
  };
}

const NO_EXTENSIONS: ReadonlyMap<string, Extension> = new Map();

/** RFC 5280 4.1.2.1: absent is version 1; version 2 is of no use, it could only add unique ids. */
function readVersion(fields: DerReader): 1 | 3 {
  const explicit = fields.enterOptional(contextTag(0, true));
  if (explicit === undefined) return 1;
  const version = explicit.smallInteger();
  explicit.finish();
  if (version !== 2) malformed(`expected version 1 or 3, got ${version + 1}`);
  return 3;
}

function readSerialNumber(fields: DerReader): Uint8Array {
  const content = fields.integer();
  if ((content[0] ?? 0) >= 0x80) malformed('the serial number is negative');
  const magnitude = content[0] === 0 && content.length > 1 ? content.subarray(1) : content;
  if (magnitude.length > MAX_SERIAL_NUMBER_BYTES)
    malformed(`the serial number is longer than ${MAX_SERIAL_NUMBER_BYTES} octets`);
  return magnitude;
}

/** RFC 5280 4.1.2.8: not generated, but parsed. */
function skipUniqueIdentifiers(fields: DerReader): void {
  for (const number of [1, 2]) {
    const tag = contextTag(number, false);
    if (fields.peek() === tag) fields.bitString(tag);
  }
}

/** RFC 5280 4.1.2.9. */
function readExtensions(explicit: DerReader | undefined): ReadonlyMap<string, Extension> {
  if (explicit === undefined) return NO_EXTENSIONS;
  const list = explicit.enter(TAG.sequence);
  explicit.finish();
  return readExtensionList(list);
}
