// The order of the durable steps of a manifest
//
// Push: the entry in the subject's referrers, then the manifest, then its tags. The manifest is the
// point that decides: an entry whose manifest does not exist is not listed, so a manifest is never
// seen without being listed, and never listed without being there.
// Delete: the tags that name it, then the manifest, then its entry in the referrers. No tag is left
// that could come alive again when the manifest is pushed anew.
import { createHash } from 'node:crypto';
import { type Digest, formatDigest, isDigest, parseDigest } from '@nv2/core';
import { type Descriptor, descriptorToJson, type Manifest, referrerEntry } from '@nv2/oci';
import { RegistryError } from './errors.ts';
import { readPushedManifest, readStoredManifest } from './manifest-type.ts';
import { blobKey, manifestKey, referrerKey, tagKey, tagsKey } from './names.ts';
import type { RegistryService } from './service.ts';
import type { RegistryStorage } from './storage.ts';

/** A manifest as it is stored. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** The digest that a tag names, or undefined. */
export async function resolveTag(
  storage: RegistryStorage,
  repository: string,
  tag: string,
): Promise<Digest | undefined> {
  const bytes = await readWhole(storage, tagKey(repository, tag));
  const text = bytes === undefined ? '' : new TextDecoder().decode(bytes);
  return isDigest(text) ? parseDigest(text) : undefined;
}

/**
 * The manifest with a digest, or undefined; its bytes have that digest.
 * @throws RegistryError `REGISTRY_STORAGE_CORRUPT`
 */
export async function readManifest(
  storage: RegistryStorage,
  repository: string,
  digest: Digest,
): Promise<StoredManifest | undefined> {
  const bytes = await readWhole(storage, manifestKey(repository, digest));
  if (bytes === undefined) return undefined;
  if (hashOf(bytes, digest.algorithm) !== digest.hex) {
    throw new RegistryError(
      'REGISTRY_STORAGE_CORRUPT',
      `the stored manifest ${formatDigest(digest)} has changed`,
      { hint: 'restore it from a backup, or delete it and push it again' },
    );
  }
  return { digest, bytes, manifest: readStoredManifest(bytes) };
}

/** What {@link storeManifest} stores. */
export interface PushedManifest {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  /** The digest that it was pushed by, if it was. */
  readonly digest?: Digest;
  readonly tags: readonly string[];
  /** Called before anything is stored, when nobody else changes anything: throws if it may not be. */
  readonly check?: () => Promise<void>;
}

/**
 * Stores a manifest, lists it with its subject and points the tags at it.
 * @throws RegistryError `REGISTRY_MANIFEST_INVALID`, `REGISTRY_DIGEST_MISMATCH`; what `check` throws
 */
export async function storeManifest(
  service: RegistryService,
  repository: string,
  pushed: PushedManifest,
): Promise<StoredManifest> {
  const { bytes, tags } = pushed;
  const { storage } = service;
  const manifest = readPushedManifest(bytes, pushed.contentType);
  const algorithm = pushed.digest?.algorithm ?? 'sha256';
  const digest: Digest = { algorithm, hex: hashOf(bytes, algorithm) };
  if (pushed.digest !== undefined && pushed.digest.hex !== digest.hex) {
    throw new RegistryError(
      'REGISTRY_DIGEST_MISMATCH',
      `the manifest has the digest ${formatDigest(digest)}, expected ${formatDigest(pushed.digest)}`,
    );
  }
  const text = formatDigest(digest);
  const descriptor = { mediaType: manifest.mediaType, digest: text, size: bytes.length };
  const referrer = referrerEntry(bytes, descriptor);
  await service.locks.run(repository, async () => {
    await pushed.check?.();
    await keepBlobs(storage, repository, manifest);
    if (referrer !== undefined) {
      const key = referrerKey(repository, parseDigest(referrer.subject.digest), digest);
      await storage.put(key, encode(JSON.stringify(descriptorToJson(referrer.entry))));
    }
    await storage.put(manifestKey(repository, digest), bytes);
    for (const tag of tags) await storage.put(tagKey(repository, tag), encode(text));
  });
  return { digest, bytes, manifest };
}

/** Removes a manifest and the tags that name it. False if there is none. Under the repository's lock. */
export async function removeManifest(
  storage: RegistryStorage,
  repository: string,
  digest: Digest,
): Promise<boolean> {
  const key = manifestKey(repository, digest);
  const bytes = await readWhole(storage, key);
  if (bytes === undefined) return false;
  const text = formatDigest(digest);
  for await (const tag of storage.list(tagsKey(repository))) {
    const named = await resolveTag(storage, repository, tag);
    if (named !== undefined && formatDigest(named) === text) {
      await storage.remove(tagKey(repository, tag));
    }
  }
  await storage.remove(key);
  const { subject } = readStoredManifest(bytes);
  if (subject !== undefined) {
    await storage.remove(referrerKey(repository, parseDigest(subject.digest), digest));
  }
  return true;
}

/**
 * What a manifest names that may be a blob. Of an index that is all: some list blobs directly, as BuildKit
 * keeps its cache, and of manifests there is no blob.
 */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  switch (manifest.kind) {
    case 'image':
      return [manifest.config, ...manifest.layers];
    case 'artifact':
      return manifest.blobs;
    case 'index':
      return manifest.manifests;
  }
}

/** Blobs of a manifest that is being pushed count as used now. */
async function keepBlobs(
  storage: RegistryStorage,
  repository: string,
  manifest: Manifest,
): Promise<void> {
  for (const { digest } of blobsOf(manifest)) {
    const blob = await storage.open(blobKey(repository, parseDigest(digest)));
    await blob?.touch();
  }
}

/** The content under a key that holds small content. */
export async function readWhole(
  storage: RegistryStorage,
  key: string,
): Promise<Uint8Array | undefined> {
  const found = await storage.open(key);
  const chunks = await found?.read();
  if (found === undefined || chunks === undefined) return undefined;
  const bytes = new Uint8Array(found.size);
  let offset = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function hashOf(bytes: Uint8Array, algorithm: Digest['algorithm']): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
