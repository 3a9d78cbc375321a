import {
  type CryptoPort,
  type DerReader,
  derEncode,
  equalBytes,
  type HashName,
  TAG,
} from '@nv2/core';
import { X509Error } from '../errors.ts';
import {
  encodeDigestAlgorithm,
  HASH_WORDS,
  hashOctets,
  readDigestAlgorithm,
} from '../signature-algorithm.ts';

/** The hash of what is timestamped, RFC 3161 2.4.1. */
export interface MessageImprint {
  /** Undefined for a hash that nv2 does not use, such as SHA-1. */
  readonly hash: HashName | undefined;
  /** Dotted object identifier. */
  readonly hashAlgorithm: string;
  readonly hashedMessage: Uint8Array;
}

/**
 * Reads a MessageImprint.
 * @throws X509Error `X509_TIMESTAMP_INVALID`, CoreError `DER_INVALID`
 */
export function readMessageImprint(reader: DerReader): MessageImprint {
  const fields = reader.enter(TAG.sequence);
  const { algorithm: hashAlgorithm, hash } = readDigestAlgorithm(fields);
  const hashedMessage = fields.content(TAG.octetString);
  fields.finish();
  if (hash !== undefined && hashedMessage.length !== hashOctets(hash))
    throw new X509Error(
      'X509_TIMESTAMP_INVALID',
      `timestamp: expected a ${hash} of ${hashOctets(hash)} octets, got ${hashedMessage.length}`,
    );
  return { hash, hashAlgorithm, hashedMessage };
}

/** Encodes a MessageImprint. */
export function encodeMessageImprint(hash: HashName, hashedMessage: Uint8Array): Uint8Array {
  return derEncode(
    TAG.sequence,
    encodeDigestAlgorithm(hash),
    derEncode(TAG.octetString, hashedMessage),
  );
}

/**
 * After return an imprint is that of `content`, made with SHA-256, SHA-384 or SHA-512.
 * @throws X509Error `X509_ALGORITHM_UNSUPPORTED`, `X509_TIMESTAMP_IMPRINT`
 */
export async function assertImprintOf(
  { hash, hashAlgorithm, hashedMessage }: MessageImprint,
  content: Uint8Array,
  crypto: CryptoPort,
): Promise<void> {
  if (hash === undefined)
    throw new X509Error(
      'X509_ALGORITHM_UNSUPPORTED',
      `timestamp: expected an imprint with ${HASH_WORDS}, got algorithm ${hashAlgorithm}`,
      { data: { part: 'imprint', algorithm: hashAlgorithm } },
    );
  if (!equalBytes(await crypto.digest(hash, content), hashedMessage))
    throw new X509Error('X509_TIMESTAMP_IMPRINT', 'timestamp: it was made for other content');
}
