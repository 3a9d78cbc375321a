import { type EnvelopeContent, parseEnvelope, payloadOf, type TargetArtifact } from '@nv2/envelope';
import type { StoredEnvelope } from '../signatures/fetch.ts';

/**
 * Reads a detached signature for showing. Nothing in the result may be relied on for trust.
 *
 * @throws EnvelopeError
 */
export function inspectBlobSignature({ bytes, mediaType }: StoredEnvelope): {
  readonly content: EnvelopeContent;
  /** What the payload says was signed. */
  readonly target: TargetArtifact;
} {
  const { content } = parseEnvelope(bytes, mediaType);
  return { content, target: payloadOf(content).targetArtifact };
}
