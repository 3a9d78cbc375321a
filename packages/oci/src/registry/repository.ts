import { isDigest, parseDigest, withDefaults } from '@nv2/core';
import { type Clock, sleep, systemClock } from '@nv2/http';
import {
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
} from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError, type OciWarningCode } from '../errors.ts';
import { isManifestMediaType } from '../manifest.ts';
import { assertRepository, type Reference } from '../reference.ts';
import { referrerEntry } from '../referrer.ts';
import {
  assertContent,
  assertWithin,
  digestOf,
  readVerified,
  verifiedReader,
} from '../verified-reader.ts';
import { otherMediaType } from './media-type-mismatch.ts';
import { listReferrers } from './referrers-api.ts';
import { DEFAULT_REFERRERS_LIMITS, type ReferrersLimits } from './referrers-list.ts';
import { addToReferrersTag, removeFromReferrersTag } from './referrers-tag.ts';
import { assertDigest, manifestPath, mediaTypeOf, resolveManifest } from './resolve.ts';
import { deletionError } from './response-error.ts';
import { type RepositoryAction, repositoryScope } from './scope.ts';
import { type RegistryOptions, RegistrySession } from './session.ts';
import { listTags } from './tags.ts';
import { transferTimeouts } from './transfer.ts';
import { type BlobLocation, uploadBlob } from './upload.ts';

/** Before a blob is sent a second time; doubles after that. */
const UPLOAD_PAUSE_MS = 250;

/** Options of {@link openRepository}. */
export interface RepositoryOptions extends RegistryOptions {
  readonly referrersLimits?: Partial<ReferrersLimits>;
  /** For the pauses of writers of the same referrers tag. */
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the same. */
  readonly random?: () => number;
}

/** A repository in a registry. Nothing is sent before the first call. */
export function openRepository(
  reference: Pick<Reference, 'registry' | 'repository'>,
  options: RepositoryOptions,
): Repository {
  return openRegistry(reference.registry, options).repository(reference.repository);
}

/** A registry whose repositories share what is known of it: credentials, tokens, warnings. */
export interface Registry {
  /** Nothing is sent before the first call. @throws OciError `OCI_REFERENCE_INVALID` */
  readonly repository: (name: string) => Repository;
}

/** The repositories of one registry, for who uses several of them. */
export function openRegistry(registry: string, options: RepositoryOptions): Registry {
  const session = new RegistrySession(registry, options);
  return { repository: (name) => new Repository(session, name, options) };
}

/** The client of one repository; safe to use for several calls at the same time. */
export class Repository implements StreamingSource, StreamingTarget, DeletingTarget {
  readonly repository: RepositoryName;
  readonly #session: RegistrySession;
  readonly #repository: string;
  readonly #limits: ReferrersLimits;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** The last update of each referrers tag: in one process they follow each other. */
  readonly #tagUpdates: Map<string, Promise<unknown>> = new Map();

  constructor(session: RegistrySession, repository: string, options: RepositoryOptions) {
    assertRepository(repository);
    this.repository = { registry: session.registry, repository };
    this.#session = session;
    this.#repository = repository;
    this.#limits = withDefaults(DEFAULT_REFERRERS_LIMITS, options.referrersLimits);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** @throws OciError `OCI_NOT_FOUND`, `OCI_DIGEST_MISMATCH`, and what other statuses mean */
  async resolve(reference: string, { signal }: CallOptions = {}): Promise<Descriptor> {
    return await resolveManifest({ ...this.#location('pull'), reference, signal });
  }

  async fetchManifest(descriptor: Descriptor, options: CallOptions = {}): Promise<Uint8Array> {
    const limits = { maxBytes: MAX_MANIFEST_BYTES };
    assertWithin(descriptor, limits);
    const url = manifestPath(this.#repository, descriptor.digest);
    const response = await this.#session.expect(
      {
        method: 'GET',
        url,
        headers: { accept: descriptor.mediaType },
        named: descriptor.digest,
        scopes: this.#scopes('pull'),
      },
      [200],
      { ...options, ...limits },
    );
    const mediaType = mediaTypeOf(response);
    if (mediaType !== descriptor.mediaType.toLowerCase()) {
      throw await otherMediaType(response, descriptor, mediaType);
    }
    return await readVerified(response.body, descriptor, limits);
  }

  async fetchBlob(
    descriptor: Descriptor,
    { signal, maxBytes }: FetchBlobOptions,
  ): Promise<Uint8Array> {
    assertWithin(descriptor, { maxBytes });
    const url = `/v2/${this.#repository}/blobs/${descriptor.digest}`;
    const response = await this.#session.expect(
      { method: 'GET', url, named: descriptor.digest, scopes: this.#scopes('pull') },
      [200],
      signal ? { signal } : {},
    );
    return await readVerified(response.body, descriptor, { maxBytes });
  }

  referrers(subject: Subject, options: ReferrersOptions = {}): AsyncIterable<Descriptor> {
    return listReferrers(subject, options, { ...this.#location('pull'), limits: this.#limits });
  }

  async pushBlob(
    bytes: Uint8Array,
    descriptor: Descriptor,
    { signal }: CallOptions = {},
  ): Promise<void> {
    await uploadBlob(bytes, descriptor, this.#uploadLocation({ signal }));
  }

  async *readBlob(
    descriptor: Descriptor,
    { signal }: CallOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const url = `/v2/${this.#repository}/blobs/${descriptor.digest}`;
    const response = await this.#session.expect(
      { method: 'GET', url, named: descriptor.digest, scopes: this.#scopes('pull') },
      [200],
      {
        ...(signal && { signal }),
        // the reader below is exact
        maxBytes: Number.MAX_SAFE_INTEGER,
        timeouts: transferTimeouts(descriptor.size),
      },
    );
    yield* verifiedReader(response.body, descriptor);
  }

  async writeBlob(
    open: () => AsyncIterable<Uint8Array>,
    descriptor: Descriptor,
    options: WriteBlobOptions = {},
  ): Promise<BlobWritten> {
    const content = (): AsyncIterable<Uint8Array> => verifiedReader(open(), descriptor);
    return await uploadBlob(content, descriptor, this.#uploadLocation(options));
  }

  async pushManifest(
    bytes: Uint8Array,
    descriptor: Descriptor,
    options: PushManifestOptions = {},
  ): Promise<PushResult> {
    assertWithin(descriptor, { maxBytes: MAX_MANIFEST_BYTES });
    assertContent(bytes, descriptor);
    const referrer = isManifestMediaType(descriptor.mediaType)
      ? referrerEntry(bytes, descriptor)
      : undefined;
    assertSubject(referrer?.subject, options.subject);
    const honoured = await this.#put(bytes, descriptor, options);
    if (referrer === undefined) return { referrers: 'none', warnings: [] };
    const { subject, entry } = referrer;
    const indexed = honoured === subject.digest;
    if (indexed && options.forceReferrersTag !== true) return { referrers: 'api', warnings: [] };
    const warnings = await this.#updateTag(addToReferrersTag, entry, { subject, ...options });
    return { referrers: indexed ? 'api' : 'tag', warnings };
  }

  async hasManifest({ digest }: Descriptor, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.resolve(digest, options);
      return true;
    } catch (error) {
      if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return false;
      throw error;
    }
  }

  /** The tags of the repository, as the registry orders them. */
  tags(options: CallOptions = {}): AsyncIterable<string> {
    return listTags(this.#location('pull'), { ...options, limits: this.#limits });
  }

  /**
   * Deletes a manifest, and with it every tag on it.
   * @throws OciError `OCI_NOT_FOUND`, `OCI_DELETION_UNSUPPORTED`
   */
  async deleteManifest(digest: string, options: CallOptions = {}): Promise<void> {
    const url = manifestPath(this.#repository, digest);
    const scopes = this.#scopes('delete');
    const request = { method: 'DELETE', url, scopes };
    const response = await this.#session
      .expect(request, [200, 202], options)
      .catch((error: unknown) => {
        throw deletionError(error);
      });
    await response.discard();
  }

  async deleteReferrer(
    referrer: Descriptor,
    subject: Descriptor,
    options: CallOptions = {},
  ): Promise<readonly OciWarningCode[]> {
    await this.deleteManifest(referrer.digest, options).catch((error: unknown) => {
      if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return;
      throw error;
    });
    return await this.#updateTag(removeFromReferrersTag, referrer, { ...options, subject });
  }

  /**
   * Stores a manifest and gives the subject that the registry says it indexed. What is given by a tag
   * alone has its SHA-256 for a digest: of another algorithm it is stored by the digest, with the tag as
   * a parameter, and by the tag only where the registry does not know that.
   * @see distribution-spec main, pushing manifests by digest with tags
   */
  async #put(
    bytes: Uint8Array,
    descriptor: Descriptor,
    { tag, signal }: PushManifestOptions,
  ): Promise<string | undefined> {
    const { digest } = descriptor;
    const manifest = { bytes, descriptor, signal };
    const isOther = parseDigest(digest).algorithm !== 'sha256';
    if (tag === undefined || !isOther) return (await this.#putAs(tag ?? digest, manifest)).subject;
    const { subject, tags } = await this.#putAs(`${digest}?tag=${tag}`, manifest);
    if (!tags.includes(tag)) await this.#putAs(tag, manifest);
    return subject;
  }

  async #putAs(
    reference: string,
    {
      bytes,
      descriptor,
      signal,
    }: {
      readonly bytes: Uint8Array;
      readonly descriptor: Descriptor;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<{ readonly subject: string | undefined; readonly tags: readonly string[] }> {
    const response = await this.#session.expect(
      {
        method: 'PUT',
        url: manifestPath(this.#repository, reference),
        headers: { 'content-type': descriptor.mediaType },
        body: bytes,
        scopes: this.#scopes('pull', 'push'),
      },
      [201],
      signal ? { signal } : {},
    );
    await response.discard();
    const { headers } = response;
    const stored = headers.get('docker-content-digest') ?? descriptor.digest;
    const isSame = isDigest(stored) && stored === digestOf(bytes, parseDigest(stored).algorithm);
    if (!isSame) assertDigest(stored, descriptor.digest);
    const tags = headers.get('oci-tag')?.split(',') ?? [];
    return {
      subject: headers.get('oci-subject') ?? undefined,
      tags: tags.map((tag) => tag.trim()),
    };
  }

  async #updateTag(
    change: typeof addToReferrersTag,
    entry: Descriptor,
    options: CallOptions & { readonly subject: Descriptor },
  ): Promise<readonly OciWarningCode[]> {
    const { subject, signal = new AbortController().signal } = options;
    const before = this.#tagUpdates.get(subject.digest);
    const update = Promise.resolve(before)
      .catch(() => undefined)
      .then(() =>
        change(entry, subject, {
          ...this.#location('pull', 'push'),
          limits: this.#limits,
          signal,
          clock: this.#clock,
          random: this.#random,
          sleep: (delayMs) => sleep(delayMs, this.#clock, signal),
        }),
      );
    this.#tagUpdates.set(subject.digest, update);
    try {
      return await update;
    } finally {
      if (this.#tagUpdates.get(subject.digest) === update) {
        this.#tagUpdates.delete(subject.digest);
      }
    }
  }

  #uploadLocation({
    signal = new AbortController().signal,
    from,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly from?: RepositoryName | undefined;
  }): BlobLocation {
    return {
      ...this.#location('pull', 'push'),
      signal,
      from,
      pause: async (attempt) => {
        const delayMs = UPLOAD_PAUSE_MS * 2 ** (attempt - 1) * (1 + this.#random());
        await sleep(delayMs, this.#clock, signal);
      },
    };
  }

  #scopes(...actions: readonly RepositoryAction[]): readonly string[] {
    return [repositoryScope(this.#repository, actions)];
  }

  #location(...actions: readonly RepositoryAction[]): {
    readonly session: RegistrySession;
    readonly repository: string;
    readonly scopes: readonly string[];
  } {
    const scopes = this.#scopes(...actions);
    return { session: this.#session, repository: this.#repository, scopes };
  }
}

function assertSubject(actual: Descriptor | undefined, expected: Descriptor | undefined): void {
  if (expected === undefined || actual?.digest === expected.digest) return;
  throw new OciError(
    'OCI_MANIFEST_INVALID',
    `the manifest has subject ${actual?.digest ?? 'none'}, expected ${expected.digest}`,
    { data: { actual: actual?.digest, digest: expected.digest } },
  );
}
