import {
  type EnvelopeContent,
  inspectEnvelope,
  payloadOf,
  type TargetArtifact,
} from '@nv2/envelope';
import type { StoredEnvelope } from '../signatures/fetch.ts';

/** What an envelope says; NOT verified. */
export interface InspectedEnvelope {
  readonly content: EnvelopeContent;
  /** What the payload says was signed. */
  readonly target: TargetArtifact;
}

/**
 * Reads a signature envelope, such as a detached signature, for showing: it is well formed and its
 * chain fit for code signing. Nothing in the result may be relied on for trust.
 *
 * @throws EnvelopeError
 */
export async function inspectBlobSignature({
  bytes,
  mediaType,
}: StoredEnvelope): Promise<InspectedEnvelope> {
  const { content } = await inspectEnvelope(bytes, mediaType);
  return { content, target: payloadOf(content).targetArtifact };
}
