// Builds X.509 certificates, good and bad alike, field by field. Deliberately apart from @nv2/x509:
// what that package reads and judges here was not written by it.
import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  sign,
} from 'node:crypto';
import {
  compareBytes,
  contextTag,
  derBitString,
  derEncode,
  derInteger,
  derOid,
  encodePem,
  encodeUtf8,
  TAG,
} from '@nv2/core';

/** A key pair of node:crypto. */
export type KeyPair = KeyPairKeyObjectResult;

/** The six key specifications of the Notary Project, and keys outside them. */
export type KeyType =
  | 'RSA-1024'
  | 'RSA-2048'
  | 'RSA-3072'
  | 'RSA-4096'
  | 'P-224'
  | 'P-256'
  | 'P-384'
  | 'P-521'
  | 'Ed25519';

/** Makes a new key pair. */
export function makeKey(type: KeyType): KeyPair {
  if (type === 'Ed25519') return generateKeyPairSync('ed25519');
  if (type.startsWith('RSA-')) {
    return generateKeyPairSync('rsa', { modulusLength: Number(type.slice('RSA-'.length)) });
  }
  return generateKeyPairSync('ec', { namedCurve: type });
}

/** One attribute of a distinguished name; each is a relative name of its own. */
export interface Attribute {
  /** Dotted OID. */
  readonly type: string;
  readonly value: string;
  /** Tag of the value; UTF8String unless given. */
  readonly tag?: number;
  /** Further attributes of the same relative name. */
  readonly beside?: readonly Attribute[];
}

/** One extension; `value` is the DER inside the OCTET STRING. */
export interface Extension {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

/** How the certificate is signed. */
export type Scheme =
  | { readonly kind: 'pkcs1' | 'ecdsa'; readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512' }
  | { readonly kind: 'pss'; readonly hash: 'sha256' | 'sha384' | 'sha512' }
  | { readonly kind: 'ed25519' };

/** Every field of a certificate. What looks wrong is written as it is. */
export interface CertificateFields {
  /** 2 is v3. */
  readonly version: number;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly issuer: readonly Attribute[];
  readonly subject: readonly Attribute[];
  /** Elements of the Validity SEQUENCE, see {@link time}. */
  readonly notBefore: Uint8Array;
  readonly notAfter: Uint8Array;
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo to write instead of that of the key. */
  readonly spki?: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly scheme: Scheme;
  readonly signingKey: KeyObject;
  /** Algorithm outside the signed part, where it is to differ from the one inside. */
  readonly outerScheme?: Scheme;
  readonly signature?: (value: Uint8Array) => Uint8Array;
}

/** The common attribute types. */
export const ATTRIBUTE = {
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  locality: '2.5.4.7',
  state: '2.5.4.8',
  street: '2.5.4.9',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  postalCode: '2.5.4.17',
  domainComponent: '0.9.2342.19200300.100.1.25',
  emailAddress: '1.2.840.113549.1.9.1',
} as const;

/** C, ST, O and a common name: what a trusted identity needs. */
export function distinguishedName(commonName: string): readonly Attribute[] {
  return [
    { type: ATTRIBUTE.country, value: 'US', tag: TAG.printableString },
    { type: ATTRIBUTE.state, value: 'WA' },
    { type: ATTRIBUTE.organization, value: 'Notary' },
    { type: ATTRIBUTE.commonName, value: commonName },
  ];
}

/** A time as RFC 5280 4.1.2.5 wants it: UTCTime up to 2049, GeneralizedTime after. */
export function time(at: Date): Uint8Array {
  const digits = `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050
    ? derEncode(TAG.utcTime, encodeUtf8(digits.slice(2)))
    : derEncode(TAG.generalizedTime, encodeUtf8(digits));
}

/** The scheme that fits a key, with SHA-256 unless the curve asks for more. */
export function schemeFor(key: KeyObject): Scheme {
  if (key.asymmetricKeyType === 'ed25519') return { kind: 'ed25519' };
  if (key.asymmetricKeyType === 'rsa') return { kind: 'pkcs1', hash: 'sha256' };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === 'secp384r1') return { kind: 'ecdsa', hash: 'sha384' };
  return { kind: 'ecdsa', hash: curve === 'secp521r1' ? 'sha512' : 'sha256' };
}

/** The certificate in DER. */
export function buildCertificate(fields: CertificateFields): Uint8Array {
  const tbs = derEncode(
    TAG.sequence,
    ...(fields.version === 0 ? [] : [derEncode(contextTag(0, true), derInteger(fields.version))]),
    derEncode(TAG.integer, fields.serialNumber),
    algorithmIdentifier(fields.scheme),
    name(fields.issuer),
    derEncode(TAG.sequence, fields.notBefore, fields.notAfter),
    name(fields.subject),
    fields.spki ?? fields.key.export({ type: 'spki', format: 'der' }),
    ...(fields.extensions.length === 0
      ? []
      : [
          derEncode(
            contextTag(3, true),
            derEncode(TAG.sequence, ...fields.extensions.map(extension)),
          ),
        ]),
  );
  const value = signatureValue(fields.scheme, fields.signingKey, tbs);
  return derEncode(
    TAG.sequence,
    tbs,
    algorithmIdentifier(fields.outerScheme ?? fields.scheme),
    derBitString(fields.signature?.(value) ?? value),
  );
}

/** Certificates as a PEM chain, in this order. */
export function pemChain(chain: readonly Uint8Array[]): string {
  return chain.map((der) => encodePem('CERTIFICATE', der)).join('');
}

function name(attributes: readonly Attribute[]): Uint8Array {
  return derEncode(
    TAG.sequence,
    ...attributes.map((one) => {
      const elements = [one, ...(one.beside ?? [])].map(attribute);
      return derEncode(TAG.set, ...elements.sort(compareBytes));
    }),
  );
}

function attribute({ type, value, tag = TAG.utf8String }: Attribute): Uint8Array {
  const text = tag === TAG.bmpString ? utf16(value) : encodeUtf8(value);
  return derEncode(TAG.sequence, derOid(type), derEncode(tag, text));
}

function utf16(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
}

function extension({ oid, critical = false, value }: Extension): Uint8Array {
  const flag = critical ? [derEncode(TAG.boolean, Uint8Array.of(0xff))] : [];
  return derEncode(TAG.sequence, derOid(oid), ...flag, derEncode(TAG.octetString, value));
}

const HASH_OID = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;
const SALT_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;
const PKCS1_OID = {
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
} as const;
const ECDSA_OID = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
} as const;

function algorithmIdentifier(scheme: Scheme): Uint8Array {
  const nothing = derEncode(TAG.null);
  switch (scheme.kind) {
    case 'ed25519':
      return derEncode(TAG.sequence, derOid('1.3.101.112'));
    case 'ecdsa':
      return derEncode(TAG.sequence, derOid(ECDSA_OID[scheme.hash]));
    case 'pkcs1':
      return derEncode(TAG.sequence, derOid(PKCS1_OID[scheme.hash]), nothing);
    case 'pss': {
      const hash = derEncode(TAG.sequence, derOid(HASH_OID[scheme.hash]), nothing);
      const mask = derEncode(TAG.sequence, derOid('1.2.840.113549.1.1.8'), hash);
      const parameters = derEncode(
        TAG.sequence,
        derEncode(contextTag(0, true), hash),
        derEncode(contextTag(1, true), mask),
        derEncode(contextTag(2, true), derInteger(SALT_BYTES[scheme.hash])),
      );
      return derEncode(TAG.sequence, derOid('1.2.840.113549.1.1.10'), parameters);
    }
  }
}

function signatureValue(scheme: Scheme, key: KeyObject, data: Uint8Array): Uint8Array {
  switch (scheme.kind) {
    case 'ed25519':
      return sign(null, data, key);
    case 'ecdsa':
      return sign(scheme.hash, data, { key, dsaEncoding: 'der' });
    case 'pkcs1':
      return sign(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PADDING });
    case 'pss':
      return sign(scheme.hash, data, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: SALT_BYTES[scheme.hash],
      });
  }
}
