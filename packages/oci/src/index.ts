export {
  type Artifact,
  type ArtifactSource,
  type ArtifactTarget,
  type BlobWritten,
  type CallOptions,
  type DeletingTarget,
  type FetchBlobOptions,
  MAX_MANIFEST_BYTES,
  type PushManifestOptions,
  type PushResult,
  type ReferrersOptions,
  type RepositoryName,
  type StreamingSource,
  type StreamingTarget,
  type Subject,
  type WriteBlobOptions,
} from './artifact.ts';
export {
  type Credential,
  type CredentialSource,
  type CredentialStore,
  credentialFrom,
  staticCredentials,
} from './credentials/credential.ts';
export { type HelperRunner, type SpawnOptions, spawnHelper } from './credentials/helper.ts';
export { type CredentialStoreOptions, openCredentialStore } from './credentials/open-store.ts';
export {
  type Annotations,
  type Descriptor,
  descriptorToJson,
  type Platform,
  plainDescriptor,
  readDescriptor,
  sameContent,
} from './descriptor.ts';
export {
  OCI_ERRORS,
  OCI_WARNINGS,
  OciError,
  type OciErrorCode,
  type OciWarningCode,
} from './errors.ts';
export { type FileLock, type FileLockOptions, lockFile } from './file-lock.ts';
export {
  type CopyOptions,
  type CopyReport,
  copyArtifact,
  DEFAULT_COPY_CONCURRENCY,
} from './graph/copy.ts';
export { fetchIndex, isIndexMediaType, listIndexManifests } from './graph/index-manifests.ts';
export { DEFAULT_GRAPH_LIMITS, type GraphLimits } from './graph/limits.ts';
export type { LeftOut } from './graph/referrer-manifest.ts';
export {
  type ArtifactTree,
  type ArtifactTreeOptions,
  readArtifactTree,
} from './graph/tree.ts';
export { type Layout, type LayoutOptions, openLayout } from './layout/directory.ts';
export { openLayoutSource } from './layout/open-source.ts';
export { type LayoutTarOptions, openLayoutTar } from './layout/tar.ts';
export {
  DEFAULT_TAR_LIMITS,
  type EntryVisitor,
  type TarEntry,
  type TarInput,
  type TarLimits,
  visitTar,
} from './layout/tar-index.ts';
export { streamInput } from './layout/tar-input.ts';
export { makeDirectory } from './make-directory.ts';
export {
  type ArtifactManifest,
  encodeManifest,
  type ImageManifest,
  type IndexManifest,
  isManifestMediaType,
  type Manifest,
  type ManifestBase,
  parseManifest,
} from './manifest.ts';
export { MANIFEST_MEDIA_TYPES, MEDIA_TYPE } from './media-types.ts';
export { formatPlatform, manifestsFor, parsePlatform, selectPlatform } from './platform.ts';
export {
  assertRegistry,
  assertRepository,
  assertTag,
  formatReference,
  isTag,
  parseReference,
  type Reference,
  type ReferencePart,
  registryHost,
} from './reference.ts';
export { artifactTypeOf, referrerEntry } from './referrer.ts';
export { openArtifact, type RegistryArtifact } from './registry/open-artifact.ts';
export { isPlainHttpByDefault, serverAddressOf } from './registry/origin.ts';
export { pingRegistry } from './registry/ping.ts';
export { type ProbeOptions, probeRegistry } from './registry/probe.ts';
export type { Capability, ProbeFinding } from './registry/probe-finding.ts';
export { DEFAULT_REFERRERS_LIMITS, type ReferrersLimits } from './registry/referrers-list.ts';
export {
  openRegistry,
  openRepository,
  type Registry,
  type Repository,
  type RepositoryOptions,
} from './registry/repository.ts';
export type { RegistryErrorData, RegistryErrorItem } from './registry/response-error.ts';
export type {
  RegistryOptions,
  RegistryRequest,
  RegistrySession,
  RegistryWarning,
  StreamedBody,
} from './registry/session.ts';
export {
  assertContent,
  assertWithin,
  describeContent,
  digestOf,
  type ReadLimits,
  readVerified,
  verifiedReader,
} from './verified-reader.ts';
