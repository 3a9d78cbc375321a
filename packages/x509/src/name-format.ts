import { derEncode, encodeHex, encodeUtf8, TAG } from '@nv2/core';
import type { AttributeTypeAndValue, Name } from './name.ts';
import { ATTRIBUTE } from './oids.ts';

/** RFC 4514 section 3: the short names that every implementation knows. */
const RFC4514_NAMES: ReadonlyMap<string, string> = new Map([
  [ATTRIBUTE.commonName, 'CN'],
  [ATTRIBUTE.locality, 'L'],
  [ATTRIBUTE.stateOrProvince, 'ST'],
  [ATTRIBUTE.organization, 'O'],
  [ATTRIBUTE.organizationalUnit, 'OU'],
  [ATTRIBUTE.country, 'C'],
  [ATTRIBUTE.street, 'STREET'],
  [ATTRIBUTE.domainComponent, 'DC'],
  [ATTRIBUTE.userId, 'UID'],
]);

/** The names that Go's crypto/x509/pkix prints, in the order in which it builds a name. */
const GO_NAMES: ReadonlyMap<string, string> = new Map([
  [ATTRIBUTE.country, 'C'],
  [ATTRIBUTE.stateOrProvince, 'ST'],
  [ATTRIBUTE.locality, 'L'],
  [ATTRIBUTE.street, 'STREET'],
  [ATTRIBUTE.postalCode, 'POSTALCODE'],
  [ATTRIBUTE.organization, 'O'],
  [ATTRIBUTE.organizationalUnit, 'OU'],
  [ATTRIBUTE.commonName, 'CN'],
  [ATTRIBUTE.serialNumber, 'SERIALNUMBER'],
]);

/** The short names that {@link formatNameGo} writes; attributes of other types are hexadecimal there. */
export const GO_ATTRIBUTE_NAMES: readonly string[] = [...GO_NAMES.values()];

/** Types of which Go keeps the last value only, and prints it only if it is not empty. */
const GO_SINGLE: readonly string[] = [ATTRIBUTE.commonName, ATTRIBUTE.serialNumber];

/** RFC 4514 2.4 and RFC 2253 2.4; NUL is written by formatName alone. */
function escapeValue(value: string): string {
  return value.replace(/[,+"\\<>;]|^[ #]| $/g, '\\$&');
}

/**
 * The text of a name as RFC 4514 has it: the last relative name first, `,` between them, `+` within
 * one. Types without a short name in RFC 4514 are written as object identifier and `#hex` of the
 * encoded value. Parsing the text with `parseDistinguishedName` gives the same attributes.
 */
export function formatName(name: Name): string {
  return name.rdns
    .toReversed()
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .join(',');
}

function formatAttribute({ type, value, der }: AttributeTypeAndValue): string {
  const shortName = RFC4514_NAMES.get(type);
  if (shortName === undefined) return `${type}=#${encodeHex(der)}`;
  return `${shortName}=${escapeValue(value).replaceAll('\0', '\\00')}`;
}

/**
 * The text that Go's `pkix.Name.String()` gives, on which trusted identities are matched and which
 * notation prints: `SERIALNUMBER, CN, OU, O, POSTALCODE, STREET, L, ST, C`, whatever the order in
 * the certificate, values of one type joined by `+`; then all other attributes as
 * `oid=#hex`, the last one first.
 */
export function formatNameGo(name: Name): string {
  const text = GO_TEXTS.get(name) ?? writeGo(name);
  GO_TEXTS.set(name, text);
  return text;
}

/** A name is written for its policy, its verdict and in messages. */
const GO_TEXTS = new WeakMap<Name, string>();

function writeGo(name: Name): string {
  const known = new Map<string, string[]>();
  const others: string[] = [];
  for (const { type, value } of name.rdns.flat()) {
    if (!GO_NAMES.has(type)) others.push(`${type}=#${encodeHex(marshalGo(value))}`);
    else if (GO_SINGLE.includes(type)) known.set(type, value === '' ? [] : [value]);
    else if (!known.get(type)?.push(value)) known.set(type, [value]);
  }
  const parts: string[] = [];
  for (const [type, shortName] of GO_NAMES) {
    const values = known.get(type) ?? [];
    if (values.length > 0)
      parts.unshift(values.map((value) => `${shortName}=${escapeValue(value)}`).join('+'));
  }
  return [...parts, ...others.reverse()].join(',');
}

/** What Go's asn1.Marshal makes of a string: PrintableString (without `*` and `&`) or UTF8String. */
function marshalGo(value: string): Uint8Array {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  return derEncode(printable ? TAG.printableString : TAG.utf8String, encodeUtf8(value));
}
