export {
  algorithmByKeySpec,
  type SignatureAlgorithm,
  signatureAlgorithmFor,
} from './algorithms.ts';
export type { SigningScheme } from './attributes.ts';
export {
  type AttributeValue,
  COSE_MEDIA_TYPE,
  type EnvelopeContent,
  type EnvelopeMediaType,
  type ExtendedAttribute,
  type HeaderLabel,
  JWS_MEDIA_TYPE,
  type UnverifiedEnvelope,
  type VerifiedEnvelope,
} from './content.ts';
export { ENVELOPE_ERRORS, EnvelopeError, type EnvelopeErrorCode } from './errors.ts';
export { ENVELOPE_LIMITS, type EnvelopeLimits } from './limits.ts';
export {
  encodePayload,
  type NotaryPayload,
  PAYLOAD_MEDIA_TYPE,
  parsePayload,
  payloadOf,
  type TargetArtifact,
} from './payload.ts';
export { parseRfc3339 } from './rfc3339.ts';
export { type SignOptions, type SignRequest, signEnvelope } from './sign.ts';
export { localSigner, type Signer, type SignerAnswer } from './signer.ts';
export { inspectEnvelope, parseEnvelope, verifyEnvelope } from './verify.ts';
