import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Nv2Error } from '@nv2/core';
import { type Clock, HttpError, systemClock } from '@nv2/http';
import {
  type BlobWritten,
  type CallOptions,
  type DeletingTarget,
  type FetchBlobOptions,
  MAX_MANIFEST_BYTES,
  type PushManifestOptions,
  type PushResult,
  type ReferrersOptions,
  type StreamingSource,
  type StreamingTarget,
  type Subject,
} from '../artifact.ts';
import { type Descriptor, plainDescriptor } from '../descriptor.ts';
import { writeDurably } from '../durable-file.ts';
import { OciError, type OciWarningCode } from '../errors.ts';
import { lockFile } from '../file-lock.ts';
import { Limiter } from '../graph/limiter.ts';
import { isManifestMediaType } from '../manifest.ts';
import { referrerEntry } from '../referrer.ts';
import { assertContent, assertWithin, verifiedReader } from '../verified-reader.ts';
import { directoryFiles } from './directory-files.ts';
import { errnoOf, layoutError } from './files.ts';
import {
  encodeIndexWith,
  encodeIndexWithout,
  type LayoutIndex,
  layoutMarker,
} from './index-file.ts';
import { blobPath, LayoutReader } from './layout-reader.ts';

/** Options of {@link openLayout}. */
export interface LayoutOptions {
  /** Make a layout where there is nothing yet, on the first write. */
  readonly create?: boolean;
  /**
   * What index.json lists is resolved although the layout does not hold it, as the Notary Project's
   * reference does. Default false.
   */
  readonly resolvesAbsent?: boolean;
  /** How long another writer is waited for. Default 10 s. */
  readonly lockTimeoutMs?: number;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/**
 * An OCI image layout in a directory. Opening it changes nothing.
 * @throws OciError `OCI_NOT_FOUND` if there is no such directory, `OCI_LAYOUT_INVALID` if it is no
 *   layout, `OCI_LAYOUT_ACCESS`
 */
export async function openLayout(path: string, options: LayoutOptions = {}): Promise<Layout> {
  const layout = new Layout(path, options);
  const status = await stat(path).catch((cause: unknown) => {
    const reason = errnoOf(cause);
    if (reason === 'ENOTDIR' && options.create === true) throw belowFile(path, cause);
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return undefined;
    throw layoutError(cause, 'open', path);
  });
  if (status?.isDirectory()) {
    if (options.create !== true) await layout.assertLayout();
    return layout;
  }
  if (status !== undefined) {
    throw new OciError('OCI_LAYOUT_INVALID', `${path} is not a directory`, {
      hint: 'name the directory of a layout; one in an archive has to be unpacked to be added to',
      data: { path },
    });
  }
  if (options.create === true) return layout;
  throw new OciError('OCI_NOT_FOUND', `there is no layout at ${path}`, {
    hint: 'check the spelling of the path',
    data: { layout: path },
  });
}

function belowFile(path: string, cause: unknown): OciError {
  return new OciError('OCI_LAYOUT_INVALID', `${path} is below a file, which is not a directory`, {
    hint: 'name a directory that is there or can be made',
    cause,
    data: { path },
  });
}

/** A layout that can be read and added to, by several processes at the same time. */
export class Layout implements StreamingSource, StreamingTarget, DeletingTarget {
  readonly #root: string;
  readonly #reader: LayoutReader;
  readonly #options: LayoutOptions;
  /** Changes of index.json: in one process they follow each other, and wait for no lock. */
  readonly #changes = new Limiter(1);

  constructor(root: string, options: LayoutOptions) {
    this.#root = root;
    this.#reader = new LayoutReader(directoryFiles(root), options);
    this.#options = options;
  }

  /** @throws OciError `OCI_LAYOUT_INVALID` */
  async assertLayout(): Promise<void> {
    await this.#reader.assertLayout();
  }

  async resolve(reference: string, options: CallOptions = {}): Promise<Descriptor> {
    return await this.#reader.resolve(reference, options);
  }

  async fetchManifest(descriptor: Descriptor, options: CallOptions = {}): Promise<Uint8Array> {
    return await this.#reader.fetchManifest(descriptor, options);
  }

  async fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    return await this.#reader.fetchBlob(descriptor, options);
  }

  referrers(subject: Subject, options: ReferrersOptions = {}): AsyncIterable<Descriptor> {
    return this.#reader.referrers(subject, options);
  }

  readBlob(descriptor: Descriptor, options: CallOptions = {}): AsyncIterable<Uint8Array> {
    return this.#reader.readBlob(descriptor, options);
  }

  async pushBlob(
    bytes: Uint8Array,
    descriptor: Descriptor,
    { signal }: CallOptions = {},
  ): Promise<void> {
    assertContent(bytes, descriptor);
    if (await this.#has(descriptor)) return;
    signal?.throwIfAborted();
    await this.#write(blobPath(descriptor.digest), bytes);
  }

  async writeBlob(
    open: () => AsyncIterable<Uint8Array>,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<BlobWritten> {
    if (await this.#has(descriptor, options)) return 'present';
    await this.#write(blobPath(descriptor.digest), verifiedReader(open(), descriptor));
    return 'sent';
  }

  /** Order: the blob, then index.json; a crash between leaves a blob that nothing names. */
  async pushManifest(
    bytes: Uint8Array,
    descriptor: Descriptor,
    options: PushManifestOptions = {},
  ): Promise<PushResult> {
    assertWithin(descriptor, { maxBytes: MAX_MANIFEST_BYTES });
    const referrer = isManifestMediaType(descriptor.mediaType)
      ? referrerEntry(bytes, descriptor)
      : undefined;
    if (options.subject !== undefined && referrer?.subject.digest !== options.subject.digest) {
      throw new OciError('OCI_MANIFEST_INVALID', 'the manifest does not have the subject given');
    }
    await this.pushBlob(bytes, descriptor, options);
    await this.#list(descriptor, options);
    return { referrers: referrer === undefined ? 'none' : 'api', warnings: [] };
  }

  /** Whether the blob is there, whole: one that was damaged is written again. */
  async #has(descriptor: Descriptor, options: CallOptions = {}): Promise<boolean> {
    try {
      for await (const chunk of this.#reader.readBlob(descriptor, options)) void chunk;
      return true;
    } catch (error) {
      if (error instanceof OciError) return false;
      throw error;
    }
  }

  async hasManifest(descriptor: Descriptor, options: CallOptions = {}): Promise<boolean> {
    const { manifests } = await this.#reader.index();
    const isListed = manifests.some(({ digest }) => digest === descriptor.digest);
    return isListed && (await this.#has(descriptor, options));
  }

  /** Order: index.json, then the manifest; what it names stays, as others may name it too. */
  async deleteReferrer(
    { digest }: Descriptor,
    _subject: Descriptor,
    options: CallOptions = {},
  ): Promise<readonly OciWarningCode[]> {
    await this.#changeIndex(options, (index) => encodeIndexWithout(index, digest));
    const path = join(this.#root, blobPath(digest));
    await rm(path, { force: true }).catch((cause: unknown) => {
      throw layoutError(cause, 'delete', path);
    });
    return [];
  }

  async #list(descriptor: Descriptor, options: PushManifestOptions): Promise<void> {
    await this.#changeIndex(options, (index) =>
      encodeIndexWith(index, plainDescriptor(descriptor), options.tag),
    );
  }

  #changeIndex(options: CallOptions, change: (index: LayoutIndex) => Uint8Array): Promise<void> {
    return this.#changes.run(() => this.#changeLocked(options, change));
  }

  async #changeLocked(
    { signal }: CallOptions,
    change: (index: LayoutIndex) => Uint8Array,
  ): Promise<void> {
    const { clock = systemClock, random = Math.random, lockTimeoutMs = 10_000 } = this.#options;
    const path = join(this.#root, 'index.json.lock');
    const options = { clock, random, timeoutMs: lockTimeoutMs, signal };
    const lock = await lockFile(path, options).catch((cause: unknown) => {
      throw cause instanceof HttpError ? cause : layoutError(cause, 'lock', path);
    });
    if (lock === undefined) throw locked(path, lockTimeoutMs);
    try {
      const index = await this.#reader.index();
      if ((await this.#fileExists('oci-layout')) === false) {
        await this.#write('oci-layout', layoutMarker());
      }
      await this.#write('index.json', change(index));
    } finally {
      await lock.release();
    }
  }

  async #write(name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.#root, name);
    await writeDurably(path, content).catch((cause: unknown) => {
      throw cause instanceof Nv2Error ? cause : layoutError(cause, 'write', path);
    });
  }

  async #fileExists(name: string): Promise<boolean> {
    return (await directoryFiles(this.#root).open(name)) !== undefined;
  }
}

function locked(path: string, timeoutMs: number): OciError {
  return new OciError('OCI_LAYOUT_LOCKED', `${path} is held by another process`, {
    hint: `wait for the other process to end; if there is none, delete ${path}`,
    data: { path, timeoutMs },
  });
}
