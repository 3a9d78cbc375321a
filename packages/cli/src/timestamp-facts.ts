import { Nv2Error } from '@nv2/core';
import type { EnvelopeContent } from '@nv2/envelope';
import { type Certificate, parseTimestampTokenOf, timestampRange } from '@nv2/x509';

/** What a timestamp says of itself, NOT verified; or why it cannot be read. */
export type TimestampFacts =
  | { readonly error: string }
  | {
      /** Milliseconds since the epoch. */
      readonly earliest: number;
      readonly latest: number;
      readonly certificates: readonly Certificate[];
    };

/** Reads the timestamp countersignature of a signature, if it has one, for showing. */
export async function timestampFacts({
  timestampToken,
  signature,
}: EnvelopeContent): Promise<TimestampFacts | undefined> {
  if (timestampToken === undefined) return undefined;
  try {
    const { info, message } = await parseTimestampTokenOf(signature, timestampToken);
    return { ...timestampRange(info), certificates: message.certificates };
  } catch (error) {
    if (!(error instanceof Nv2Error) || error.kind === 'internal') throw error;
    return { error: `failed to parse timestamp countersignature: ${error.message}` };
  }
}
