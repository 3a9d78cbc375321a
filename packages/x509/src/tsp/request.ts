import {
  type CryptoPort,
  contextTag,
  DerReader,
  defaultCrypto,
  derEncode,
  derInteger,
  derOid,
  type HashName,
  TAG,
} from '@nv2/core';
import { decodingAs } from '../cms/decoding.ts';
import type { Extension } from '../extensions.ts';
import type { CryptoOptions } from '../signature.ts';
import {
  encodeMessageImprint,
  type MessageImprint,
  readMessageImprint,
} from './message-imprint.ts';
import { assertVersion1, readInteger, readOptionalExtensions } from './timestamp-info.ts';

/** A timestamp request, RFC 3161 2.4.1, as decoded. */
export interface TimestampRequest {
  /** What is sent as `application/timestamp-query`. */
  readonly der: Uint8Array;
  readonly messageImprint: MessageImprint;
  /** Dotted object identifier of the policy asked for. */
  readonly policy: string | undefined;
  /** The content of the INTEGER. */
  readonly nonce: Uint8Array | undefined;
  /** Whether the token is to have the authority's certificates in it. */
  readonly certReq: boolean;
  /** By dotted object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Options of {@link createTimestampRequest}. */
export interface TimestampRequestOptions extends CryptoOptions {
  readonly hash: HashName;
  /** Dotted object identifier; without one the authority takes its own. */
  readonly policy?: string | undefined;
}

/** Below 2^159, as the reference has it: some authorities take 20 octets and no sign. */
const NONCE_BYTES = 20;

/**
 * Makes the request for a timestamp of `content`: its hash, a random nonce, and that the certificates
 * be in the token.
 * @throws CoreError `DER_INVALID` for a policy that is no object identifier
 */
export async function createTimestampRequest(
  content: Uint8Array,
  options: TimestampRequestOptions,
): Promise<TimestampRequest> {
  const crypto: CryptoPort = options.crypto ?? defaultCrypto;
  const nonce = crypto.randomBytes(NONCE_BYTES);
  nonce[0] = (nonce[0] ?? 0) & 0x7f;
  const der = derEncode(
    TAG.sequence,
    derInteger(1),
    encodeMessageImprint(options.hash, await crypto.digest(options.hash, content)),
    ...(options.policy === undefined ? [] : [derOid(options.policy)]),
    derInteger(nonce),
    derEncode(TAG.boolean, Uint8Array.of(0xff)),
  );
  return parseTimestampRequest(der);
}

/**
 * Decodes a request of version 1 in DER, nothing after it.
 * @throws X509Error `X509_TIMESTAMP_INVALID`
 */
export function parseTimestampRequest(der: Uint8Array): TimestampRequest {
  return decodingAs('X509_TIMESTAMP_INVALID', 'timestamp request', () => {
    const outer = new DerReader(der);
    const fields = outer.enter(TAG.sequence);
    outer.finish();
    assertVersion1(fields);
    const request: TimestampRequest = {
      der,
      messageImprint: readMessageImprint(fields),
      policy: fields.peek() === TAG.oid ? fields.oid() : undefined,
      nonce: fields.peek() === TAG.integer ? readInteger(fields) : undefined,
      certReq: fields.peek() === TAG.boolean ? fields.boolean() : false,
      extensions: readOptionalExtensions(fields.enterOptional(contextTag(0, true))),
    };
    fields.finish();
    return request;
  });
}
