import type { DigestAlgorithm } from '@nv2/core';

/**
 * Where a registry keeps its bytes: objects under keys such as `blobs/sha256/ab12…`, whose last
 * part is the name within its prefix. Whatever a method acknowledged by returning outlives a crash,
 * and an object is seen whole or not at all.
 *
 * Methods throw RegistryError `REGISTRY_STORAGE_FULL` or `REGISTRY_STORAGE_FAILED`, and leave
 * nothing half-written behind.
 */
export interface RegistryStorage {
  /** The object under a key, or undefined. */
  open(key: string): Promise<StoredObject | undefined>;
  /** Stores small content, replacing what was there at one stroke. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Makes an object known under a second key without copying it; what is there already stays.
   * False if `from` does not exist or the medium cannot do it.
   */
  link(from: string, to: string): Promise<boolean>;
  /** Forgets a key. False if there was none. */
  remove(key: string): Promise<boolean>;
  /** The names below a prefix in no order; a name that is itself a prefix ends in `/`. */
  list(prefix: string): AsyncIterable<string>;
  /** The upload under a key: a new empty one, or the one begun earlier, undefined if there is none. */
  upload(key: string, mode: 'create' | 'resume'): Promise<Upload | undefined>;
}

/** Content that was stored completely. */
export interface StoredObject {
  readonly size: number;
  /** When it was stored or last {@link StoredObject.touch}ed, in ms since the epoch. */
  readonly modified: number;
  /** Whether the same content is also known under another key. */
  readonly shared: boolean;
  /**
   * Opens the content; a removal afterwards does not harm the reader. A chunk stays as it is until
   * the next one is asked for. Undefined if it was removed meanwhile.
   */
  read(range?: ByteRange): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Sets {@link StoredObject.modified} to now, under all its keys. */
  touch(): Promise<void>;
}

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Content on its way in. At most one call at a time. */
export interface Upload {
  /** Bytes received so far. */
  readonly size: number;
  /**
   * Adds chunks at the end. If the source breaks off, what came before stays; if a limit is
   * exceeded or the storage fails, the upload is as it was before the call. A chunk needs to stay
   * as it is only until the next one is asked for.
   * @throws RegistryError `REGISTRY_BLOB_TOO_LARGE`, `REGISTRY_SIZE_INVALID`
   */
  append(chunks: AsyncIterable<Uint8Array>, limits: AppendLimits): Promise<void>;
  /** The digest of what was received, in hex. */
  digest(algorithm: DigestAlgorithm): Promise<string>;
  /** Makes what was received outlive a power cut. */
  sync(): Promise<void>;
  /** Makes the content an object under `key`; the upload is over. */
  commit(key: string): Promise<void>;
  /** Drops the content; the upload is over. */
  discard(): Promise<void>;
}

/** Limits of {@link Upload.append}. */
export interface AppendLimits {
  /** Of the whole upload. */
  readonly maxBytes: number;
  /** How many bytes this call must add, where the request said so. */
  readonly exactBytes?: number;
}
