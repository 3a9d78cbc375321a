// What can be wrong, or odd and right, with one certificate of a chain.
import {
  contextTag,
  derBitString,
  derEncode,
  derInteger,
  derOid,
  encodeUtf8,
  TAG,
} from '@nv2/core';
import { ATTRIBUTE, distinguishedName, type Extension, type Scheme } from '../certificates.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  KEY_USAGE,
  keyUsage,
  nameConstraints,
  PURPOSE,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from '../extensions.ts';
import { type CertificatePlan, hoursFromNoon, sharedKey } from './chain-plan.ts';

/** A named change of one certificate's plan. */
export interface CertificateChange {
  readonly name: string;
  readonly apply: (certificate: CertificatePlan) => void;
}

function put(extension: Extension): (certificate: CertificatePlan) => void {
  return (certificate) => {
    remove(extension.oid)(certificate);
    certificate.extensions.push(extension);
  };
}

function remove(oid: string): (certificate: CertificatePlan) => void {
  return (certificate) => {
    certificate.extensions = certificate.extensions.filter((entry) => entry.oid !== oid);
  };
}

function assign(fields: Partial<CertificatePlan>): (certificate: CertificatePlan) => void {
  return (certificate) => Object.assign(certificate, fields);
}

const OID = { keyUsage: '2.5.29.15', basicConstraints: '2.5.29.19', extendedKeyUsage: '2.5.29.37' };
const USAGES = Object.keys(KEY_USAGE) as (keyof typeof KEY_USAGE)[];
const NOTHING = derEncode(TAG.sequence);
const uri = (text: string): Uint8Array => derEncode(contextTag(6, false), encodeUtf8(text));
const dns = (text: string): Uint8Array => derEncode(contextTag(2, false), encodeUtf8(text));
const directoryName = derEncode(
  contextTag(4, true),
  derEncode(
    TAG.sequence,
    derEncode(
      TAG.set,
      derEncode(
        TAG.sequence,
        derOid(ATTRIBUTE.organization),
        derEncode(TAG.utf8String, encodeUtf8('Somebody else')),
      ),
    ),
  ),
);

const KEY_USAGE_CHANGES: readonly CertificateChange[] = [
  { name: 'no key usage', apply: remove(OID.keyUsage) },
  { name: 'key usage without a bit', apply: put(keyUsage([])) },
  { name: 'key usage not critical', apply: put(keyUsage(['digitalSignature'], false)) },
  { name: 'certificate signing not critical', apply: put(keyUsage(['keyCertSign'], false)) },
  ...USAGES.map((usage) => ({ name: `key usage ${usage} alone`, apply: put(keyUsage([usage])) })),
  ...USAGES.slice(1).map((usage) => ({
    name: `key usage digitalSignature and ${usage}`,
    apply: put(keyUsage(['digitalSignature', usage])),
  })),
  { name: 'every key usage', apply: put(keyUsage(USAGES)) },
  {
    name: 'key usage with trailing zero bits',
    apply: put({
      oid: OID.keyUsage,
      critical: true,
      value: derBitString(Uint8Array.of(0x80, 0x00), 0),
    }),
  },
  {
    name: 'key usage that is no bit string',
    apply: put({ oid: OID.keyUsage, critical: true, value: derInteger(1) }),
  },
  {
    name: 'key usage twice',
    apply: (certificate) => certificate.extensions.push(keyUsage(['digitalSignature'])),
  },
];

const PURPOSE_CHANGES: readonly CertificateChange[] = [
  { name: 'no extended key usage', apply: remove(OID.extendedKeyUsage) },
  { name: 'extended key usage without a purpose', apply: put(extendedKeyUsage([])) },
  ...Object.entries(PURPOSE).flatMap(([purpose, oid]) => [
    { name: `purpose ${purpose} alone`, apply: put(extendedKeyUsage([oid])) },
    { name: `purpose ${purpose}, critical`, apply: put(extendedKeyUsage([oid], true)) },
    {
      name: `purpose ${purpose} beside code signing`,
      apply: put(extendedKeyUsage([PURPOSE.codeSigning, oid])),
    },
  ]),
];

const BASIC_CONSTRAINTS_CHANGES: readonly CertificateChange[] = [
  { name: 'no basic constraints', apply: remove(OID.basicConstraints) },
  { name: 'basic constraints: no authority', apply: put(basicConstraints({ ca: false })) },
  {
    name: 'basic constraints: no authority, not critical',
    apply: put(basicConstraints({ ca: false }, false)),
  },
  { name: 'basic constraints: authority', apply: put(basicConstraints({ ca: true })) },
  {
    name: 'basic constraints: authority, not critical',
    apply: put(basicConstraints({ ca: true }, false)),
  },
  ...[0, 1, 2, 5].map((pathLength) => ({
    name: `basic constraints: path length ${pathLength}`,
    apply: put(basicConstraints({ ca: true, pathLength })),
  })),
  {
    name: 'basic constraints: a path length without being an authority',
    apply: put(basicConstraints({ ca: false, pathLength: 1 })),
  },
  {
    name: 'basic constraints with the default spelt out',
    apply: put({
      oid: OID.basicConstraints,
      critical: true,
      value: derEncode(TAG.sequence, derEncode(TAG.boolean, Uint8Array.of(0))),
    }),
  },
];

const TIME_CHANGES: readonly CertificateChange[] = [
  { name: 'expired', apply: assign({ notAfter: hoursFromNoon(-1) }) },
  { name: 'not yet valid', apply: assign({ notBefore: hoursFromNoon(1) }) },
  { name: 'ends at the very second', apply: assign({ notAfter: hoursFromNoon(0) }) },
  { name: 'begins at the very second', apply: assign({ notBefore: hoursFromNoon(0) }) },
  {
    name: 'ends before it begins',
    apply: assign({ notBefore: hoursFromNoon(2), notAfter: hoursFromNoon(1) }),
  },
  { name: 'ends in 2050', apply: assign({ notAfter: hoursFromNoon(24 * 365 * 25) }) },
  ...[
    ['GeneralizedTime before 2050', TAG.generalizedTime, '20270101000000Z'],
    ['UTCTime without seconds', TAG.utcTime, '2701010000Z'],
    ['UTCTime with an offset', TAG.utcTime, '270101000000+0100'],
    ['UTCTime without a zone', TAG.utcTime, '270101000000'],
    ['GeneralizedTime with a fraction', TAG.generalizedTime, '20270101000000.5Z'],
    ['UTCTime on 30 February', TAG.utcTime, '270230000000Z'],
    ['UTCTime at 24 hours', TAG.utcTime, '270101240000Z'],
    ['no end (99991231235959Z)', TAG.generalizedTime, '99991231235959Z'],
  ].map(([name, tag, text]) => ({
    name: String(name),
    apply: assign({ notAfter: derEncode(Number(tag), encodeUtf8(String(text))) }),
  })),
];

const SERIAL_CHANGES: readonly CertificateChange[] = [
  ['0', [0]],
  ['negative', [0xff]],
  ['of 20 octets', [0x7f, ...Array<number>(19).fill(1)]],
  ['of 21 octets', [0x00, 0xff, ...Array<number>(19).fill(1)]],
  ['of 40 octets', [0x7f, ...Array<number>(39).fill(1)]],
  ['not minimal', [0, 1]],
  ['empty', []],
].map(([name, octets]) => ({
  name: `serial number ${String(name)}`,
  apply: assign({ serialNumber: Uint8Array.from(octets as number[]) }),
}));

const NAME_CHANGES: readonly CertificateChange[] = [
  { name: 'empty subject', apply: assign({ subject: [] }) },
  { name: 'issuer of another name', apply: assign({ issuer: distinguishedName('stranger') }) },
  { name: 'issuer equal to subject', apply: (plan) => assign({ issuer: plan.subject })(plan) },
  ...[
    ['BMPString', TAG.bmpString, 'Notäry'],
    ['T61String', TAG.teletexString, 'Notary'],
    ['PrintableString with @', TAG.printableString, 'not@ary'],
    ['PrintableString with *', TAG.printableString, 'not*ary'],
    ['IA5String', TAG.ia5String, 'Notary'],
    ['IA5String outside ASCII', TAG.ia5String, 'Notäry'],
    ['NumericString', 0x12, '12345'],
  ].map(([name, tag, value]) => ({
    name: `subject with a ${String(name)}`,
    apply: (certificate: CertificatePlan) => {
      const attribute = { type: ATTRIBUTE.organization, value: String(value), tag: Number(tag) };
      certificate.subject = [...certificate.subject, attribute];
    },
  })),
];

const KEY_CHANGES: readonly CertificateChange[] = (
  ['RSA-1024', 'RSA-2048', 'P-224', 'P-384', 'P-521', 'Ed25519'] as const
).map((type) => ({
  name: `key ${type}`,
  apply: (certificate: CertificatePlan) => {
    certificate.key = sharedKey(type, 'odd');
  },
}));

/** The SubjectPublicKeyInfo of a key with its last octet changed: of a point, part of y. */
function offCurve(type: 'P-256' | 'P-384' | 'P-521'): Uint8Array {
  const spki = sharedKey(type, 'odd').publicKey.export({ type: 'spki', format: 'der' });
  return Uint8Array.from(spki).with(spki.length - 1, (spki.at(-1) ?? 0) ^ 1);
}

/** A SubjectPublicKeyInfo with the modulus of a sound key and another exponent. */
function rsaWithExponent(...exponent: readonly number[]): Uint8Array {
  const { n = '' } = sharedKey('RSA-2048', 'odd').publicKey.export({ format: 'jwk' });
  const modulus = new Uint8Array(Buffer.from(n, 'base64url'));
  const numbers = [derInteger(modulus), derInteger(Uint8Array.from(exponent))];
  const algorithm = [derOid('1.2.840.113549.1.1.1'), derEncode(TAG.null)];
  return derEncode(
    TAG.sequence,
    derEncode(TAG.sequence, ...algorithm),
    derBitString(derEncode(TAG.sequence, ...numbers)),
  );
}

const BAD_KEY_CHANGES: readonly CertificateChange[] = [
  ...(['P-256', 'P-384', 'P-521'] as const).map((type) => ({
    name: `key that is not on ${type}`,
    apply: (plan: CertificatePlan) => assign({ spki: offCurve(type) })(plan),
  })),
  ...[[0], [1], [2], [0x80, 0, 0, 1], [1, 0, 0, 0, 1]].map((exponent) => ({
    name: `RSA exponent of octets ${exponent.join(' ')}`,
    apply: (plan: CertificatePlan) => assign({ spki: rsaWithExponent(...exponent) })(plan),
  })),
];

function signedBy(type: 'RSA-2048' | 'P-256', scheme: Scheme): (plan: CertificatePlan) => void {
  return assign({ scheme, signingKey: sharedKey(type, 'authority 1').privateKey });
}

const SIGNATURE_CHANGES: readonly CertificateChange[] = [
  { name: 'signed with SHA-1', apply: assign({ scheme: { kind: 'ecdsa', hash: 'sha1' } }) },
  { name: 'signed with SHA-384', apply: assign({ scheme: { kind: 'ecdsa', hash: 'sha384' } }) },
  { name: 'signed with SHA-512', apply: assign({ scheme: { kind: 'ecdsa', hash: 'sha512' } }) },
  {
    name: 'another algorithm inside than outside',
    apply: assign({ outerScheme: { kind: 'ecdsa', hash: 'sha512' } }),
  },
  { name: 'signed by a stranger', apply: signedBy('RSA-2048', { kind: 'pkcs1', hash: 'sha256' }) },
  {
    name: 'signed by a stranger with a key of the same kind',
    apply: (plan) => assign({ signingKey: sharedKey('P-256', 'stranger').privateKey })(plan),
  },
  {
    name: 'signature with a flipped bit',
    apply: assign({ signature: (value) => value.with(value.length - 1, (value.at(-1) ?? 0) ^ 1) }),
  },
  {
    name: 'signature with trailing bytes',
    apply: assign({ signature: (value) => Uint8Array.of(...value, 0) }),
  },
  { name: 'empty signature', apply: assign({ signature: () => new Uint8Array() }) },
];

const OTHER_CHANGES: readonly CertificateChange[] = [
  { name: 'version 1 with extensions', apply: assign({ version: 0 }) },
  { name: 'version 2 with extensions', apply: assign({ version: 1 }) },
  { name: 'version 4', apply: assign({ version: 3 }) },
  { name: 'no extension at all', apply: assign({ extensions: [] }) },
  { name: 'version 1', apply: assign({ version: 0, extensions: [] }) },
  {
    name: 'unknown extension',
    apply: put({ oid: '1.3.6.1.4.1.99999.2', value: NOTHING }),
  },
  {
    name: 'unknown critical extension',
    apply: put({ oid: '1.3.6.1.4.1.99999.2', critical: true, value: NOTHING }),
  },
  {
    name: 'unknown extension twice',
    apply: (certificate) => {
      const unknown = { oid: '1.3.6.1.4.1.99999.2', value: NOTHING };
      certificate.extensions.push(unknown, unknown);
    },
  },
  { name: 'subject key identifier', apply: put(subjectKeyIdentifier(Uint8Array.of(1, 2, 3))) },
  {
    name: 'authority key identifier that fits nothing',
    apply: put(authorityKeyIdentifier(Uint8Array.of(9, 9, 9))),
  },
  {
    name: 'alternative name',
    apply: put(subjectAlternativeName([uri('https://example.org/builder')])),
  },
  {
    name: 'critical alternative name',
    apply: put(subjectAlternativeName([dns('example.org')], true)),
  },
  ...[
    'https://user@[2001:db8::1]:443/a%20b?c#d',
    'urn:example:a',
    'file:///x',
    'https://[::1/',
    'https://[::1::2]/',
    'https://example.org:port/',
    'https://example.org./',
    'https://example..org/',
    'https://ex%61mple.org/',
    'https://exam ple.org/',
    'https://example.org/%zz',
    'https://example.org/a b',
    'https://example.org\\x',
    'example.org/x',
    ':x',
    '',
  ].map((text) => ({
    name: `alternative name that is the URI "${text}"`,
    apply: put(subjectAlternativeName([uri(text)])),
  })),
  { name: 'empty alternative names', apply: put(subjectAlternativeName([])) },
  {
    name: 'name constraints that exclude another organisation',
    apply: put(nameConstraints('excluded', directoryName)),
  },
  {
    name: 'name constraints that permit another organisation only',
    apply: put(nameConstraints('permitted', directoryName)),
  },
  {
    name: 'name constraints on DNS names',
    apply: put(nameConstraints('permitted', dns('example.org'))),
  },
  {
    name: 'critical certificate policies',
    apply: put({
      oid: '2.5.29.32',
      critical: true,
      value: derEncode(TAG.sequence, derEncode(TAG.sequence, derOid('2.5.29.32.0'))),
    }),
  },
  {
    name: 'critical policy constraints',
    apply: put({
      oid: '2.5.29.36',
      critical: true,
      value: derEncode(TAG.sequence, derEncode(contextTag(0, false), Uint8Array.of(0))),
    }),
  },
];

/** Every change; each is applied to every certificate of a chain in turn. */
export const CERTIFICATE_CHANGES: readonly CertificateChange[] = [
  ...KEY_USAGE_CHANGES,
  ...PURPOSE_CHANGES,
  ...BASIC_CONSTRAINTS_CHANGES,
  ...TIME_CHANGES,
  ...SERIAL_CHANGES,
  ...NAME_CHANGES,
  ...KEY_CHANGES,
  ...BAD_KEY_CHANGES,
  ...SIGNATURE_CHANGES,
  ...OTHER_CHANGES,
];
