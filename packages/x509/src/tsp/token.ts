import { type CryptoPort, defaultCrypto } from '@nv2/core';
import { berToDer } from '../cms/ber.ts';
import { invalidCms } from '../cms/decoding.ts';
import { CONTENT_TYPE } from '../cms/oids.ts';
import { parseSignedData, type SignedData } from '../cms/signed-data.ts';
import { assertImprintOf } from './message-imprint.ts';
import { parseTimestampInfo, type TimestampInfo } from './timestamp-info.ts';

/** A timestamp token, RFC 3161 2.4.2, as decoded; nothing of it is verified. */
export interface TimestampToken {
  /** The message in DER, whatever it came in. */
  readonly message: SignedData;
  readonly info: TimestampInfo;
}

/**
 * Decodes a token in BER, nothing after it: for showing what it says. Only `verifyTimestampToken`
 * tells whether that is so. The result is of octets of its own.
 * @throws X509Error `X509_BER_INVALID`, `X509_CMS_INVALID`, `X509_TIMESTAMP_INVALID`
 */
export function parseTimestampToken(ber: Uint8Array): TimestampToken {
  const message = parseSignedData(berToDer(new Uint8Array(ber)));
  const { contentType } = message;
  if (contentType !== CONTENT_TYPE.tstInfo)
    invalidCms(`expected a timestamp, got content of type ${contentType}`, { contentType });
  return { message, info: parseTimestampInfo(message.content) };
}

/**
 * The same for a token that is for `content`, such as a signature value.
 * @throws X509Error as `parseTimestampToken`, `X509_ALGORITHM_UNSUPPORTED`, `X509_TIMESTAMP_IMPRINT`
 */
export async function parseTimestampTokenOf(
  content: Uint8Array,
  ber: Uint8Array,
  options: { readonly crypto?: CryptoPort } = {},
): Promise<TimestampToken> {
  const token = parseTimestampToken(ber);
  await assertImprintOf(token.info.messageImprint, content, options.crypto ?? defaultCrypto);
  return token;
}
