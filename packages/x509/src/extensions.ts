import { contextTag, DerReader, quoted, TAG } from '@nv2/core';
import { malformed } from './errors.ts';
import { type GeneralName, readGeneralNames } from './general-name.ts';
import { type NameConstraints, readNameConstraints } from './name-constraints.ts';
import { ACCESS_METHOD, EXTENSION } from './oids.ts';
import { readCertificatePolicies, readInhibitAnyPolicy, readPolicyMappings } from './policies.ts';
import { isUri } from './uri.ts';

/** One extension as encoded, RFC 5280 4.2. */
export interface Extension {
  readonly critical: boolean;
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array;
}

/** Extensions of one certificate, CRL or message; those in use have up to twenty. */
const MAX_EXTENSIONS = 128;

/**
 * Reads Extensions (RFC 5280 4.1.2.9, 5.1.2.7) up to the end of `list`, by dotted object identifier
 * in the order of the encoding: at least one, at most 128, none twice.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readExtensionList(list: DerReader): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  do {
    if (extensions.size === MAX_EXTENSIONS)
      malformed(`expected at most ${MAX_EXTENSIONS} extensions`);
    const fields = list.enter(TAG.sequence);
    const oid = fields.oid();
    // DER leaves a FALSE out, many a CA does not; it means the same either way.
    const critical = fields.peek() === TAG.boolean ? fields.boolean() : false;
    const value = fields.content(TAG.octetString);
    fields.finish();
    if (extensions.has(oid))
      malformed(`extension ${oid} is there twice`, { data: { extension: oid } });
    extensions.set(oid, { critical, value });
  } while (!list.done);
  return extensions;
}

/** The bits of the key usage extension in order, RFC 5280 4.2.1.3. */
export const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** A bit of the key usage extension. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** RFC 5280 4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean;
  /** How many CA certificates may follow below this one. */
  readonly pathLength?: number;
}

/** RFC 5280 4.2.1.1: of the identifier, the part by which keys are found. */
export interface AuthorityKeyIdentifier {
  readonly keyId?: Uint8Array;
}

/** What the known extensions of a certificate say. */
export interface DecodedExtensions {
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Dotted object identifiers, at least one. */
  readonly extendedKeyUsage?: readonly string[];
  readonly basicConstraints?: BasicConstraints;
  readonly nameConstraints?: NameConstraints;
  readonly subjectAltNames?: readonly GeneralName[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: AuthorityKeyIdentifier;
  /** Empty if none are named, as those below. */
  readonly ocspResponders: readonly string[];
  readonly crlDistributionPoints: readonly string[];
}

const NONE: readonly string[] = Object.freeze([]);

type Writable = { -readonly [K in keyof DecodedExtensions]: DecodedExtensions[K] };

/** Reads one extension, and writes down what it says. */
type Decoder = (reader: DerReader, out: Writable) => void;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  [EXTENSION.keyUsage, into('keyUsage', readKeyUsage)],
  [EXTENSION.basicConstraints, into('basicConstraints', readBasic)],
  [EXTENSION.extendedKeyUsage, into('extendedKeyUsage', readOids)],
  [EXTENSION.subjectAltName, into('subjectAltNames', readAltNames)],
  [EXTENSION.nameConstraints, into('nameConstraints', readNameConstraints)],
  [
    EXTENSION.subjectKeyIdentifier,
    into('subjectKeyId', (reader) => reader.content(TAG.octetString)),
  ],
  [EXTENSION.authorityKeyIdentifier, into('authorityKeyId', readAuthorityKeyId)],
  [EXTENSION.authorityInfoAccess, into('ocspResponders', readOcspResponders)],
  [EXTENSION.crlDistributionPoints, into('crlDistributionPoints', readDistributionPoints)],
  // these have to be well-formed, and say nothing that is acted on
  [EXTENSION.certificatePolicies, readCertificatePolicies],
  [EXTENSION.policyMappings, readPolicyMappings],
  [EXTENSION.inhibitAnyPolicy, readInhibitAnyPolicy],
]);

function into<K extends keyof DecodedExtensions>(
  field: K,
  read: (reader: DerReader) => Writable[K],
): Decoder {
  return (reader, out) => {
    out[field] = read(reader);
  };
}

/** Must not be critical: RFC 5280 4.2.1.1, 4.2.1.2, 4.2.2.1. */
const NEVER_CRITICAL: readonly string[] = [
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.authorityInfoAccess,
];

/**
 * Decodes the extensions that nv2 knows, each whole; the others are left as they are.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function decodeExtensions(extensions: ReadonlyMap<string, Extension>): DecodedExtensions {
  const out: DecodedExtensions = { ocspResponders: NONE, crlDistributionPoints: NONE };
  for (const [oid, extension] of extensions) {
    const decode = DECODERS.get(oid);
    if (decode === undefined) continue;
    if (extension.critical && NEVER_CRITICAL.includes(oid))
      malformed(`extension ${oid} is marked critical`, { data: { extension: oid } });
    const reader = new DerReader(extension.value);
    decode(reader, out);
    reader.finish();
  }
  return out;
}

function readKeyUsage(reader: DerReader): ReadonlySet<KeyUsage> {
  const { bytes, unused } = reader.bitString();
  const last = bytes[bytes.length - 1] ?? 0;
  // X.690 11.2.2: a list of named bits has no trailing zero; RFC 5280: at least one bit is set.
  if (bytes.length === 0 || ((last >> unused) & 1) === 0) malformed('key usage ends in a zero bit');
  if (bytes.length * 8 - unused > KEY_USAGES.length) malformed('key usage has unknown bits');
  const usages = new Set<KeyUsage>();
  KEY_USAGES.forEach((usage, bit) => {
    if (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) usages.add(usage);
  });
  return usages;
}

function readBasic(reader: DerReader): BasicConstraints {
  const fields = reader.enter(TAG.sequence);
  // DER leaves a FALSE out, many a CA does not; it means the same either way.
  const ca = fields.peek() === TAG.boolean ? fields.boolean() : false;
  const pathLength = fields.done ? undefined : fields.smallInteger();
  fields.finish();
  return pathLength === undefined ? { ca } : { ca, pathLength };
}

function readOids(reader: DerReader): readonly string[] {
  const list = reader.enter(TAG.sequence);
  const oids: string[] = [];
  do oids.push(list.oid());
  while (!list.done);
  return oids;
}

/** RFC 5280 4.2.1.1. @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID` */
export function readAuthorityKeyId(reader: DerReader): AuthorityKeyIdentifier {
  const fields = reader.enter(TAG.sequence);
  const keyId =
    fields.peek() === contextTag(0, false) ? fields.content(contextTag(0, false)) : undefined;
  const issuer = fields.enterOptional(contextTag(1, true));
  if (issuer !== undefined) readGeneralNames(issuer);
  if (fields.peek() === contextTag(2, false)) fields.integer(contextTag(2, false));
  fields.finish();
  return keyId === undefined ? {} : { keyId };
}

function readOcspResponders(reader: DerReader): readonly string[] {
  const list = reader.enter(TAG.sequence);
  const responders: string[] = [];
  do {
    const access = list.enter(TAG.sequence);
    const method = access.oid();
    for (const location of readGeneralNames(access))
      if (method === ACCESS_METHOD.ocsp && location.kind === 'uri') responders.push(location.value);
  } while (!list.done);
  return responders;
}

/** RFC 5280 4.2.1.6; of what the names say, that a URI is one: the reference refuses others as well. */
function readAltNames(reader: DerReader): readonly GeneralName[] {
  const names = readGeneralNames(reader.enter(TAG.sequence));
  for (const name of names)
    if (name.kind === 'uri' && !isUri(name.value))
      malformed(`alternative name ${quoted(name.value)} is not a URI`);
  return names;
}

/** Distribution points of one certificate or CRL; those in use have one to three. */
const MAX_DISTRIBUTION_POINTS = 64;

/**
 * RFC 5280 4.2.1.13: the URLs under which the CRL is, whatever point they belong to.
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readDistributionPoints(reader: DerReader): readonly string[] {
  const list = reader.enter(TAG.sequence);
  const urls: string[] = [];
  let points = 0;
  do {
    if (++points > MAX_DISTRIBUTION_POINTS)
      malformed(`expected at most ${MAX_DISTRIBUTION_POINTS} distribution points`);
    const point = list.enter(TAG.sequence);
    const name = point.enterOptional(contextTag(0, true));
    // one by one: there may be more names than a call takes arguments
    if (name !== undefined) for (const url of readDistributionPointName(name)) urls.push(url);
    if (point.peek() === contextTag(1, false)) point.bitString(contextTag(1, false));
    const crlIssuer = point.enterOptional(contextTag(2, true));
    if (crlIssuer !== undefined) readGeneralNames(crlIssuer);
    point.finish();
  } while (!list.done);
  return urls;
}

function readDistributionPointName(choice: DerReader): readonly string[] {
  const urls: string[] = [];
  const fullName = choice.enterOptional(contextTag(0, true));
  if (fullName === undefined) choice.enter(contextTag(1, true));
  else
    for (const name of readGeneralNames(fullName)) if (name.kind === 'uri') urls.push(name.value);
  choice.finish();
  return urls;
}
