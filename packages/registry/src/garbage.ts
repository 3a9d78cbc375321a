import { DIGEST_ALGORITHMS, type Digest, formatDigest, parseDigest } from '@nv2/core';
import { blobsOf, readManifest, removeManifest, resolveTag } from './manifest-store.ts';
import {
  blobKey,
  manifestKey,
  REPOSITORIES,
  repositoryKey,
  SHARED_BLOBS,
  sharedBlobKey,
  tagsKey,
} from './names.ts';
import { RepositoryLocks } from './repository-locks.ts';
import type { RegistryStorage } from './storage.ts';

/** Options of {@link collectGarbage}. */
export interface GarbageOptions {
  /** In ms since the epoch. */
  readonly now?: number;
  /**
   * Only what was not used for so long is removed, default a day. A client pushes blobs first and
   * their manifest last: this is the time that it has.
   */
  readonly minAgeMs?: number;
  /** Also remove manifests that no tag leads to; default false. */
  readonly removeUntagged?: boolean;
  /** Those of the registry that serves the same storage, if one does. */
  readonly locks?: RepositoryLocks;
  readonly signal?: AbortSignal;
}

/** What {@link collectGarbage} removed. */
export interface GarbageReport {
  readonly repositories: number;
  /** Digests with the name of their repository, as `name@digest`. */
  readonly manifests: readonly string[];
  readonly blobs: readonly string[];
  /** Bytes that the disk got back. */
  readonly bytes: number;
}

/** Longer reports say less; what is above is removed all the same. */
const MAX_REPORTED = 10_000;
/** What is younger than a day is kept by default, since an upload may still be going to name it. */
export const DEFAULT_MIN_AGE_MS: number = 24 * 60 * 60 * 1000;

/**
 * Removes blobs that no manifest of their repository names. Every manifest counts, tagged or not,
 * so a signature, its subject and their blobs stay. With `removeUntagged` those manifests stay that
 * a tag leads to, along children of an index, subjects, and referrers, in any number of steps.
 *
 * Safe while the storage is served, given the same locks: what was used within `minAgeMs` stays, and
 * a push, a mount and a client's question whether a blob exists count as use.
 */
export async function collectGarbage(
  storage: RegistryStorage,
  options: GarbageOptions = {},
): Promise<GarbageReport> {
  const locks = options.locks ?? new RepositoryLocks();
  const collector = new Collector(storage, options);
  for await (const repository of listRepositories(storage)) {
    options.signal?.throwIfAborted();
    await locks.run(repository, () => collector.collect(repository));
  }
  await collector.dropUnshared();
  return collector.report();
}

/** The names of all repositories. */
export async function* listRepositories(
  storage: RegistryStorage,
  parent?: string,
): AsyncGenerator<string> {
  const children: string[] = [];
  let isRepository = false;
  for await (const entry of storage.list(parent ? repositoryKey(parent) : REPOSITORIES)) {
    if (entry.startsWith('_')) isRepository = true;
    else children.push(entry.replace(/\/$/, ''));
  }
  if (isRepository && parent !== undefined) yield parent;
  for (const child of children) {
    yield* listRepositories(storage, parent === undefined ? child : `${parent}/${child}`);
  }
}

/** The manifests of a repository, by digest. */
export async function* listManifests(
  storage: RegistryStorage,
  repository: string,
): AsyncGenerator<Digest> {
  yield* listDigests(storage, `${repositoryKey(repository)}/_manifests`);
}

/** The blobs of a repository, by digest. */
export async function* listBlobs(
  storage: RegistryStorage,
  repository: string,
): AsyncGenerator<Digest> {
  yield* listDigests(storage, `${repositoryKey(repository)}/_blobs`);
}

async function* listDigests(storage: RegistryStorage, prefix: string): AsyncGenerator<Digest> {
  for (const algorithm of DIGEST_ALGORITHMS) {
    for await (const hex of storage.list(`${prefix}/${algorithm}`)) yield { algorithm, hex };
  }
}

/** Which manifests lead to which, both ways where a referrer is concerned. */
interface Links {
  /** From a manifest to the blobs that it names. */
  readonly blobs: ReadonlyMap<string, readonly string[]>;
  /** From a manifest to those that stay if it stays. */
  readonly manifests: ReadonlyMap<string, ReadonlySet<string>>;
}

class Collector {
  readonly #storage: RegistryStorage;
  readonly #options: GarbageOptions;
  readonly #before: number;
  readonly #manifests: string[] = [];
  readonly #blobs: string[] = [];
  #repositories = 0;
  #bytes = 0;

  constructor(storage: RegistryStorage, options: GarbageOptions) {
    this.#storage = storage;
    this.#options = options;
    this.#before = (options.now ?? Date.now()) - (options.minAgeMs ?? DEFAULT_MIN_AGE_MS);
  }

  report(): GarbageReport {
    return {
      repositories: this.#repositories,
      manifests: this.#manifests,
      blobs: this.#blobs,
      bytes: this.#bytes,
    };
  }

  async collect(repository: string): Promise<void> {
    this.#repositories++;
    const links = await this.#readLinks(repository);
    const kept = this.#options.removeUntagged
      ? await this.#removeUntagged(repository, links)
      : new Set(links.blobs.keys());
    const needed = new Set([...kept].flatMap((digest) => links.blobs.get(digest) ?? []));
    for await (const digest of listBlobs(this.#storage, repository)) {
      if (!needed.has(formatDigest(digest))) await this.#removeBlob(repository, digest);
    }
  }

  /** Content of which only the common copy is left; a repository's own name for it keeps it. */
  async dropUnshared(): Promise<void> {
    for await (const digest of listDigests(this.#storage, SHARED_BLOBS)) {
      const key = sharedBlobKey(digest);
      const found = await this.#storage.open(key);
      if (found === undefined || found.shared) continue;
      if (await this.#storage.remove(key)) this.#bytes += found.size;
    }
  }

  async #readLinks(repository: string): Promise<Links> {
    const blobs = new Map<string, readonly string[]>();
    const manifests = new Map<string, Set<string>>();
    const link = (from: string, to: string): void => {
      const targets = manifests.get(from) ?? new Set();
      manifests.set(from, targets.add(to));
    };
    for await (const digest of listManifests(this.#storage, repository)) {
      const found = await readManifest(this.#storage, repository, digest);
      if (found === undefined) continue;
      const { manifest } = found;
      const text = formatDigest(digest);
      blobs.set(
        text,
        blobsOf(manifest).map((descriptor) => descriptor.digest),
      );
      if (manifest.kind === 'index') {
        for (const child of manifest.manifests) link(text, child.digest);
      }
      if (manifest.subject !== undefined) {
        link(text, manifest.subject.digest);
        link(manifest.subject.digest, text);
      }
    }
    return { blobs, manifests };
  }

  /** Removes manifests that no tag leads to; returns those that stay. */
  async #removeUntagged(repository: string, links: Links): Promise<ReadonlySet<string>> {
    const roots: string[] = [];
    for await (const tag of this.#storage.list(tagsKey(repository))) {
      const digest = await resolveTag(this.#storage, repository, tag);
      if (digest !== undefined) roots.push(formatDigest(digest));
    }
    // what is young may be about to get its tag, and needs what it leads to until then
    for (const text of links.blobs.keys()) {
      const found = await this.#storage.open(manifestKey(repository, parseDigest(text)));
      if (found !== undefined && found.modified > this.#before) roots.push(text);
    }
    const kept = reachable(roots, links.manifests);
    for (const text of links.blobs.keys()) {
      if (kept.has(text)) continue;
      await removeManifest(this.#storage, repository, parseDigest(text));
      if (this.#manifests.length < MAX_REPORTED) this.#manifests.push(`${repository}@${text}`);
    }
    return kept;
  }

  async #removeBlob(repository: string, digest: Digest): Promise<void> {
    const key = blobKey(repository, digest);
    const found = await this.#storage.open(key);
    if (found === undefined || found.modified > this.#before) return;
    if (!(await this.#storage.remove(key))) return;
    if (!found.shared) this.#bytes += found.size;
    const text = formatDigest(digest);
    if (this.#blobs.length < MAX_REPORTED) this.#blobs.push(`${repository}@${text}`);
  }
}

function reachable(
  roots: readonly string[],
  links: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const pending = [...roots];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...(links.get(next) ?? []));
  }
  return seen;
}
