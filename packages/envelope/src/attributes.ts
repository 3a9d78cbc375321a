import { quoted } from '@nv2/core';
import type { SignatureAlgorithm } from './algorithms.ts';
import type { AttributeValue, ExtendedAttribute, HeaderLabel } from './content.ts';
import { EnvelopeError } from './errors.ts';
import { ENVELOPE_LIMITS } from './limits.ts';

/**
 * What the signing time means (signing scheme specification): claimed by the signer, or vouched for
 * by a signing authority.
 */
export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority';

/** Names of the headers that the Notary Project defines, the same in both formats. */
export const NOTARY_HEADER = {
  signingScheme: 'io.cncf.notary.signingScheme',
  signingTime: 'io.cncf.notary.signingTime',
  authenticSigningTime: 'io.cncf.notary.authenticSigningTime',
  expiry: 'io.cncf.notary.expiry',
  timestampSignature: 'io.cncf.notary.timestampSignature',
  signingAgent: 'io.cncf.notary.signingAgent',
} as const;

/** The header that holds the signing time, and the one that must then be absent. */
const TIME_HEADERS: Readonly<Record<SigningScheme, { present: string; absent: string }>> = {
  'notary.x509': {
    present: NOTARY_HEADER.signingTime,
    absent: NOTARY_HEADER.authenticSigningTime,
  },
  'notary.x509.signingAuthority': {
    present: NOTARY_HEADER.authenticSigningTime,
    absent: NOTARY_HEADER.signingTime,
  },
};

/** The header in which this scheme holds the signing time. */
export function timeHeader(scheme: SigningScheme): string {
  return TIME_HEADERS[scheme].present;
}

/** Whether a value names a signing scheme. */
export function isSigningScheme(value: unknown): value is SigningScheme {
  return typeof value === 'string' && Object.hasOwn(TIME_HEADERS, value);
}

/** An instant, and how it was written. */
export interface SignedTime {
  readonly ms: number;
  readonly text: string;
}

/** A type, a slash and a subtype (RFC 6838 4.2), printable ASCII; parameters may follow. */
const MEDIA_TYPE = /^[!-.0-~]+\/[!-.0-~](?:[ -.0-~]*[!-.0-~])?$/;

/** Whether a value has the form of a media type. */
export function isMediaType(value: unknown): value is string {
  return typeof value === 'string' && MEDIA_TYPE.test(value);
}

/** What the protected header says, in the same shape for both formats. */
export interface SignedAttributes {
  readonly algorithm: SignatureAlgorithm;
  readonly payloadType: string;
  readonly scheme: SigningScheme;
  readonly signingTime: SignedTime;
  readonly expiry: SignedTime | undefined;
  readonly extended: readonly ExtendedAttribute[];
}

/** A decoded protected or unprotected header. */
export type Header = ReadonlyMap<HeaderLabel, AttributeValue>;

/** In what the two formats differ when a protected header is read. */
export interface HeaderVocabulary {
  readonly algorithm: HeaderLabel;
  readonly critical: HeaderLabel;
  readonly contentType: HeaderLabel;
  /** Labels that the format's own specification defines: those are never listed as critical. */
  isRegistered(label: HeaderLabel): boolean;
  algorithmOf(value: AttributeValue): SignatureAlgorithm | undefined;
  timeOf(value: AttributeValue): SignedTime | undefined;
}

/**
 * Reads a protected header by the rules of the signature specification, "Signed Attributes":
 * every standard attribute present, of its type, marked critical where it must be, and no attribute
 * of the other signing scheme. Extended attributes are returned with their criticality.
 * @throws EnvelopeError `ENVELOPE_HEADER_INVALID`, `ENVELOPE_CRITICAL_INVALID`,
 *   `ENVELOPE_SCHEME_UNSUPPORTED`, `ENVELOPE_TIME_INVALID`, `ENVELOPE_ALGORITHM_UNSUPPORTED`
 */
export function readSignedAttributes(
  header: Header,
  vocabulary: HeaderVocabulary,
): SignedAttributes {
  const algorithm = readAlgorithm(header, vocabulary);
  const payloadType = header.get(vocabulary.contentType);
  if (!isMediaType(payloadType)) {
    throw headerError(vocabulary.contentType, 'must be a media type, the one of the payload');
  }
  const scheme = readScheme(header);
  const { present, absent } = TIME_HEADERS[scheme];
  if (header.has(absent)) throw headerError(absent, `is not allowed in the scheme ${scheme}`);
  const signingTime = readTime(header, present, vocabulary);
  const expiry = header.has(NOTARY_HEADER.expiry)
    ? readTime(header, NOTARY_HEADER.expiry, vocabulary)
    : undefined;
  assertExpiresAfter(signingTime.ms, expiry?.ms);
  const critical = readCritical(header, scheme, vocabulary);
  return {
    algorithm,
    payloadType,
    scheme,
    signingTime,
    expiry,
    extended: extendedAttributes(header, critical, vocabulary),
  };
}

/**
 * The expiry, if there is one, is after the signing time.
 * @throws EnvelopeError `ENVELOPE_TIME_INVALID`
 */
export function assertExpiresAfter(signingTime: number, expiry: number | undefined): void {
  if (expiry !== undefined && expiry <= signingTime) {
    throw new EnvelopeError('ENVELOPE_TIME_INVALID', 'the expiry is not after the signing time', {
      data: { header: NOTARY_HEADER.expiry, signingTime, expiry },
    });
  }
}

/**
 * What signed, in its own words. A claim of another type counts as absent: "the verifier MUST NOT
 * validate formatting, or fail validation based on the content of this claim".
 */
export function readSigningAgent(unprotected: Header): string | undefined {
  const agent = unprotected.get(NOTARY_HEADER.signingAgent);
  return typeof agent === 'string' ? agent : undefined;
}

/** The error for a header that is missing, of the wrong type or in the wrong place. */
export function headerError(label: HeaderLabel, reason: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_HEADER_INVALID', `header ${show(label)} ${reason}`, {
    data: { header: label },
  });
}

/** Whether a label is one that {@link readSignedAttributes} reads itself. */
export function isStandardLabel(label: HeaderLabel, vocabulary: HeaderVocabulary): boolean {
  return (
    label === vocabulary.algorithm ||
    label === vocabulary.critical ||
    label === vocabulary.contentType ||
    label === NOTARY_HEADER.signingScheme ||
    label === NOTARY_HEADER.signingTime ||
    label === NOTARY_HEADER.authenticSigningTime ||
    label === NOTARY_HEADER.expiry
  );
}

/**
 * The two headers are not too long and share no label (RFC 7515 7.2.1, RFC 9052 3): a label in both
 * would mean one thing to one reader and another to the next.
 * @throws EnvelopeError `ENVELOPE_LIMIT_EXCEEDED`, `ENVELOPE_HEADER_INVALID`
 */
export function assertSeparateHeaders(protectedHeader: Header, unprotectedHeader: Header): void {
  for (const header of [protectedHeader, unprotectedHeader]) {
    if (header.size > ENVELOPE_LIMITS.maxHeaderParameters) {
      throw new EnvelopeError(
        'ENVELOPE_LIMIT_EXCEEDED',
        `a header has ${header.size} parameters, at most ${ENVELOPE_LIMITS.maxHeaderParameters} are read`,
        { data: { maxHeaderParameters: ENVELOPE_LIMITS.maxHeaderParameters } },
      );
    }
  }
  for (const label of unprotectedHeader.keys()) {
    if (protectedHeader.has(label)) throw headerError(label, 'is both protected and unprotected');
  }
}

function readAlgorithm(header: Header, vocabulary: HeaderVocabulary): SignatureAlgorithm {
  const value = header.get(vocabulary.algorithm);
  if (value === undefined) throw headerError(vocabulary.algorithm, 'is missing');
  const algorithm = vocabulary.algorithmOf(value);
  if (algorithm === undefined) {
    const got = typeof value === 'string' || typeof value === 'number' ? show(value) : typeof value;
    throw new EnvelopeError(
      'ENVELOPE_ALGORITHM_UNSUPPORTED',
      `signature algorithm ${got}, expected one of PS256, PS384, PS512, ES256, ES384, ES512`,
      { data: { header: vocabulary.algorithm } },
    );
  }
  return algorithm;
}

function readScheme(header: Header): SigningScheme {
  const scheme = header.get(NOTARY_HEADER.signingScheme);
  if (typeof scheme !== 'string') throw headerError(NOTARY_HEADER.signingScheme, 'must be text');
  if (!isSigningScheme(scheme)) {
    throw new EnvelopeError(
      'ENVELOPE_SCHEME_UNSUPPORTED',
      `signing scheme ${show(scheme)}, expected notary.x509 or notary.x509.signingAuthority`,
      { data: { header: NOTARY_HEADER.signingScheme, scheme } },
    );
  }
  return scheme;
}

function readTime(header: Header, name: string, vocabulary: HeaderVocabulary): SignedTime {
  const value = header.get(name);
  if (value === undefined) throw headerError(name, 'is missing');
  const time = vocabulary.timeOf(value);
  if (time === undefined) {
    throw new EnvelopeError(
      'ENVELOPE_TIME_INVALID',
      `header ${show(name)} is not a time between 1970 and 9999 in the form of this format`,
      { data: { header: name } },
    );
  }
  return time;
}

/** The labels marked critical (RFC 7515 4.1.11, RFC 9052 3.1), after all checks on the list. */
function readCritical(
  header: Header,
  scheme: SigningScheme,
  vocabulary: HeaderVocabulary,
): ReadonlySet<HeaderLabel> {
  const required = new Set<HeaderLabel>([NOTARY_HEADER.signingScheme]);
  if (scheme === 'notary.x509.signingAuthority') required.add(NOTARY_HEADER.authenticSigningTime);
  if (header.has(NOTARY_HEADER.expiry)) required.add(NOTARY_HEADER.expiry);

  const critical = new Set<HeaderLabel>();
  for (const label of criticalList(header, vocabulary)) {
    if (critical.has(label)) throw criticalError(label, 'is listed twice as critical');
    if (!header.has(label)) throw criticalError(label, 'is marked critical but not present');
    const extended = !(isStandardLabel(label, vocabulary) || vocabulary.isRegistered(label));
    if (!(extended || required.has(label))) {
      throw criticalError(label, 'must not be marked critical');
    }
    critical.add(label);
  }
  for (const label of required) {
    if (!critical.has(label)) throw criticalError(label, 'is not marked critical');
  }
  return critical;
}

function criticalList(header: Header, vocabulary: HeaderVocabulary): readonly HeaderLabel[] {
  const list = header.get(vocabulary.critical);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isLabel)) {
    throw criticalError(vocabulary.critical, 'must be a list of at least one header label');
  }
  return list;
}

function isLabel(value: unknown): value is HeaderLabel {
  return typeof value === 'string' || typeof value === 'number';
}

function criticalError(label: HeaderLabel, reason: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_CRITICAL_INVALID', `header ${show(label)} ${reason}`, {
    data: { header: label },
  });
}

function extendedAttributes(
  header: Header,
  critical: ReadonlySet<HeaderLabel>,
  vocabulary: HeaderVocabulary,
): readonly ExtendedAttribute[] {
  return [...header]
    .filter(([label]) => !isStandardLabel(label, vocabulary))
    .map(([key, value]) => ({ key, critical: critical.has(key), value }));
}

/** A label for a message: quoted, and never longer than a line. */
function show(label: HeaderLabel): string {
  return typeof label === 'string' ? quoted(label) : `${label}`;
}
