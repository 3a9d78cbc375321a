export {
  type ArtifactSource,
  type ArtifactTarget,
  type CallOptions,
  type FetchBlobOptions,
  MAX_MANIFEST_BYTES,
  type PushManifestOptions,
  type PushResult,
  type ReferrersOptions,
} from './artifact.ts';
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
export {
  type ArtifactManifest,
  encodeManifest,
  type ImageManifest,
  type IndexManifest,
  isManifestMediaType,
  type Manifest,
  parseManifest,
} from './manifest.ts';
export { MANIFEST_MEDIA_TYPES, MEDIA_TYPE } from './media-types.ts';
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
export {
  assertContent,
  assertWithin,
  describeContent,
  digestOf,
  type ReadLimits,
  readVerified,
  verifiedReader,
} from './verified-reader.ts';
