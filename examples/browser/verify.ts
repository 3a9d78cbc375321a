// Verifies an image by bytes at hand, in a browser or anywhere else: nothing is asked of a network.
// Bundle it for browsers with any bundler, as in: esbuild --bundle --format=esm examples/browser/verify.ts
import * as nv2 from '@nv2/notary/judge';
import { parseCertificates } from '@nv2/x509';

/** Resolves to the proof, or throws a VerificationError that says what is wrong. */
export async function verifyImage(image: nv2.GivenArtifact, policy: Uint8Array, roots: Uint8Array) {
  return await nv2.verifySignatures(image, {
    policy: nv2.parseOciTrustPolicy(policy),
    trustStore: nv2.memoryTrustStore({ 'ca:images': parseCertificates(roots) }),
  });
}
