import { decodeBase64 } from '@nv2/core';
import type { verifyImage } from '../examples/browser/verify.ts';
import type { SignedImage } from './signed-image.ts';

/** The image, policy and certificates as bytes: what the example for browsers is called with. */
export function givenImage(image: SignedImage): Parameters<typeof verifyImage> {
  const { scope, manifestMediaType, envelopeMediaType } = image;
  const subject = { mediaType: manifestMediaType, bytes: decodeBase64(image.manifest) };
  const signature = { mediaType: envelopeMediaType, bytes: decodeBase64(image.envelope) };
  const artifact = { scope, subject, signatures: [signature] };
  return [artifact, decodeBase64(image.policy), decodeBase64(image.anchors)];
}
