export { type Cause, causeOf, isUndecided } from './cause.ts';
export { NOTARY_ERRORS, NotaryError, type NotaryErrorCode } from './errors.ts';
export { type OciTrustPolicy, parseOciTrustPolicy } from './policy/oci-policy.ts';
export { compileOwnPolicy, type OwnTrustPolicy } from './policy/own/compile.ts';
export type { TrustStatement } from './policy/statement.ts';
export type { StoredEnvelope } from './signatures/fetch.ts';
export { assertAnchors } from './truststore/anchors.ts';
export {
  memoryTrustStore,
  type TrustStore,
  type TrustStoreType,
} from './truststore/trust-store.ts';
export type { JudgeOptions } from './verify/context.ts';
export type {
  CheckOutcome,
  SignatureVerdict,
  SignerDemand,
  SignerSummary,
  StatementSummary,
  Verdict,
  Verification,
} from './verify/verdict.ts';
export { VerificationError } from './verify/verdict.ts';
export {
  type GivenArtifact,
  type GivenContent,
  type VerifySignaturesOptions,
  verifySignatures,
} from './verify/verify-signatures.ts';
