export { type BlobContent, DEFAULT_BLOB_MEDIA_TYPE } from './blob/describe.ts';
export { type InspectedEnvelope, inspectBlobSignature } from './blob/inspect-blob.ts';
export { type SignBlobOptions, type SignedBlob, signBlob } from './blob/sign-blob.ts';
export { type BlobTarget, type VerifyBlobOptions, verifyBlob } from './blob/verify-blob.ts';
export { type Cause, causeOf, isUndecided } from './cause.ts';
export {
  assertNotDenied,
  DENIALS_VERSION,
  type Denials,
  MAX_DENIALS_BYTES,
  parseDenials,
} from './denials/denials.ts';
export { loadDenials, updateDenials } from './denials/denials-file.ts';
export { NOTARY_ERRORS, NotaryError, type NotaryErrorCode } from './errors.ts';
export {
  loadBlobTrustPolicy,
  readBlobTrustPolicyFile,
  saveBlobTrustPolicy,
} from './files/blob-policy-file.ts';
export {
  EMPTY_CONFIG,
  isInsecureRegistry,
  loadNotationConfig,
  MAX_CONFIG_BYTES,
  type NotationConfig,
  parseNotationConfig,
} from './files/config-file.ts';
export type { FileNote } from './files/go-decode.ts';
export type { PlaceFinder } from './files/go-places.ts';
export {
  type NotationFiles,
  type NotationPaths,
  notationFiles,
} from './files/paths.ts';
export {
  loadOciTrustPolicy,
  type PolicyFile,
  readOciTrustPolicyFile,
  saveOciTrustPolicy,
} from './files/policy-file.ts';
export {
  type FileSubject,
  type ReadFileOptions,
  readRegularFile,
} from './files/read-file.ts';
export type { TextPlace } from './files/text-place.ts';
export {
  createFileAtomic,
  DIRECTORY_MODE,
  FILE_MODE,
  writeFileAtomic,
} from './files/write-file.ts';
export { type InspectedSignature, type Inspection, inspect } from './inspect.ts';
export type { PassphraseSource } from './keys/encrypted-key.ts';
export {
  type KeyPairContents,
  type KeyPairOptions,
  type KeyPairPaths,
  type LoadSignerOptions,
  loadKeyPair,
  loadSigner,
  MAX_KEY_FILE_BYTES,
  readKeyPair,
} from './keys/key-pair.ts';
export { parsePrivateKey } from './keys/private-key.ts';
export {
  addSigningKey,
  assertSigningKeys,
  getDefaultSigningKey,
  getSigningKey,
  type LocalSigningKey,
  NO_SIGNING_KEYS,
  type PluginSigningKey,
  removeSigningKey,
  type SigningKey,
  type SigningKeys,
  type SigningKeysRule,
  setDefaultSigningKey,
} from './keys/signing-keys.ts';
export {
  encodeSigningKeys,
  loadSigningKeys,
  MAX_SIGNING_KEYS_BYTES,
  parseSigningKeys,
  saveSigningKeys,
} from './keys/signing-keys-file.ts';
export { updateSigningKeys } from './keys/update-signing-keys.ts';
export type { PluginKeyName } from './plugin/answer-refused.ts';
export type { Json } from './plugin/codec.ts';
export {
  CAPABILITY,
  CONTRACT_VERSION,
  type DescribeKeyResponse,
  type GenerateEnvelopeResponse,
  type GenerateSignatureResponse,
  type GetMetadataRequest,
  type PluginCommand,
  type PluginCommands,
  type PluginConfig,
  type PluginMetadata,
} from './plugin/contract.ts';
export {
  listPlugins,
  type PluginFinder,
  pluginDirectory,
  uninstallPlugin,
} from './plugin/directory.ts';
export {
  type DownloadPluginOptions,
  downloadPlugin,
  PLUGIN_DOWNLOAD_TIMEOUT_MS,
} from './plugin/download.ts';
export {
  type InstalledPlugin,
  type InstallPluginOptions,
  installPlugin,
} from './plugin/install.ts';
export { pluginMetadata } from './plugin/metadata.ts';
export { isPluginName, pluginExecutable } from './plugin/names.ts';
export {
  executablePlugin,
  type Plugin,
  type PluginExchange,
  type PluginFile,
  type PluginOptions,
} from './plugin/plugin.ts';
export { type PluginSignerOptions, pluginSigner } from './plugin/signer.ts';
export { isAboutBlobs } from './policy/about-blobs.ts';
export {
  type BlobTrustPolicy,
  type BlobTrustStatement,
  blobTrustPolicyPlaces,
  parseBlobTrustPolicy,
} from './policy/blob-policy.ts';
export { type PolicyDocument, toNotationDocument, toOwnDocument } from './policy/convert.ts';
export { canonicalDemands, canonicalPolicy } from './policy/demands.ts';
export { subjectIdentity, type TrustedIdentity } from './policy/identities.ts';
export {
  ACTIONS,
  type Actions,
  CHECKS,
  type CheckAction,
  type CheckName,
  LEVELS,
  type LevelName,
  levelLabel,
  resolveActions,
  type SignatureVerification,
  TIMESTAMP_OPTIONS,
  type TimestampOption,
} from './policy/levels.ts';
export { LINT_RULES, type LintFinding, type LintRule, lintPolicy } from './policy/lint.ts';
export { lintPolicyFields } from './policy/lint-fields.ts';
export { MAX_POLICY_BYTES, type ParsePolicyOptions } from './policy/notation-policy.ts';
export {
  type OciTrustPolicy,
  ociTrustPolicyPlaces,
  parseOciTrustPolicy,
} from './policy/oci-policy.ts';
export { compileOwnPolicy, type OwnTrustPolicy } from './policy/own/compile.ts';
export { OWN_POLICY_VERSION } from './policy/own/document.ts';
export { OWN_POLICY_SCHEMA } from './policy/own/policy-schema.ts';
export {
  type PolicyExpectation,
  type PolicyTestCase,
  type PolicyTests,
  readPolicyTests,
} from './policy/own/policy-tests.ts';
export type { JsonSchema } from './policy/own/shape.ts';
export { POLICY_RULES, type PolicyRule } from './policy/rules.ts';
export {
  assertRepositoryScope,
  formatScope,
  isRepositoryScope,
  type Scope,
  type ScopeName,
} from './policy/scopes.ts';
export { type Applicable, selectStatement } from './policy/select.ts';
export { selectBlobStatement } from './policy/select-blob.ts';
export {
  type RequiredSigner,
  type RevocationTuning,
  type SignatureDemands,
  type SignatureStatement,
  type SoftFailure,
  type TrustStatement,
  trustStoresOf,
} from './policy/statement.ts';
export type { SubjectAttributes } from './policy/subject-dn.ts';
export type { AskContext } from './revocation/ask-context.ts';
export {
  type CrlBundleBytes,
  type CrlCache,
  type CrlCacheEvent,
  type CrlCacheLog,
  fileCrlCache,
} from './revocation/crl-cache.ts';
export {
  directoryRevocation,
  MAX_OFFLINE_BYTES,
  MAX_OFFLINE_FILES,
} from './revocation/directory.ts';
export type {
  CertificateStatus,
  OfflineAnswers,
  OfflineRevocation,
  RevocationChecker,
  RevocationMethod,
  RevocationTime,
  UndecidedQuestion,
} from './revocation/finding.ts';
export { MAX_OFFLINE_ANSWERS } from './revocation/kept-answers.ts';
export { type OnlineRevocationOptions, onlineRevocation } from './revocation/online.ts';
export { SERVICE_FAILURES, type ServiceFailure } from './revocation/service-failure.ts';
export {
  MAX_EMBEDDED_BYTES,
  type SignArtifactOptions,
  type SignedArtifact,
  type SignWarningCode,
  sign,
} from './sign.ts';
export type {
  EnvelopeGenerator,
  EnvelopeSource,
  KeySigner,
  SignEnvelopeOptions,
} from './sign-envelope.ts';
export { type SignTreeOptions, signTree } from './sign-tree.ts';
export { deleteSignature, type FoundSignature, findSignature } from './signatures/delete.ts';
export { FETCH_CONCURRENCY, type StoredEnvelope } from './signatures/fetch.ts';
export { givenSignatures } from './signatures/given-signatures.ts';
export { type ListOptions, listSignatures, type SignatureList } from './signatures/list.ts';
export {
  CREATED_ANNOTATION,
  DEFAULT_MAX_SIGNATURES,
  MAX_SIGNATURE_BYTES,
  RESERVED_METADATA_PREFIX,
  SIGNATURE_ARTIFACT_TYPE,
  THUMBPRINT_ANNOTATION,
} from './signatures/media-types.ts';
export { resolveArtifact } from './signatures/resolve.ts';
export { readTimestampRoot } from './timestamp/root.ts';
export {
  type TimestampAuthorityOptions,
  type Timestamper,
  timestampAuthority,
} from './timestamp/timestamper.ts';
export { assertAnchors } from './truststore/anchors.ts';
export {
  directoryTrustStore,
  MAX_TRUST_STORE_CERTIFICATES,
  MAX_TRUST_STORE_FILES,
} from './truststore/directory.ts';
export {
  addCertificate,
  deleteCertificate,
  deleteTrustStore,
  listCertificates,
  showCertificate,
  type TrustStoreFile,
  type TrustStoreFileName,
} from './truststore/manage.ts';
export { MAX_CERTIFICATE_FILE_BYTES, readCertificateFile } from './truststore/read-certificates.ts';
export {
  isTrustStoreName,
  isTrustStoreType,
  memoryTrustStore,
  rememberedTrustStore,
  TRUST_STORE_TYPES,
  type TrustStore,
  type TrustStoreReference,
  type TrustStoreType,
} from './truststore/trust-store.ts';
export { formatPath, type ValuePath } from './value-path.ts';
export { choosePlatform } from './verify/choose-platform.ts';
export type { JudgeOptions } from './verify/context.ts';
export type { TimestampUse, VerifyEvent } from './verify/events.ts';
export { MAX_UNAVAILABLE_SIGNATURES } from './verify/find-signatures.ts';
export type {
  CheckOutcome,
  SignatureVerdict,
  SignerDemand,
  SignerSummary,
  StatementSummary,
  Verdict,
  Verification,
} from './verify/verdict.ts';
export { summarizeSigner, VerificationError } from './verify/verdict.ts';
export {
  type VerifyOptions,
  type VerifyTarget,
  verify,
} from './verify/verify.ts';
export {
  type GivenArtifact,
  type GivenContent,
  type VerifySignaturesOptions,
  verifySignatures,
} from './verify/verify-signatures.ts';
export { TreeVerificationError, type VerifyTreeOptions, verifyTree } from './verify/verify-tree.ts';
