import {
  contextTag,
  derBitString,
  derEncode,
  derInteger,
  derOid,
  encodeUtf8,
  type HashName,
  type PrivateKey,
  parsePublicKey,
  type SignatureScheme,
  TAG,
} from '@nv2/core';

/** An extension to be, as encoded. */
export interface RawExtension {
  /** Dotted object identifier. */
  readonly oid: string;
  readonly critical?: boolean;
  /** What goes into the OCTET STRING. */
  readonly value: Uint8Array;
}

/** An extension with this value. */
export function rawExtension(oid: string, value: Uint8Array, critical = false): RawExtension {
  return { oid, critical, value };
}

/** Extensions ::= SEQUENCE OF Extension. */
export function encodeExtensions(extensions: readonly RawExtension[]): Uint8Array {
  return derEncode(
    TAG.sequence,
    ...extensions.map(({ oid, critical = false, value }) =>
      derEncode(
        TAG.sequence,
        derOid(oid),
        ...(critical ? [derEncode(TAG.boolean, Uint8Array.of(0xff))] : []),
        derEncode(TAG.octetString, value),
      ),
    ),
  );
}

/** `YYYYMMDDHHMMSSZ`, milliseconds cut off. */
export function generalizedTime(at: number): Uint8Array {
  return derEncode(TAG.generalizedTime, encodeUtf8(digits(at)));
}

/** UTCTime through 2049, then GeneralizedTime (RFC 5280 4.1.2.5). */
export function x509Time(at: number): Uint8Array {
  if (new Date(at).getUTCFullYear() >= 2050) return generalizedTime(at);
  return derEncode(TAG.utcTime, encodeUtf8(digits(at).slice(2)));
}

function digits(at: number): string {
  return `${new Date(at).toISOString().replace(/\..*$|[-:T]/g, '')}Z`;
}

/** An ENUMERATED of one octet. */
export function enumerated(value: number): Uint8Array {
  return derEncode(TAG.enumerated, Uint8Array.of(value));
}

/** GeneralName of the kind uniformResourceIdentifier (RFC 5280 4.2.1.6). */
export function uriName(url: string): Uint8Array {
  return derEncode(contextTag(6, false), encodeUtf8(url));
}

const PKCS1: Readonly<Record<HashName, string>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA: Readonly<Record<HashName, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const HASH: Readonly<Record<HashName, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

/** RSASSA-PKCS1-v1_5 or ECDSA with SHA-256, as the key has it. */
export function defaultScheme(key: PrivateKey): SignatureScheme {
  return parsePublicKey(key.spki)?.kind === 'rsa'
    ? { kind: 'rsa-pkcs1', hash: 'sha256' }
    : { kind: 'ecdsa', hash: 'sha256', encoding: 'der' };
}

/** The AlgorithmIdentifier of a scheme (RFC 4055, RFC 5758). */
export function encodeScheme(scheme: SignatureScheme): Uint8Array {
  const nothing = derEncode(TAG.null);
  if (scheme.kind === 'ecdsa') return derEncode(TAG.sequence, derOid(ECDSA[scheme.hash]));
  if (scheme.kind === 'rsa-pkcs1')
    return derEncode(TAG.sequence, derOid(PKCS1[scheme.hash]), nothing);
  const hash = derEncode(TAG.sequence, derOid(HASH[scheme.hash]), nothing);
  const salt = scheme.saltLength === 'any' ? 32 : scheme.saltLength;
  const parameters = derEncode(
    TAG.sequence,
    derEncode(contextTag(0, true), hash),
    derEncode(contextTag(1, true), derEncode(TAG.sequence, derOid('1.2.840.113549.1.1.8'), hash)),
    derEncode(contextTag(2, true), derInteger(salt)),
  );
  return derEncode(TAG.sequence, derOid('1.2.840.113549.1.1.10'), parameters);
}

/** How a message is signed. */
export interface Signer {
  readonly key: PrivateKey;
  readonly scheme: SignatureScheme;
  /** What the message says it is signed with; default: the scheme. */
  readonly algorithm?: Uint8Array | undefined;
}

/** The message: signed part, algorithm, signature, and what follows it. */
export async function signMessage(
  tbs: Uint8Array,
  signer: Signer,
  ...rest: readonly Uint8Array[]
): Promise<Uint8Array> {
  const algorithm = signer.algorithm ?? encodeScheme(signer.scheme);
  const signature = derBitString(await signer.key.sign(signer.scheme, tbs));
  return derEncode(TAG.sequence, tbs, algorithm, signature, ...rest);
}
