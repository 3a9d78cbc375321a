import type { Artifact, CallOptions, Descriptor } from '@nv2/oci';
import { type InspectedEnvelope, inspectBlobSignature } from './blob/inspect-blob.ts';
import { type Cause, causeOf } from './cause.ts';
import { callOptions } from './signatures/call-options.ts';
import { type FetchResult, fetchSignatures } from './signatures/fetch.ts';
import { listSignatures } from './signatures/list.ts';

/** A signature as it stands in the registry or layout: well formed, NOT verified. */
export interface InspectedSignature extends InspectedEnvelope {
  /** Of the signature manifest. */
  readonly descriptor: Descriptor;
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
 * @throws NotaryError as `listSignatures`; the reason of `options.signal`
 */
export async function inspect(
  artifact: Artifact,
  options: CallOptions & { readonly maxSignatures?: number } = {},
): Promise<Inspection> {
  const { subject, signatures: listed, truncated } = await listSignatures(artifact, options);
  const signatures: InspectedSignature[] = [];
  const skipped: { readonly descriptor: Descriptor; readonly cause: Cause }[] = [];
  const call = { subject, ...callOptions(options) };
  for await (const result of fetchSignatures(artifact.source, each(listed), call)) {
    // what an end has kept from being fetched is not to be shown as skipped
    call.signal?.throwIfAborted();
    const read = await readResult(result);
    if ('cause' in read) skipped.push(read);
    else signatures.push(read);
  }
  return { subject, signatures, skipped, truncated };
}

async function readResult(
  result: FetchResult,
): Promise<InspectedSignature | { readonly descriptor: Descriptor; readonly cause: Cause }> {
  const { descriptor } = result;
  if ('error' in result) return { descriptor, cause: causeOf(result.error) };
  try {
    return { descriptor, ...(await inspectBlobSignature(result.envelope)) };
  } catch (error) {
    return { descriptor, cause: causeOf(error) };
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
