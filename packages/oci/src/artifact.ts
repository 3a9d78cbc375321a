import type { Descriptor } from './descriptor.ts';
import type { OciWarningCode } from './errors.ts';
import type { Reference } from './reference.ts';

/** What every operation on a source or target accepts. */
export interface CallOptions {
  /** Ends the operation early. */
  readonly signal?: AbortSignal;
}

/** {@link CallOptions} of a listing of referrers. */
export interface ReferrersOptions extends CallOptions {
  /** Only referrers of this artifact type. */
  readonly artifactType?: string;
  /**
   * Of a layout: also the manifests that it lists under no tag and does not hold, as any of them may
   * have been a referrer. A registry's list of referrers has such entries anyway. Default false.
   */
  readonly includeMissing?: boolean | undefined;
}

/** {@link CallOptions} of {@link ArtifactSource.fetchBlob}. */
export interface FetchBlobOptions extends CallOptions {
  /** Larger blobs are refused before a byte is read. */
  readonly maxBytes: number;
}

/** A repository in a registry, or an image layout. Whoever answers is not trusted. */
export interface ArtifactSource {
  /**
   * The descriptor behind a tag or digest. Resolve once and act on the digest: a second answer may
   * differ.
   * @throws OciError `OCI_NOT_FOUND`
   */
  resolve(reference: string, options?: CallOptions): Promise<Descriptor>;
  /**
   * The bytes of a manifest of at most 4 MiB; they have the descriptor's size and digest.
   * @throws OciError `OCI_NOT_FOUND`, `OCI_SIZE_MISMATCH`, `OCI_DIGEST_MISMATCH`,
   *   `OCI_CONTENT_TOO_LARGE`, `OCI_MEDIA_TYPE_MISMATCH`
   */
  fetchManifest(descriptor: Descriptor, options?: CallOptions): Promise<Uint8Array>;
  /** The bytes of a blob; as {@link ArtifactSource.fetchManifest}, with the caller's limit. */
  fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array>;
  /**
   * The manifests that name `subject`, as the other side lists them; nothing about them is
   * verified. Ends normally only after the whole list was read: a failure is an error, never an
   * empty list.
   */
  referrers(subject: Subject, options?: ReferrersOptions): AsyncIterable<Descriptor>;
}

/** An artifact, and where it is kept. */
export interface Artifact<Source extends ArtifactSource = ArtifactSource> {
  readonly source: Source;
  /** Tag or digest within the source. */
  readonly version: string;
}

/** What referrers refer to: its digest, and its size and media type where they are known. */
export type Subject = Pick<Descriptor, 'digest'> & Partial<Pick<Descriptor, 'mediaType' | 'size'>>;

/** {@link CallOptions} of {@link ArtifactTarget.pushManifest}. */
export interface PushManifestOptions extends CallOptions {
  readonly tag?: string;
  /** The manifest's subject: makes the target list it as a referrer. */
  readonly subject?: Descriptor;
  /** Maintain the referrers tag even where the registry has the referrers API. */
  readonly forceReferrersTag?: boolean;
}

/** How a pushed manifest became known as a referrer. */
export interface PushResult {
  /** `none`: no subject; `api`: the other side indexes it; `tag`: listed in the referrers tag. */
  readonly referrers: 'none' | 'api' | 'tag';
  readonly warnings: readonly OciWarningCode[];
}

/** An {@link ArtifactSource} that artifacts can be added to. */
export interface ArtifactTarget extends ArtifactSource {
  /** Stores a blob unless it is there already. */
  pushBlob(bytes: Uint8Array, descriptor: Descriptor, options?: CallOptions): Promise<void>;
  /** Stores a manifest. After return it can be fetched by digest, and listed if it has a subject. */
  pushManifest(
    bytes: Uint8Array,
    descriptor: Descriptor,
    options?: PushManifestOptions,
  ): Promise<PushResult>;
}

/** A repository of a registry, by name. */
export type RepositoryName = Pick<Reference, 'registry' | 'repository'>;

/** An {@link ArtifactSource} whose blobs can be read piece by piece. */
export interface StreamingSource extends ArtifactSource {
  /** Where this is, if it is a repository: a target in the same registry can take blobs from it. */
  readonly repository?: RepositoryName;
  /**
   * The content of a blob of any size as it comes. Who sees the normal end has seen bytes of the
   * descriptor's size and digest; what was done with earlier ones must be undone when this throws.
   * @throws OciError `OCI_NOT_FOUND`, `OCI_SIZE_MISMATCH`, `OCI_DIGEST_MISMATCH`
   */
  readBlob(descriptor: Descriptor, options?: CallOptions): AsyncIterable<Uint8Array>;
}

/** {@link CallOptions} of {@link StreamingTarget.writeBlob}. */
export interface WriteBlobOptions extends CallOptions {
  /** Where the blob is too: if that is in the same registry, it need not be sent. */
  readonly from?: RepositoryName | undefined;
}

/** How a blob came to be in a target: it was there, was taken from a neighbour, or was sent. */
export type BlobWritten = 'present' | 'mounted' | 'sent';

/** An {@link ArtifactTarget} that takes blobs piece by piece. */
export interface StreamingTarget extends ArtifactTarget {
  /**
   * Stores a blob unless it is there already; nothing of it can be seen before all of it is there.
   * @param open gives the content from its start; called once for each attempt
   */
  writeBlob(
    open: () => AsyncIterable<Uint8Array>,
    descriptor: Descriptor,
    options?: WriteBlobOptions,
  ): Promise<BlobWritten>;
  /** Whether a manifest is there and can be fetched by its digest. */
  hasManifest(descriptor: Descriptor, options?: CallOptions): Promise<boolean>;
}

/** An {@link ArtifactTarget} that referrers can be deleted from. */
export interface DeletingTarget extends ArtifactTarget {
  /**
   * Deletes a manifest, if it is there, and then its entry in the list of its subject's referrers.
   * In this order: an entry without its manifest is seen, and may be removed by calling this again.
   * @throws OciError `OCI_DELETION_UNSUPPORTED` of a registry that deletes nothing
   */
  deleteReferrer(
    referrer: Descriptor,
    subject: Descriptor,
    options?: CallOptions,
  ): Promise<readonly OciWarningCode[]>;
}

/** Manifests above this are refused: the limit that registries share (distribution-spec 1.1.1). */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;
