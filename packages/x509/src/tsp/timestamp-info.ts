import { contextTag, DerReader, TAG } from '@nv2/core';
import { decodingAs } from '../cms/decoding.ts';
import { X509Error } from '../errors.ts';
import { type Extension, readExtensionList } from '../extensions.ts';
import { type GeneralName, readGeneralName } from '../general-name.ts';
import { type PreciseTime, readGenTime } from './gen-time.ts';
import { type MessageImprint, readMessageImprint } from './message-imprint.ts';

/** How far off the time may be to either side, RFC 3161 2.4.2. */
export interface TimestampAccuracy {
  readonly seconds: number;
  readonly milliseconds: number;
  readonly microseconds: number;
}

/** TSTInfo, RFC 3161 2.4.2, as decoded: what a timestamp says. */
export interface TimestampInfo {
  /** Dotted object identifier of the authority's policy. */
  readonly policy: string;
  readonly messageImprint: MessageImprint;
  /** The content of the INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly genTime: PreciseTime;
  readonly accuracy: TimestampAccuracy | undefined;
  readonly ordering: boolean;
  /** The content of the INTEGER. */
  readonly nonce: Uint8Array | undefined;
  /** A hint as to who made it; what counts is the certificate. */
  readonly tsa: GeneralName | undefined;
  /** By dotted object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** RFC 3161 2.4.2 asks for at least 160 bits, and nonces have as many as one likes. */
export const MAX_TIMESTAMP_INTEGER_BYTES = 64;

/**
 * Decodes a TSTInfo of version 1 in DER, nothing after it.
 * @throws X509Error `X509_TIMESTAMP_INVALID`
 */
export function parseTimestampInfo(der: Uint8Array): TimestampInfo {
  return decodingAs('X509_TIMESTAMP_INVALID', 'timestamp', () => {
    const outer = new DerReader(der);
    const fields = outer.enter(TAG.sequence);
    outer.finish();
    assertVersion1(fields);
    const info: TimestampInfo = {
      policy: fields.oid(),
      messageImprint: readMessageImprint(fields),
      serialNumber: readInteger(fields),
      genTime: readGenTime(fields),
      accuracy: readAccuracy(fields.enterOptional(TAG.sequence)),
      // DER leaves a FALSE out, some authorities do not; it means the same either way.
      ordering: fields.peek() === TAG.boolean ? fields.boolean() : false,
      nonce: fields.peek() === TAG.integer ? readInteger(fields) : undefined,
      tsa: readAuthorityName(fields.enterOptional(contextTag(0, true))),
      extensions: readOptionalExtensions(fields.enterOptional(contextTag(1, true))),
    };
    fields.finish();
    return info;
  });
}

/** Reads the version of a request or a TSTInfo. */
export function assertVersion1(fields: DerReader): void {
  const version = fields.smallInteger();
  if (version !== 1)
    throw new X509Error('X509_TIMESTAMP_INVALID', `timestamp: expected version 1, got ${version}`, {
      data: { version },
    });
}

/** The content of an INTEGER of bounded size. */
export function readInteger(fields: DerReader): Uint8Array {
  const content = fields.integer();
  if (content.length > MAX_TIMESTAMP_INTEGER_BYTES)
    throw new X509Error(
      'X509_TIMESTAMP_INVALID',
      `timestamp: expected integers of at most ${MAX_TIMESTAMP_INTEGER_BYTES} octets, got ${content.length}`,
    );
  return content;
}

/** The extensions of a request or a TSTInfo, none of them twice. */
export function readOptionalExtensions(
  list: DerReader | undefined,
): ReadonlyMap<string, Extension> {
  return list === undefined ? new Map() : readExtensionList(list);
}

function readAccuracy(fields: DerReader | undefined): TimestampAccuracy | undefined {
  if (fields === undefined) return undefined;
  const accuracy = {
    seconds: fields.peek() === TAG.integer ? fields.smallInteger() : 0,
    milliseconds: readThousandths(fields, 0),
    microseconds: readThousandths(fields, 1),
  };
  fields.finish();
  return accuracy;
}

/** 1 to 999; a few write a zero instead of leaving it out. */
function readThousandths(fields: DerReader, number: number): number {
  const tag = contextTag(number, false);
  if (fields.peek() !== tag) return 0;
  const value = fields.smallInteger(tag);
  if (value > 999)
    throw new X509Error(
      'X509_TIMESTAMP_INVALID',
      `timestamp: expected at most 999 thousandths in the accuracy, got ${value}`,
    );
  return value;
}

/** A CHOICE under a context tag is tagged explicitly (X.680 31.2.7). */
function readAuthorityName(explicit: DerReader | undefined): GeneralName | undefined {
  if (explicit === undefined) return undefined;
  const name = readGeneralName(explicit);
  explicit.finish();
  return name;
}

/** When a timestamp was made, milliseconds since the epoch, both included. */
export interface TimestampRange {
  readonly earliest: number;
  readonly latest: number;
}

/** ETSI EN 319 421 best practice policy: times are right to the second where nothing is said. */
const BEST_PRACTICE_POLICY = '0.4.0.2023.1.1';

/**
 * The time that a timestamp proves: from its accuracy before to its accuracy after, widened to whole
 * milliseconds. Without accuracy it is the time itself, but under the best practice policy of ETSI
 * (`0.4.0.2023.1.1`) one second to either side (Notary trust-store-trust-policy.md "Steps").
 */
export function timestampRange({ genTime, accuracy, policy }: TimestampInfo): TimestampRange {
  const { seconds = 0, milliseconds = 0, microseconds = 0 } = accuracy ?? {};
  const isExact = seconds === 0 && milliseconds === 0 && microseconds === 0;
  const margin = isExact && policy === BEST_PRACTICE_POLICY ? 1000 : seconds * 1000 + milliseconds;
  const nanoseconds = microseconds * 1000;
  return {
    earliest: genTime.milliseconds - margin + Math.floor((genTime.nanoseconds - nanoseconds) / 1e6),
    latest: genTime.milliseconds + margin + Math.ceil((genTime.nanoseconds + nanoseconds) / 1e6),
  };
}
