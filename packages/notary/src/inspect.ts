import { type EnvelopeContent, parseEnvelope, payloadOf, type TargetArtifact } from '@nv2/envelope';
import type { ArtifactSource, CallOptions, Descriptor } from '@nv2/oci';
import { type Cause, causeOf } from './cause.ts';
import { type FetchResult, fetchSignatures } from './signatures/fetch.ts';
import { callOptions, listSignatures } from './signatures/list.ts';

/** A signature as it stands in the registry or layout: well formed, NOT verified. */
export interface InspectedSignature {
  /** Of the signature manifest. */
  readonly descriptor: Descriptor;
  readonly content: EnvelopeContent;
  /** What the payload says was signed. */
  readonly target: TargetArtifact;
}

/** What is known of the signatures of an artifact without verifying any. */
export interface Inspection {
  readonly subject: Descriptor;
  readonly signatures: readonly InspectedSignature[];
  /** Those that could not be fetched or read, and why. */
  readonly skipped: readonly { readonly descriptor: Descriptor; readonly cause: Cause }[];
  /** Whether there are more signatures than were looked at. */
  readonly truncated: boolean;
}

/**
 * Reads the signatures of an artifact for showing. Nothing in the result may be relied on for trust.
 *
 * @param version tag or digest
 * @throws NotaryError as `listSignatures`
 */
export async function inspect(
  source: ArtifactSource,
  version: string,
  options: CallOptions & { readonly maxSignatures?: number } = {},
): Promise<Inspection> {
  const { subject, signatures: listed, truncated } = await listSignatures(source, version, options);
  const signatures: InspectedSignature[] = [];
  const skipped: { readonly descriptor: Descriptor; readonly cause: Cause }[] = [];
  const call = { subject, ...callOptions(options) };
  for await (const result of fetchSignatures(source, each(listed), call)) {
    const read = readResult(result);
    if ('cause' in read) skipped.push(read);
    else signatures.push(read);
  }
  return { subject, signatures, skipped, truncated };
}

function readResult(
  result: FetchResult,
): InspectedSignature | { readonly descriptor: Descriptor; readonly cause: Cause } {
  const { descriptor } = result;
  if ('error' in result) return { descriptor, cause: causeOf(result.error) };
  try {
    const { content } = parseEnvelope(result.envelope.bytes, result.envelope.mediaType);
    return { descriptor, content, target: payloadOf(content).targetArtifact };
  } catch (error) {
    return { descriptor, cause: causeOf(error) };
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
