import assert from 'node:assert/strict';
import {
  type EnvelopeContent,
  EnvelopeError,
  type EnvelopeErrorCode,
  type EnvelopeMediaType,
  parseEnvelope,
  verifyEnvelope,
} from '../src/index.ts';

/** The error code with which `parseEnvelope` refuses, or `accepted`. */
export function parseOutcome(bytes: Uint8Array, mediaType: EnvelopeMediaType): string {
  try {
    parseEnvelope(bytes, mediaType);
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  }
}

/** The error code with which `verifyEnvelope` refuses, or `accepted`. */
export async function verifyOutcome(
  bytes: Uint8Array,
  mediaType: EnvelopeMediaType,
): Promise<string> {
  try {
    await verifyEnvelope(bytes, mediaType);
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  }
}

/** Both refuse with this code: what is wrong with the form is found without the signature. */
export async function assertRefused(
  bytes: Uint8Array,
  options: { mediaType: EnvelopeMediaType; code: EnvelopeErrorCode; name?: string },
): Promise<void> {
  const { mediaType, code, name } = options;
  assert.equal(await verifyOutcome(bytes, mediaType), code, name);
  assert.equal(parseOutcome(bytes, mediaType), code, name);
}

/** The code of an error of this package; any other error is a defect. */
export function codeOf(error: unknown): EnvelopeErrorCode {
  if (error instanceof EnvelopeError) return error.code;
  throw error;
}

/** What the signature covers, without what may change freely around it. */
export function signedPart(content: EnvelopeContent): Partial<EnvelopeContent> {
  const { signingAgent: _, ...signed } = content;
  return signed;
}
