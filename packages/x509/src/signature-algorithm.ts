import {
  CoreError,
  contextTag,
  DerReader,
  derEncode,
  derInteger,
  derOid,
  type HashName,
  type SignatureScheme,
  TAG,
} from '@nv2/core';

/** The algorithm whose parameters say the hash and the salt, RFC 4055 3.1. */
export const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';

interface HashEntry {
  readonly hash: HashName;
  readonly bytes: number;
  readonly oid: string;
  readonly rsaPkcs1: string;
  readonly ecdsa: string;
}

/** The one table of hashes and the signature algorithms made with them (RFC 8017, RFC 5758). */
const HASHES: readonly HashEntry[] = [
  {
    hash: 'sha256',
    bytes: 32,
    oid: '2.16.840.1.101.3.4.2.1',
    rsaPkcs1: '1.2.840.113549.1.1.11',
    ecdsa: '1.2.840.10045.4.3.2',
  },
  {
    hash: 'sha384',
    bytes: 48,
    oid: '2.16.840.1.101.3.4.2.2',
    rsaPkcs1: '1.2.840.113549.1.1.12',
    ecdsa: '1.2.840.10045.4.3.3',
  },
  {
    hash: 'sha512',
    bytes: 64,
    oid: '2.16.840.1.101.3.4.2.3',
    rsaPkcs1: '1.2.840.113549.1.1.13',
    ecdsa: '1.2.840.10045.4.3.4',
  },
];

/** The hashes that are accepted, in words: of SHA-2 not all. */
export const HASH_WORDS = 'SHA-256, SHA-384 or SHA-512';

/** What is accepted of signatures, and what was got, in words. */
export function signatureWords(algorithm: string): string {
  const pss = algorithm === RSASSA_PSS ? ', RSASSA-PSS with a salt as long as the hash' : '';
  return `RSA or ECDSA and ${HASH_WORDS}${pss}, got algorithm ${algorithm}${pss && ' with other parameters'}`;
}

/** What an AlgorithmIdentifier of a signature says, RFC 5280 4.1.1.2. */
export interface SignatureAlgorithmIdentifier {
  /** Dotted object identifier. */
  readonly algorithm: string;
  /** Undefined for what nv2 does not verify: SHA-1, MD5, unknown, or odd parameters. */
  readonly scheme: SignatureScheme | undefined;
}

/** Schemes by object identifier, where the identifier alone tells. */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map(
  HASHES.flatMap(({ hash, rsaPkcs1, ecdsa }): readonly [string, SignatureScheme][] => [
    [rsaPkcs1, { kind: 'rsa-pkcs1', hash }],
    [ecdsa, { kind: 'ecdsa', hash, encoding: 'der' }],
  ]),
);

/**
 * Reads the AlgorithmIdentifier of a signature.
 * @throws CoreError `DER_INVALID`
 */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithmIdentifier {
  const identifier = reader.enter(TAG.sequence);
  const algorithm = identifier.oid();
  const parameters = identifier.done ? undefined : identifier.element();
  identifier.finish();
  if (algorithm === RSASSA_PSS) return { algorithm, scheme: pssScheme(parameters) };
  const scheme = SCHEMES.get(algorithm);
  // RFC 4055 5: NULL with PKCS #1 (absent is met as well); RFC 5758 3.2: absent with ECDSA.
  const fits = parameters === undefined || (scheme?.kind === 'rsa-pkcs1' && isNull(parameters));
  return { algorithm, scheme: fits ? scheme : undefined };
}

function isNull(element: Uint8Array): boolean {
  return element.length === 2 && element[0] === TAG.null;
}

/**
 * RSASSA-PSS-params, RFC 4055 3.1: SHA-2, MGF1 with the same hash, a salt as long as the hash, the
 * default trailer. Whatever else can be written there has no use and is not supported.
 */
function pssScheme(parameters: Uint8Array | undefined): SignatureScheme | undefined {
  if (parameters?.[0] !== TAG.sequence) return undefined;
  const params = new DerReader(parameters).enter(TAG.sequence);
  const hash = params.enterOptional(contextTag(0, true));
  const mask = params.enterOptional(contextTag(1, true));
  const salt = params.enterOptional(contextTag(2, true));
  if (hash === undefined || mask === undefined || salt === undefined) return undefined;
  const entry = readHash(hash);
  const maskIdentifier = mask.enter(TAG.sequence);
  const isMgf1 = maskIdentifier.oid() === MGF1;
  const saltLength = salt.smallInteger();
  mask.finish();
  salt.finish();
  // The trailer field [3] has one value, the default, which DER leaves out; a few write it.
  const trailer = params.enterOptional(contextTag(3, true))?.smallInteger() ?? 1;
  params.finish();
  if (!isMgf1 || maskIdentifier.done || readHash(maskIdentifier) !== entry) return undefined;
  if (entry === undefined || saltLength !== entry.bytes || trailer !== 1) return undefined;
  return { kind: 'rsa-pss', hash: entry.hash, saltLength };
}

function readHash(reader: DerReader): HashEntry | undefined {
  const { hash } = readDigestAlgorithm(reader);
  reader.finish();
  return HASHES.find((entry) => entry.hash === hash);
}

/** What an AlgorithmIdentifier of a digest says, RFC 5754 2. */
export interface DigestAlgorithmIdentifier {
  /** Dotted object identifier. */
  readonly algorithm: string;
  /** Undefined for what nv2 does not use: SHA-1, MD5, unknown, or odd parameters. */
  readonly hash: HashName | undefined;
}

/**
 * Reads the AlgorithmIdentifier of a digest.
 * @throws CoreError `DER_INVALID`
 */
export function readDigestAlgorithm(reader: DerReader): DigestAlgorithmIdentifier {
  const identifier = reader.enter(TAG.sequence);
  const algorithm = identifier.oid();
  // RFC 4055 2.1, RFC 5754 2: NULL or absent, both must be accepted.
  const fits = identifier.done || isNull(identifier.element());
  identifier.finish();
  const entry = fits ? HASHES.find(({ oid }) => oid === algorithm) : undefined;
  return { algorithm, hash: entry?.hash };
}

/**
 * The AlgorithmIdentifier of a digest with NULL, which every reader of timestamps knows.
 * @throws CoreError `CRYPTO_UNSUPPORTED`
 */
export function encodeDigestAlgorithm(hash: HashName): Uint8Array {
  return derEncode(TAG.sequence, derOid(entryOf(hash).oid), derEncode(TAG.null));
}

function entryOf(hash: HashName): HashEntry {
  const entry = HASHES.find((candidate) => candidate.hash === hash);
  return entry ?? unsupported(`hash ${hash}`);
}

function unsupported(what: string): never {
  throw new CoreError('CRYPTO_UNSUPPORTED', `${what} is not supported`);
}

/** Octets of a hash value. */
export function hashOctets(hash: HashName): number {
  return HASHES.find((entry) => entry.hash === hash)?.bytes ?? 0;
}

/**
 * The AlgorithmIdentifier of a scheme: the inverse of {@link readSignatureAlgorithm}.
 * @throws CoreError `CRYPTO_UNSUPPORTED` for a scheme that no certificate is signed with: another
 *   hash, ECDSA as r || s, PSS with a salt that is not as long as the hash
 */
export function encodeSignatureAlgorithm(scheme: SignatureScheme): Uint8Array {
  const entry = entryOf(scheme.hash);
  const noParameters = derEncode(TAG.null);
  switch (scheme.kind) {
    case 'ecdsa':
      if (scheme.encoding !== 'der') unsupported(`ECDSA encoding ${scheme.encoding}`);
      return derEncode(TAG.sequence, derOid(entry.ecdsa));
    case 'rsa-pkcs1':
      return derEncode(TAG.sequence, derOid(entry.rsaPkcs1), noParameters);
    case 'rsa-pss': {
      if (scheme.saltLength !== entry.bytes) unsupported(`salt length ${scheme.saltLength}`);
      const hash = derEncode(TAG.sequence, derOid(entry.oid), noParameters);
      const params = derEncode(
        TAG.sequence,
        derEncode(contextTag(0, true), hash),
        derEncode(contextTag(1, true), derEncode(TAG.sequence, derOid(MGF1), hash)),
        derEncode(contextTag(2, true), derInteger(entry.bytes)),
      );
      return derEncode(TAG.sequence, derOid(RSASSA_PSS), params);
    }
  }
}
