import { contextTag, DerReader, derEncode, encodeHex, TAG } from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { readEachGeneralName, readGeneralName } from '../general-name.ts';
import type { Name } from '../name.ts';
import { EXTENSION } from '../oids.ts';
import { crlInvalid } from './crl-invalid.ts';

/** The issuing distribution point extension, RFC 5280 5.2.5. */
export interface IssuingDistributionPoint {
  /** The extension as encoded: base and delta have the same scope if these octets are the same. */
  readonly der: Uint8Array;
  /** GeneralNames as encoded, in hexadecimal; undefined if the CRL is not bound to a point. */
  readonly names?: readonly string[];
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCaCerts: boolean;
  readonly onlyContainsAttributeCerts: boolean;
  readonly indirectCrl: boolean;
  /** Names of RFC 5280 4.2.1.13 `ReasonFlags`; undefined if all reasons are covered. */
  readonly onlySomeReasons?: readonly ReasonFlag[];
}

/** The bits of ReasonFlags in order, RFC 5280 4.2.1.13; bit 0 is unused. */
export const REASON_FLAGS = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** A bit of ReasonFlags. */
export type ReasonFlag = (typeof REASON_FLAGS)[number];

/**
 * Reads an issuing distribution point. A name relative to the issuer is completed by it.
 * @throws X509Error `X509_CRL_INVALID`, `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function readIssuingDistributionPoint(
  der: Uint8Array,
  issuer: Name,
): IssuingDistributionPoint {
  const reader = new DerReader(der);
  const fields = reader.enter(TAG.sequence);
  reader.finish();
  // RFC 5280 5.2.5: it is not empty, and at most one of the three is asserted.
  if (fields.done) crlInvalid('the issuing distribution point is empty');
  const point = fields.enterOptional(contextTag(0, true));
  const names = point === undefined ? undefined : readPointNames(point, issuer);
  const onlyContainsUserCerts = readFlag(fields, 1);
  const onlyContainsCaCerts = readFlag(fields, 2);
  const onlySomeReasons = readReasons(fields, 3);
  const indirectCrl = readFlag(fields, 4);
  const onlyContainsAttributeCerts = readFlag(fields, 5);
  fields.finish();
  const kinds = [onlyContainsUserCerts, onlyContainsCaCerts, onlyContainsAttributeCerts];
  if (kinds.filter(Boolean).length > 1)
    crlInvalid('the issuing distribution point excludes all certificates');
  return {
    der,
    ...(names === undefined ? {} : { names }),
    onlyContainsUserCerts,
    onlyContainsCaCerts,
    onlyContainsAttributeCerts,
    indirectCrl,
    ...(onlySomeReasons === undefined ? {} : { onlySomeReasons }),
  };
}

/** A BOOLEAN DEFAULT FALSE under an implicit tag; a FALSE that is written means the same. */
function readFlag(fields: DerReader, number: number): boolean {
  const tag = contextTag(number, false);
  if (fields.peek() !== tag) return false;
  const content = fields.content(tag);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
    crlInvalid('the issuing distribution point has a bad BOOLEAN');
  return content[0] === 0xff;
}

function readReasons(fields: DerReader, number: number): readonly ReasonFlag[] | undefined {
  const tag = contextTag(number, false);
  if (fields.peek() !== tag) return undefined;
  const { bytes, unused } = fields.bitString(tag);
  if (bytes.length * 8 - unused > REASON_FLAGS.length)
    crlInvalid('a distribution point has unknown reasons');
  return REASON_FLAGS.filter((_, bit) => ((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80);
}

/** DistributionPointName, RFC 5280 4.2.1.13. */
function readPointNames(choice: DerReader, issuer: Name): readonly string[] {
  const fullName = choice.enterOptional(contextTag(0, true));
  const names =
    fullName === undefined
      ? [directoryName(relativeName(choice, issuer))]
      : readEachGeneralName(fullName, readEncodedName);
  choice.finish();
  return names;
}

function readEncodedName(list: DerReader): string {
  const start = list.position;
  readGeneralName(list);
  return encodeHex(list.bytes.subarray(start, list.position));
}

/** RFC 5280 4.2.1.13: nameRelativeToCRLIssuer goes below the name of the issuer. */
function relativeName(choice: DerReader, issuer: Name): Uint8Array {
  const rdn = derEncode(TAG.set, choice.content(contextTag(1, true)));
  return derEncode(TAG.sequence, new DerReader(issuer.der).content(TAG.sequence), rdn);
}

function directoryName(name: Uint8Array): string {
  return encodeHex(derEncode(contextTag(4, true), name));
}

/** One of the distribution points of a certificate, as far as CRLs of its own issuer are there. */
export interface DistributionPoint {
  /** As {@link IssuingDistributionPoint.names}. */
  readonly names: readonly string[];
  /** Undefined if the CRLs there cover all reasons. */
  readonly reasons?: readonly ReasonFlag[];
}

/**
 * The distribution points of a certificate at which its issuer publishes CRLs. A certificate that
 * names none has one, with the name of its issuer (RFC 5280 6.3.3, last paragraph).
 * @throws X509Error `X509_CERTIFICATE_INVALID`, CoreError `DER_INVALID`
 */
export function distributionPoints(certificate: Certificate): readonly DistributionPoint[] {
  const issuer = directoryName(certificate.issuer.der);
  const named = readPoints(certificate).filter(
    ({ crlIssuers }) => crlIssuers === undefined || crlIssuers.includes(issuer),
  );
  return named.length > 0 ? named : [{ names: [issuer] }];
}

type NamedPoint = DistributionPoint & { readonly crlIssuers?: readonly string[] };

function readPoints(certificate: Certificate): readonly NamedPoint[] {
  const extension = certificate.extensions.get(EXTENSION.crlDistributionPoints);
  if (extension === undefined) return [];
  const points: NamedPoint[] = [];
  const list = new DerReader(extension.value).enter(TAG.sequence);
  while (!list.done) {
    const fields = list.enter(TAG.sequence);
    const point = fields.enterOptional(contextTag(0, true));
    const names = point === undefined ? [] : readPointNames(point, certificate.issuer);
    const reasons = readReasons(fields, 1);
    const crlIssuer = fields.enterOptional(contextTag(2, true));
    const crlIssuers = crlIssuer && readEachGeneralName(crlIssuer, readEncodedName);
    points.push({ names, ...(reasons && { reasons }), ...(crlIssuers && { crlIssuers }) });
  }
  return points;
}
