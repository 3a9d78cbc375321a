import { isDigest, parseDigest } from '@nv2/core';
import {
  type CallOptions,
  type FetchBlobOptions,
  MAX_MANIFEST_BYTES,
  type ReferrersOptions,
  type StreamingSource,
  type Subject,
} from '../artifact.ts';
import { type Descriptor, plainDescriptor, sameContent } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { isManifestMediaType, type Manifest, parseManifest } from '../manifest.ts';
import { artifactTypeOf } from '../referrer.ts';
import { assertWithin, readVerified, verifiedReader } from '../verified-reader.ts';
import { inLayout, invalidLayout, type LayoutFile, type LayoutFiles } from './files.ts';
import {
  assertLayoutMarker,
  emptyIndex,
  type LayoutIndex,
  MAX_INDEX_BYTES,
  parseIndex,
  REF_NAME,
} from './index-file.ts';

/** Manifests that a walk through a layout looks for at most, those that are not there included. */
const MAX_MANIFESTS = 50_000;
/** Bytes of manifests that a walk through a layout reads at most. */
const MAX_WALK_BYTES = 256 * 1024 * 1024;

interface Node {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/**
 * Reads artifacts out of the files of a layout. Nothing is kept between calls: what another process
 * adds is seen by the next one.
 * @see OCI image-spec 1.1.1, image-layout.md
 */
export class LayoutReader implements StreamingSource {
  readonly #files: LayoutFiles;
  readonly #resolvesAbsent: boolean;

  constructor(
    files: LayoutFiles,
    { resolvesAbsent = false }: { readonly resolvesAbsent?: boolean | undefined } = {},
  ) {
    this.#files = files;
    this.#resolvesAbsent = resolvesAbsent;
  }

  /** @throws OciError `OCI_LAYOUT_INVALID` unless the files are those of a layout */
  async assertLayout(): Promise<void> {
    const marker = await this.#read('oci-layout', 1024 * 1024);
    if (marker !== undefined) return assertLayoutMarker(marker, this.#files.name);
    // other tools forget the marker, and the reference implementation makes up for it
    if ((await this.#files.open('index.json')) === undefined) {
      throw invalidLayout(this.#files.name, 'it has neither oci-layout nor index.json');
    }
  }

  async index(): Promise<LayoutIndex> {
    const bytes = await this.#read('index.json', MAX_INDEX_BYTES);
    return bytes === undefined ? emptyIndex() : parseIndex(bytes, this.#files.name);
  }

  /**
   * @throws OciError `OCI_NOT_FOUND`, also of what is listed and not there; `OCI_LAYOUT_INVALID` if a
   *   tag names two manifests
   */
  async resolve(reference: string, options: CallOptions = {}): Promise<Descriptor> {
    const { manifests } = await this.index();
    const listed = manifests.filter((entry) =>
      isDigest(reference)
        ? entry.digest === reference
        : entry.annotations?.[REF_NAME] === reference,
    );
    const isWithin = listed.length === 0 && isDigest(reference);
    const within = isWithin ? await this.#findWithin(reference, manifests, options) : undefined;
    const [first = within, ...others] = listed;
    if (first === undefined) throw notFound(this.#files.name, reference);
    if (others.some((other) => !sameContent(other, first))) {
      throw invalidLayout(this.#files.name, `the tag ${reference} names several manifests`);
    }
    // a layout may hold a part of what it lists
    if (isWithin || !this.#resolvesAbsent) await this.#openBlob(first);
    return plainDescriptor(first);
  }

  async fetchManifest(descriptor: Descriptor, options: CallOptions = {}): Promise<Uint8Array> {
    return await this.fetchBlob(descriptor, { ...options, maxBytes: MAX_MANIFEST_BYTES });
  }

  async fetchBlob(
    descriptor: Descriptor,
    { signal, maxBytes }: FetchBlobOptions,
  ): Promise<Uint8Array> {
    assertWithin(descriptor, { maxBytes });
    signal?.throwIfAborted();
    return await this.#readVerified(await this.#openBlob(descriptor), descriptor, maxBytes);
  }

  async *readBlob(
    descriptor: Descriptor,
    { signal }: CallOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const file = await this.#openBlob(descriptor);
    try {
      for await (const chunk of verifiedReader(file.bytes(), descriptor)) {
        signal?.throwIfAborted();
        yield chunk;
      }
    } catch (error) {
      throw inLayout(error, this.#files.name);
    }
  }

  /** Manifests of the layout whose subject this is, found by walking down from index.json. */
  async *referrers(subject: Subject, options: ReferrersOptions = {}): AsyncGenerator<Descriptor> {
    const { artifactType, includeMissing = false, ...callOptions } = options;
    const { manifests } = await this.index();
    const known = new Set([subject.digest]);
    for await (const { descriptor, manifest } of this.#walk(manifests, callOptions)) {
      known.add(descriptor.digest);
      // what an index lists is a part of it, there or not
      for (const { digest } of successors(manifest)) known.add(digest);
      if (manifest.subject === undefined || !isAbout(manifest.subject, subject)) continue;
      const type = artifactTypeOf(manifest);
      if (artifactType !== undefined && artifactType !== type) continue;
      const { annotations } = manifest;
      yield {
        ...plainDescriptor(descriptor),
        ...(annotations && { annotations }),
        ...(type !== undefined && { artifactType: type }),
      };
    }
    if (!includeMissing) return;
    const missing = manifests.filter((entry) => isUntagged(entry) && !known.has(entry.digest));
    yield* missing.filter((entry) => (entry.artifactType ?? artifactType) === artifactType);
  }

  async #openBlob({ digest }: Descriptor): Promise<LayoutFile> {
    const file = await this.#files.open(blobPath(digest));
    if (file === undefined) throw notFound(this.#files.name, digest);
    return file;
  }

  /** What is listed only by indexes that the layout holds. */
  async #findWithin(
    digest: string,
    manifests: readonly Descriptor[],
    options: CallOptions,
  ): Promise<Descriptor | undefined> {
    for await (const { descriptor, manifest } of this.#walk(manifests, options)) {
      if (descriptor.digest === digest) return descriptor;
      const child = successors(manifest).find((entry) => entry.digest === digest);
      if (child !== undefined && isManifestMediaType(child.mediaType)) return child;
    }
    return undefined;
  }

  /** Every manifest that can be reached from the given ones and is there. */
  async *#walk(roots: readonly Descriptor[], { signal }: CallOptions): AsyncGenerator<Node> {
    const queue = roots.filter(({ mediaType }) => isManifestMediaType(mediaType));
    const seen = new Set(queue.map(({ digest }) => digest));
    let bytesRead = 0;
    for (let at = 0; at < queue.length; at++) {
      signal?.throwIfAborted();
      // whatever waits is counted too: nothing more is opened once there is too much of it
      if (queue.length > MAX_MANIFESTS) throw tooLarge(this.#files.name);
      const descriptor = queue[at];
      const manifest = descriptor && (await this.#tryManifest(descriptor));
      if (descriptor === undefined || manifest === undefined) continue;
      bytesRead += descriptor.size;
      if (bytesRead > MAX_WALK_BYTES) throw tooLarge(this.#files.name);
      yield { descriptor, manifest };
      for (const next of successors(manifest)) {
        if (!isManifestMediaType(next.mediaType) || seen.has(next.digest)) continue;
        seen.add(next.digest);
        queue.push(next);
      }
    }
  }

  /** The manifest, or undefined if it is not there: layouts may hold part of an index only. */
  async #tryManifest(descriptor: Descriptor): Promise<Manifest | undefined> {
    assertWithin(descriptor, { maxBytes: MAX_MANIFEST_BYTES });
    const file = await this.#files.open(blobPath(descriptor.digest));
    if (file === undefined) return undefined;
    const bytes = await this.#readVerified(file, descriptor, MAX_MANIFEST_BYTES);
    return parseManifest(bytes, descriptor.mediaType);
  }

  async #readVerified(
    file: LayoutFile,
    descriptor: Descriptor,
    maxBytes: number,
  ): Promise<Uint8Array> {
    try {
      return await readVerified(file.bytes(), descriptor, { maxBytes });
    } catch (error) {
      throw inLayout(error, this.#files.name);
    }
  }

  async #read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const file = await this.#files.open(path);
    return file && (await readWhole(file, { path, maxBytes, name: this.#files.name }));
  }
}

/** Where a layout keeps the content of a digest. */
export function blobPath(digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}

async function readWhole(
  file: LayoutFile,
  { path, maxBytes, name }: { path: string; maxBytes: number; name: string },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.bytes()) {
    size += chunk.length;
    if (size > maxBytes) throw invalidLayout(name, `${path} is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isUntagged({ mediaType, annotations }: Descriptor): boolean {
  return isManifestMediaType(mediaType) && annotations?.[REF_NAME] === undefined;
}

function successors(manifest: Manifest): readonly Descriptor[] {
  const subject = manifest.subject === undefined ? [] : [manifest.subject];
  return manifest.kind === 'index' ? [...subject, ...manifest.manifests] : subject;
}

function notFound(layout: string, reference: string): OciError {
  return new OciError('OCI_NOT_FOUND', `${layout} holds no ${reference}`, {
    hint: 'check the spelling of tag and digest, and that the artifact is in this layout',
    data: { layout, reference },
  });
}

function tooLarge(layout: string): OciError {
  return new OciError('OCI_REFERRERS_LIMIT', `${layout} holds more manifests than are read`, {
    hint: 'copy the artifact with its signatures into a layout of its own',
    data: { layout, limit: 'maxManifests', value: MAX_MANIFESTS },
  });
}

function isAbout(named: Descriptor, { digest, mediaType, size }: Subject): boolean {
  return sameContent(named, {
    digest,
    mediaType: mediaType ?? named.mediaType,
    size: size ?? named.size,
  });
}
