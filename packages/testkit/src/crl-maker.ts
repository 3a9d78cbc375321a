import {
  contextTag,
  derEncode,
  derInteger,
  type PrivateKey,
  type SignatureScheme,
  TAG,
} from '@nv2/core';
import { CRL_ENTRY_EXTENSION, CRL_EXTENSION, EXTENSION } from '@nv2/x509';
import type { TestAuthority } from './certificates.ts';
import {
  defaultScheme,
  encodeExtensions,
  encodeScheme,
  enumerated,
  generalizedTime,
  type RawExtension,
  rawExtension,
  signMessage,
  uriName,
  x509Time,
} from './crl-message.ts';

/** An entry of a CRL to be. Times in milliseconds since the epoch. */
export interface CrlEntryTemplate {
  /** Big-endian magnitude, as in `Certificate`. */
  readonly serialNumber: Uint8Array;
  readonly revokedAt: number;
  /** Number of the CRLReason; 6 is certificateHold, 8 removeFromCRL. Default: not written. */
  readonly reasonCode?: number;
  readonly invalidityDate?: number;
  readonly extensions?: readonly RawExtension[];
}

/** A CRL to be, good or bad. Times in milliseconds since the epoch. */
export interface CrlTemplate {
  readonly issuer: TestAuthority;
  readonly thisUpdate: number;
  /** Default: an hour after `thisUpdate`; null leaves it out. */
  readonly nextUpdate?: number | null;
  readonly entries?: readonly CrlEntryTemplate[];
  /** Default 1; null leaves it out. */
  readonly crlNumber?: number | null;
  /** Makes it a delta CRL for this base or a later one. */
  readonly baseCrlNumber?: number;
  /** URLs of the delta CRL. */
  readonly freshestCrls?: readonly string[];
  /** Content of the issuing distribution point: its fields as encoded. */
  readonly issuingDistributionPoint?: readonly Uint8Array[];
  /** Further extensions; one of the same identifier replaces what the fields above make. */
  readonly extensions?: readonly RawExtension[];
  /** Signs in the issuer's place. */
  readonly signer?: PrivateKey;
  readonly scheme?: SignatureScheme;
  /** AlgorithmIdentifier to be written instead of that of the scheme. */
  readonly algorithm?: Uint8Array;
  /** Name to be written instead of the issuer's, DER. */
  readonly issuerName?: Uint8Array;
}

const HOUR = 60 * 60 * 1000;

/** Makes a CRL of version 2, base or delta (RFC 5280 5.1), as the template has it. */
export async function makeCrl(template: CrlTemplate): Promise<Uint8Array> {
  const { issuer, thisUpdate, nextUpdate = thisUpdate + HOUR, entries = [] } = template;
  const key = template.signer ?? issuer.key;
  const scheme = template.scheme ?? defaultScheme(key);
  const algorithm = template.algorithm ?? encodeScheme(scheme);
  const extensions = crlExtensions(template);
  const tbs = derEncode(
    TAG.sequence,
    derInteger(1),
    algorithm,
    template.issuerName ?? issuer.certificate.subject.der,
    x509Time(thisUpdate),
    ...(nextUpdate === null ? [] : [x509Time(nextUpdate)]),
    ...(entries.length === 0 ? [] : [derEncode(TAG.sequence, ...entries.map(encodeEntry))]),
    ...(extensions.length === 0
      ? []
      : [derEncode(contextTag(0, true), encodeExtensions(extensions))]),
  );
  return signMessage(tbs, { key, scheme, algorithm });
}

function crlExtensions(template: CrlTemplate): readonly RawExtension[] {
  const { crlNumber = 1, baseCrlNumber, freshestCrls, issuingDistributionPoint } = template;
  const made: RawExtension[] = [];
  if (crlNumber !== null) made.push(rawExtension(CRL_EXTENSION.crlNumber, derInteger(crlNumber)));
  if (baseCrlNumber !== undefined)
    made.push(rawExtension(CRL_EXTENSION.deltaCrlIndicator, derInteger(baseCrlNumber), true));
  if (freshestCrls !== undefined)
    made.push(rawExtension(CRL_EXTENSION.freshestCrl, encodePoints(freshestCrls)));
  if (issuingDistributionPoint !== undefined) {
    const value = derEncode(TAG.sequence, ...issuingDistributionPoint);
    made.push(rawExtension(CRL_EXTENSION.issuingDistributionPoint, value, true));
  }
  const given = template.extensions ?? [];
  return [...made.filter(({ oid }) => given.every((other) => other.oid !== oid)), ...given];
}

function encodeEntry(entry: CrlEntryTemplate): Uint8Array {
  const { reasonCode, invalidityDate } = entry;
  const extensions = [
    ...(reasonCode === undefined
      ? []
      : [rawExtension(CRL_ENTRY_EXTENSION.reasonCode, enumerated(reasonCode))]),
    ...(invalidityDate === undefined
      ? []
      : [rawExtension(CRL_ENTRY_EXTENSION.invalidityDate, generalizedTime(invalidityDate))]),
    ...(entry.extensions ?? []),
  ];
  return derEncode(
    TAG.sequence,
    derInteger(entry.serialNumber),
    x509Time(entry.revokedAt),
    ...(extensions.length === 0 ? [] : [encodeExtensions(extensions)]),
  );
}

/** CRLDistributionPoints with one point of one URL each (RFC 5280 4.2.1.13). */
function encodePoints(urls: readonly string[]): Uint8Array {
  const points = urls.map((url) => {
    const fullName = derEncode(contextTag(0, true), uriName(url));
    return derEncode(TAG.sequence, derEncode(contextTag(0, true), fullName));
  });
  return derEncode(TAG.sequence, ...points);
}

/** The extension by which a certificate says where its CRLs are. */
export function crlDistributionPoints(...urls: readonly string[]): Required<RawExtension> {
  return { oid: EXTENSION.crlDistributionPoints, critical: false, value: encodePoints(urls) };
}
