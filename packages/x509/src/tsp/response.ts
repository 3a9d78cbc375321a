import { DerReader, decodeUtf8, TAG } from '@nv2/core';
import { berToDer } from '../cms/ber.ts';
import { decodingAs } from '../cms/decoding.ts';
import { X509Error } from '../errors.ts';

/** PKIStatus in the order of its numbers, RFC 3161 2.4.2. */
export const TIMESTAMP_STATUSES = [
  'granted',
  'grantedWithMods',
  'rejection',
  'waiting',
  'revocationWarning',
  'revocationNotification',
] as const;

/** What an authority answers. */
export type TimestampStatus = (typeof TIMESTAMP_STATUSES)[number];

/** Why an authority gave no timestamp. */
export type TimestampFailure =
  | 'badAlg'
  | 'badRequest'
  | 'badDataFormat'
  | 'timeNotAvailable'
  | 'unacceptedPolicy'
  | 'unacceptedExtension'
  | 'addInfoNotAvailable'
  | 'systemFailure';

/** The bits of PKIFailureInfo that RFC 3161 2.4.2 has. */
const FAILURES: ReadonlyMap<number, TimestampFailure> = new Map([
  [0, 'badAlg'],
  [2, 'badRequest'],
  [5, 'badDataFormat'],
  [14, 'timeNotAvailable'],
  [15, 'unacceptedPolicy'],
  [16, 'unacceptedExtension'],
  [17, 'addInfoNotAvailable'],
  [25, 'systemFailure'],
]);

/** A timestamp response, RFC 3161 2.4.2, as decoded. */
export interface TimestampResponse {
  readonly status: TimestampStatus;
  /** What the authority says besides, in its own words: not to be shown without escaping. */
  readonly texts: readonly string[];
  readonly failures: readonly TimestampFailure[];
  /** The ContentInfo in DER, not looked into. */
  readonly token: Uint8Array | undefined;
}

/** Texts of one response. */
const MAX_TEXTS = 16;

/**
 * Decodes a response in BER, nothing after it. The token comes out in DER, in which it is to be kept:
 * not every verifier reads BER, and signatures in it hold either way.
 * @throws X509Error `X509_BER_INVALID`, `X509_TIMESTAMP_INVALID`
 */
export function parseTimestampResponse(ber: Uint8Array): TimestampResponse {
  const der = berToDer(ber);
  return decodingAs('X509_TIMESTAMP_INVALID', 'timestamp response', () => {
    const outer = new DerReader(der);
    const fields = outer.enter(TAG.sequence);
    const info = fields.enter(TAG.sequence);
    const token = fields.done ? undefined : fields.element();
    fields.finish();
    const number = info.smallInteger();
    const status = TIMESTAMP_STATUSES[number] ?? invalid(`unknown status ${number}`);
    const texts = readTexts(info.enterOptional(TAG.sequence));
    const failures = info.done ? [] : readFailures(info);
    info.finish();
    return { status, texts, failures, token };
  });
}

function invalid(reason: string): never {
  throw new X509Error('X509_TIMESTAMP_INVALID', `timestamp response: ${reason}`);
}

/** PKIFreeText, RFC 4210 5.1.1. */
function readTexts(list: DerReader | undefined): readonly string[] {
  const texts: string[] = [];
  while (list !== undefined && !list.done) {
    if (texts.length === MAX_TEXTS) invalid(`expected at most ${MAX_TEXTS} texts`);
    texts.push(decodeUtf8(list.content(TAG.utf8String)));
  }
  return texts;
}

function readFailures(info: DerReader): readonly TimestampFailure[] {
  const { bytes } = info.bitString();
  const failures: TimestampFailure[] = [];
  for (const [bit, failure] of FAILURES)
    if (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) failures.push(failure);
  return failures;
}

/**
 * The token of a response that grants one.
 * @throws X509Error `X509_TIMESTAMP_REFUSED` (data `status`, `texts`, `failures`),
 *   `X509_TIMESTAMP_INVALID` where it is granted and not there
 */
export function grantedToken({ status, texts, failures, token }: TimestampResponse): Uint8Array {
  if (status !== 'granted' && status !== 'grantedWithMods')
    throw new X509Error(
      'X509_TIMESTAMP_REFUSED',
      `timestamp response: expected a timestamp, got ${[status, ...failures].join(', ')}`,
      { data: { status, statusCode: TIMESTAMP_STATUSES.indexOf(status), texts, failures } },
    );
  return token ?? invalid(`${status}, and there is no token`);
}
