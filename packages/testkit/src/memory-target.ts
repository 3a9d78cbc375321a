import {
  type ArtifactTarget,
  assertContent,
  assertWithin,
  type Descriptor,
  describeContent,
  isManifestMediaType,
  MAX_MANIFEST_BYTES,
  OciError,
  plainDescriptor,
  referrerEntry,
} from '@nv2/oci';

/** An {@link ArtifactTarget} in memory, and the hands to look into it and to spoil it. */
export interface MemoryTarget extends ArtifactTarget {
  /** Content by digest; change or delete an entry to play a lying or forgetful registry. */
  readonly contents: Map<string, Uint8Array>;
  /** Tags, and what they point to. */
  readonly tags: Map<string, Descriptor>;
  /** What lists of referrers hold, by the subject's digest. */
  readonly listed: Map<string, Descriptor[]>;
  /** Names of the operations called, in order, with what they were called on. */
  readonly calls: string[];
  /** Puts content there as a manifest of this media type, and tags it. */
  add(
    bytes: Uint8Array,
    options: { readonly mediaType: string; readonly tag?: string },
  ): Descriptor;
}

/** An empty target. What is fetched from it is verified, as a real target does. */
export function memoryTarget(): MemoryTarget {
  const contents = new Map<string, Uint8Array>();
  const tags = new Map<string, Descriptor>();
  const manifests = new Map<string, Descriptor>();
  const listed = new Map<string, Descriptor[]>();
  const calls: string[] = [];

  function fetch(descriptor: Descriptor, maxBytes: number): Uint8Array {
    assertWithin(descriptor, { maxBytes });
    const bytes = contents.get(descriptor.digest);
    if (bytes === undefined) throw notFound(descriptor.digest);
    assertContent(bytes, descriptor);
    return bytes;
  }

  function store(bytes: Uint8Array, descriptor: Descriptor, tag?: string): void {
    assertContent(bytes, descriptor);
    contents.set(descriptor.digest, bytes);
    manifests.set(descriptor.digest, plainDescriptor(descriptor));
    if (tag !== undefined) tags.set(tag, plainDescriptor(descriptor));
  }

  return {
    contents,
    tags,
    listed,
    calls,
    add(bytes, { mediaType, tag }) {
      const descriptor = describeContent(bytes, mediaType);
      store(bytes, descriptor, tag);
      return descriptor;
    },
    async resolve(reference) {
      calls.push(`resolve ${reference}`);
      const found = tags.get(reference) ?? manifests.get(reference);
      if (found === undefined) throw notFound(reference);
      return await Promise.resolve(found);
    },
    async fetchManifest(descriptor) {
      calls.push(`fetchManifest ${descriptor.digest}`);
      return await Promise.resolve(fetch(descriptor, MAX_MANIFEST_BYTES));
    },
    async fetchBlob(descriptor, { maxBytes }) {
      calls.push(`fetchBlob ${descriptor.digest}`);
      return await Promise.resolve(fetch(descriptor, maxBytes));
    },
    async *referrers(subject, options = {}) {
      calls.push(`referrers ${subject.digest}`);
      await Promise.resolve();
      for (const entry of listed.get(subject.digest) ?? []) {
        const { artifactType } = options;
        if (artifactType === undefined || artifactType === entry.artifactType) yield entry;
      }
    },
    async pushBlob(bytes, descriptor) {
      calls.push(`pushBlob ${descriptor.digest}`);
      assertContent(bytes, descriptor);
      contents.set(descriptor.digest, bytes);
      await Promise.resolve();
    },
    async pushManifest(bytes, descriptor, options = {}) {
      calls.push(`pushManifest ${descriptor.digest}`);
      store(bytes, descriptor, options.tag);
      const referrer = isManifestMediaType(descriptor.mediaType)
        ? referrerEntry(bytes, descriptor)
        : undefined;
      if (referrer === undefined) return { referrers: 'none', warnings: [] };
      const list = listed.get(referrer.subject.digest) ?? [];
      if (!list.some((entry) => entry.digest === descriptor.digest)) list.push(referrer.entry);
      listed.set(referrer.subject.digest, list);
      return await Promise.resolve({ referrers: 'api', warnings: [] });
    },
  };
}

function notFound(name: string): OciError {
  return new OciError('OCI_NOT_FOUND', `${name} is not there`, { data: { reference: name } });
}
