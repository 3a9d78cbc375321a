// Verifies an image by bytes at hand, in a browser or anywhere else: nothing is asked of a network.
// Bundle it for browsers with any bundler, as in: esbuild --bundle --format=esm examples/browser/verify.ts
import { defaultCrypto, encodeHex } from '@nv2/core';
import type { EnvelopeMediaType } from '@nv2/envelope';
import {
  memoryTrustStore,
  parseOciTrustPolicy,
  type Verification,
  verifySignatures,
} from '@nv2/notary/judge';
import { parseCertificates } from '@nv2/x509';

/** Resolves to the proof, or throws a VerificationError that says what is wrong. */
export async function verifyImage(given: {
  readonly scope: string;
  readonly manifest: Uint8Array;
  readonly manifestMediaType: string;
  readonly envelope: Uint8Array;
  readonly envelopeMediaType: EnvelopeMediaType;
  readonly policy: Uint8Array;
  /** The certificates of the store `ca:images`, PEM or DER. */
  readonly anchors: Uint8Array;
}): Promise<Verification> {
  const { scope, manifest, envelope, manifestMediaType: mediaType } = given;
  const digest = `sha256:${encodeHex(await defaultCrypto.digest('sha256', manifest))}`;
  const subject = { mediaType, digest, size: manifest.length };
  const target = { reference: `${scope}@${digest}`, scope, subject };
  const signature = { mediaType: given.envelopeMediaType, bytes: envelope };
  const trustStore = memoryTrustStore({ 'ca:images': parseCertificates(given.anchors) });
  const policy = parseOciTrustPolicy(given.policy);
  return verifySignatures(target, [signature], { policy, trustStore });
}
