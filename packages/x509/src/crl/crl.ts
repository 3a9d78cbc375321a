import { contextTag, DerReader, encodeHex, equalBytes, type SignatureScheme, TAG } from '@nv2/core';
import { MAX_CERTIFICATE_BYTES } from '../certificate.ts';
import {
  type AuthorityKeyIdentifier,
  type Extension,
  readAuthorityKeyId,
  readDistributionPoints,
  readExtensionList,
} from '../extensions.ts';
import { type Name, readName } from '../name.ts';
import { CRL_EXTENSION } from '../oids.ts';
import { readSignatureAlgorithm } from '../signature-algorithm.ts';
import { readTime } from '../time.ts';
import {
  type CrlEntriesSummary,
  type CrlEntry,
  findEntries,
  summarizeCrlEntries,
} from './crl-entries.ts';
import { crlInvalid, decodingCrl } from './crl-invalid.ts';
import {
  type IssuingDistributionPoint,
  readIssuingDistributionPoint,
} from './distribution-point.ts';

/**
 * A certificate revocation list as decoded; nothing about it is verified. Octets are views into
 * `der`. The entries stay encoded, see {@link findCrlEntries}.
 */
export interface CertificateRevocationList extends CrlEntriesSummary, DecodedCrlExtensions {
  readonly der: Uint8Array;
  /** The signed part, TBSCertList, whole element. */
  readonly tbs: Uint8Array;
  /** Undefined for an algorithm that nv2 does not verify, such as SHA-1. */
  readonly signatureScheme: SignatureScheme | undefined;
  /** Dotted object identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  readonly issuer: Name;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  /** Milliseconds since the epoch; undefined if the CRL does not say. */
  readonly nextUpdate?: number;
  /** The content octets of `revokedCertificates`. */
  readonly revokedCertificates: Uint8Array;
  /** All extensions by dotted object identifier, in the order of the encoding. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** What the known extensions of a CRL say, RFC 5280 5.2. */
export interface DecodedCrlExtensions {
  readonly crlNumber?: bigint;
  /** BaseCRLNumber of the delta CRL indicator: given, the list is a delta CRL. */
  readonly baseCrlNumber?: bigint;
  readonly authorityKeyId?: AuthorityKeyIdentifier;
  readonly issuingDistributionPoint?: IssuingDistributionPoint;
  /** URLs of the delta CRL; empty if none. */
  readonly freshestCrls: readonly string[];
}

/** The largest CRLs in use have half of it. */
export const MAX_CRL_BYTES: number = 32 * 1024 * 1024;

/** RFC 5280 5.2.3. */
const MAX_CRL_NUMBER_BYTES = 20;

/**
 * Decodes a CRL, base or delta (RFC 5280 5.1): strict DER, version 2, both algorithm identifiers
 * alike, nothing after it; every entry and every known extension is well-formed. Takes time in
 * proportion to its size, and no memory for its entries.
 * @throws X509Error `X509_CRL_INVALID`
 */
export function parseCrl(der: Uint8Array): CertificateRevocationList {
  if (der.length > MAX_CRL_BYTES)
    crlInvalid(`expected at most ${MAX_CRL_BYTES} bytes, got ${der.length}`);
  return decodingCrl(() => {
    const reader = new DerReader(der);
    // RFC 5280 5.1.1: CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signature }
    const fields = reader.enter(TAG.sequence);
    reader.finish();
    const tbs = fields.element();
    const algorithmStart = fields.position;
    const { algorithm, scheme } = readSignatureAlgorithm(fields);
    const outerAlgorithm = der.subarray(algorithmStart, fields.position);
    const { bytes: signature, unused } = fields.bitString();
    fields.finish();
    if (unused !== 0) crlInvalid('the signature does not end at an octet');
    return {
      der,
      tbs,
      signatureScheme: scheme,
      signatureAlgorithm: algorithm,
      signature,
      ...readTbs(tbs, outerAlgorithm),
    };
  });
}

/**
 * What a CRL says about a serial number (big-endian magnitude, as in `Certificate`), in the order of
 * the list; empty if it is not listed. Takes time in proportion to the list and keeps nothing.
 * Whose number it is, and whether the CRL is to be believed, is for `checkCrl` to say.
 */
export function findCrlEntries(
  crl: CertificateRevocationList,
  serialNumber: Uint8Array,
): readonly CrlEntry[] {
  return findEntries(crl.revokedCertificates, serialNumber);
}

type SignedPart = Omit<
  CertificateRevocationList,
  'der' | 'tbs' | 'signatureScheme' | 'signatureAlgorithm' | 'signature'
>;

const NO_ENTRIES = new Uint8Array(0);
const NO_EXTENSIONS: ReadonlyMap<string, Extension> = new Map();

/** RFC 5280 5.1.2. */
function readTbs(tbs: Uint8Array, outerAlgorithm: Uint8Array): SignedPart {
  const fields = new DerReader(tbs).enter(TAG.sequence);
  // RFC 5280 5.1.2.1: version 1, which has no version field, has no extensions either.
  if (fields.peek() !== TAG.integer || fields.smallInteger() !== 1)
    crlInvalid('expected version 2');
  // RFC 5280 5.1.1.2: the same algorithm identifier as outside.
  if (!equalBytes(fields.element(), outerAlgorithm))
    crlInvalid('the signature algorithms inside and outside differ');
  const issuer = readName(new DerReader(bounded(fields.element())));
  const thisUpdate = readTime(fields);
  const hasNextUpdate = fields.peek() === TAG.utcTime || fields.peek() === TAG.generalizedTime;
  const nextUpdate = hasNextUpdate ? { nextUpdate: readTime(fields) } : {};
  // RFC 5280 5.1.2.6: absent if nothing is revoked; some write it empty.
  const hasEntries = fields.peek() === TAG.sequence;
  const revokedCertificates = hasEntries ? fields.content(TAG.sequence) : NO_ENTRIES;
  const extensions = readExtensions(fields);
  fields.finish();
  return {
    issuer,
    thisUpdate,
    ...nextUpdate,
    revokedCertificates,
    ...summarizeCrlEntries(revokedCertificates),
    extensions,
    ...decodeCrlExtensions(extensions, issuer),
  };
}

/** What is decoded into objects, unlike the entries, is never larger than a certificate. */
function bounded(element: Uint8Array): Uint8Array {
  if (element.length > MAX_CERTIFICATE_BYTES)
    crlInvalid(`expected at most ${MAX_CERTIFICATE_BYTES} bytes beside the entries`);
  return element;
}

function readExtensions(fields: DerReader): ReadonlyMap<string, Extension> {
  if (fields.done) return NO_EXTENSIONS;
  const explicit = new DerReader(bounded(fields.element())).enter(contextTag(0, true));
  const list = explicit.enter(TAG.sequence);
  explicit.finish();
  return readExtensionList(list);
}

function decodeCrlExtensions(
  extensions: ReadonlyMap<string, Extension>,
  issuer: Name,
): DecodedCrlExtensions {
  const decode = <T>(oid: string, read: (reader: DerReader) => T): T | undefined => {
    const extension = extensions.get(oid);
    if (extension === undefined) return undefined;
    const reader = new DerReader(extension.value);
    const value = read(reader);
    reader.finish();
    return value;
  };
  const crlNumber = decode(CRL_EXTENSION.crlNumber, readCrlNumber);
  const baseCrlNumber = decode(CRL_EXTENSION.deltaCrlIndicator, readCrlNumber);
  const authorityKeyId = decode(CRL_EXTENSION.authorityKeyIdentifier, readAuthorityKeyId);
  const freshestCrls = decode(CRL_EXTENSION.freshestCrl, readDistributionPoints) ?? [];
  const point = decode(CRL_EXTENSION.issuingDistributionPoint, (reader) =>
    readIssuingDistributionPoint(reader.element(), issuer),
  );
  return {
    ...(crlNumber === undefined ? {} : { crlNumber }),
    ...(baseCrlNumber === undefined ? {} : { baseCrlNumber }),
    ...(authorityKeyId === undefined ? {} : { authorityKeyId }),
    ...(point === undefined ? {} : { issuingDistributionPoint: point }),
    freshestCrls,
  };
}

/** RFC 5280 5.2.3: not negative, at most 20 octets. */
function readCrlNumber(reader: DerReader): bigint {
  const content = reader.integer();
  if ((content[0] ?? 0) >= 0x80) crlInvalid('a CRL number is negative');
  const octets = content[0] === 0 ? content.length - 1 : content.length;
  if (octets > MAX_CRL_NUMBER_BYTES)
    crlInvalid(`a CRL number is longer than ${MAX_CRL_NUMBER_BYTES} octets`);
  return BigInt(`0x${encodeHex(content)}`);
}
