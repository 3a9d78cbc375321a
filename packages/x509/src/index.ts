export {
  type Certificate,
  MAX_CERTIFICATE_BYTES,
  parseCertificate,
  parseCertificateChain,
  parseCertificates,
} from './certificate.ts';
export {
  brokenRequirements,
  type CertificateRole,
  type ChainMember,
} from './chain-requirements.ts';
export type { AttributeProblem } from './cms/attribute.ts';
export { type BerLimits, type BerProblem, berToDer, MAX_BER_BYTES } from './cms/ber.ts';
export type { SignerProblem } from './cms/find-signer.ts';
export { CMS_ATTRIBUTE, CONTENT_TYPE } from './cms/oids.ts';
export { MAX_CMS_CERTIFICATES, type SignedData } from './cms/signed-data.ts';
export type { SignedAttributes, SignerIdentifier, SignerInfo } from './cms/signer-info.ts';
export { bundlesFor } from './crl/bundles-for.ts';
export {
  type CheckCrlOptions,
  type CheckCrlsOptions,
  type CrlBundle,
  type CrlsJudgement,
  checkCrl,
  checkCrls,
  checkListed,
  judgeCrls,
} from './crl/check-crl.ts';
export {
  type CertificateRevocationList,
  type DecodedCrlExtensions,
  findCrlEntries,
  MAX_CRL_BYTES,
  parseCrl,
} from './crl/crl.ts';
export type { CrlEntriesSummary, CrlEntry } from './crl/crl-entries.ts';
export type { IssuingDistributionPoint, ReasonFlag } from './crl/distribution-point.ts';
export {
  DEFAULT_CLOCK_SKEW_MS,
  type GoodFinding,
  isForGood,
  type RevocationFinding,
  type RevocationQuestion,
  type RevocationReason,
  type RevokedFinding,
  type UnknownFinding,
} from './crl/finding.ts';
export {
  type DistinguishedName,
  type DistinguishedNameAttribute,
  MAX_DISTINGUISHED_NAME_BYTES,
  parseDistinguishedName,
} from './distinguished-name.ts';
export { X509_ERRORS, X509Error, type X509ErrorCode } from './errors.ts';
export {
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type Extension,
  KEY_USAGES,
  type KeyUsage,
} from './extensions.ts';
export type { GeneralName } from './general-name.ts';
export {
  type CertificateIssuer,
  type CertificateTemplate,
  type ExtensionTemplate,
  issueCertificate,
  type NameAttribute,
} from './issue.ts';
export type { AttributeTypeAndValue, Name, RelativeDistinguishedName } from './name.ts';
export type { NameConstraints } from './name-constraints.ts';
export { formatName, formatNameGo, GO_ATTRIBUTE_NAMES } from './name-format.ts';
export type { CertId, CertIdHash, IssuedCertificate } from './ocsp/cert-id.ts';
export {
  type CheckOcspOptions,
  checkOcspResponse,
  isAnswerAbout,
  type OcspFinding,
} from './ocsp/check-response.ts';
export { encodeOcspRequest, type OcspRequestOptions, ocspGetUrl } from './ocsp/request.ts';
export type { OcspResponder } from './ocsp/responder.ts';
export {
  type BasicOcspResponse,
  MAX_OCSP_RESPONSE_BYTES,
  type OcspCertStatus,
  type OcspResponse,
  type OcspResponseStatus,
  parseOcspResponse,
  type ResponderId,
  type SingleOcspResponse,
} from './ocsp/response.ts';
export {
  ATTRIBUTE,
  CRL_ENTRY_EXTENSION,
  CRL_EXTENSION,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  OCSP,
} from './oids.ts';
export { parseKnownChain } from './proven-chains.ts';
export { assertSignedBy, type CryptoOptions, isSelfIssued } from './signature.ts';
export { RSASSA_PSS } from './signature-algorithm.ts';
export { MAX_CHAIN_SIGNATURES } from './tsp/build-chain.ts';
export type { PreciseTime } from './tsp/gen-time.ts';
export type { MessageImprint } from './tsp/message-imprint.ts';
export {
  createTimestampRequest,
  parseTimestampRequest,
  type TimestampRequest,
  type TimestampRequestOptions,
} from './tsp/request.ts';
export {
  grantedToken,
  parseTimestampResponse,
  TIMESTAMP_STATUSES,
  type TimestampFailure,
  type TimestampResponse,
  type TimestampStatus,
} from './tsp/response.ts';
export {
  MAX_TIMESTAMP_INTEGER_BYTES,
  parseTimestampInfo,
  type TimestampAccuracy,
  type TimestampInfo,
  type TimestampRange,
  timestampRange,
} from './tsp/timestamp-info.ts';
export { parseTimestampToken, parseTimestampTokenOf, type TimestampToken } from './tsp/token.ts';
export {
  type VerifiedTimestamp,
  type VerifyTimestampOptions,
  type VerifyTimestampResponseOptions,
  verifyTimestampResponse,
  verifyTimestampToken,
} from './tsp/verify.ts';
export {
  MAX_CHAIN_CERTIFICATES,
  type ValidateChainOptions,
  type ValidatedChain,
  validateCodeSigningChain,
  validateTimestampingChain,
} from './validate-chain.ts';
