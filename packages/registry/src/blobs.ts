import { type Digest, formatDigest } from '@nv2/core';
import { streamResponse } from '@nv2/http';
import { RegistryError } from './errors.ts';
import { blobKey, checkDigest, sharedBlobKey } from './names.ts';
import { parseRange } from './range.ts';
import { type Call, empty, type RegistryService } from './service.ts';
import type { StoredObject, Upload } from './storage.ts';

/** A blob that a push relies on counts as used, if its last use was longer ago than this. */
const REFRESH_MS = 60 * 60 * 1000;

/** GET and HEAD of a blob, whole or a range (distribution-spec 1.1.1, pulling blobs). */
export async function getBlob(service: RegistryService, call: Call): Promise<Response> {
  const digest = checkDigest(call.reference);
  const head = call.request.method === 'HEAD';
  const blob = await (head
    ? refreshBlob(service, call.repository, digest)
    : service.storage.open(blobKey(call.repository, digest)));
  if (blob === undefined) throw unknownBlob(digest);
  const text = formatDigest(digest);
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': text,
    'accept-ranges': 'bytes',
    etag: `"${text}"`,
    'x-content-type-options': 'nosniff',
  };
  const range = head
    ? undefined
    : parseRange(call.request.headers, { size: blob.size, etag: text });
  if (head || blob.size === 0) {
    return new Response(null, { headers: { ...headers, 'content-length': String(blob.size) } });
  }
  const { start, end } = range ?? { start: 0, end: blob.size - 1 };
  const chunks = await blob.read({ start, end });
  if (chunks === undefined) throw unknownBlob(digest);
  return streamResponse(chunks, {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      'content-length': String(end - start + 1),
      ...(range && { 'content-range': `bytes ${start}-${end}/${blob.size}` }),
    },
  });
}

/** DELETE of a blob: the repository no longer has it, others that share it do. */
export async function deleteBlob(service: RegistryService, call: Call): Promise<Response> {
  const digest = checkDigest(call.reference);
  const removed = await service.locks.run(call.repository, () =>
    service.storage.remove(blobKey(call.repository, digest)),
  );
  if (!removed) throw unknownBlob(digest);
  return empty(202, {});
}

/** Makes a complete upload a blob of the repository. @throws RegistryError `REGISTRY_DIGEST_MISMATCH` */
export async function storeBlob(
  service: RegistryService,
  upload: Upload,
  target: { readonly repository: string; readonly digest: Digest },
): Promise<void> {
  const { repository, digest } = target;
  const actual = await upload.digest(digest.algorithm);
  if (actual !== digest.hex) {
    await upload.discard();
    throw new RegistryError(
      'REGISTRY_DIGEST_MISMATCH',
      `content has the digest ${digest.algorithm}:${actual}, expected ${formatDigest(digest)}`,
    );
  }
  // before the lock: the disk takes its time, and what is left to do under it is quick
  await upload.sync();
  await service.locks.run(repository, async () => {
    if (await linkLocked(service, sharedBlobKey(digest), target)) {
      await upload.discard();
      return;
    }
    const key = blobKey(repository, digest);
    await upload.commit(key);
    await service.storage.link(key, sharedBlobKey(digest));
  });
}

/** Gives the repository a blob that is stored elsewhere. False if there is none. */
export async function linkBlob(
  service: RegistryService,
  from: string,
  target: { readonly repository: string; readonly digest: Digest },
): Promise<boolean> {
  return service.locks.run(target.repository, () => linkLocked(service, from, target));
}

async function linkLocked(
  service: RegistryService,
  from: string,
  target: { readonly repository: string; readonly digest: Digest },
): Promise<boolean> {
  const blob = await service.storage.open(from);
  if (blob === undefined) return false;
  // before the link, so that no collection of garbage sees it with its old age
  await blob.touch();
  return service.storage.link(from, blobKey(target.repository, target.digest));
}

/**
 * The blob, which from now on counts as recently used: a client that was told that it exists will
 * not push it again before its manifest.
 */
export async function refreshBlob(
  service: RegistryService,
  repository: string,
  digest: Digest,
): Promise<StoredObject | undefined> {
  const key = blobKey(repository, digest);
  const blob = await service.storage.open(key);
  if (blob === undefined || service.now() - blob.modified < REFRESH_MS) return blob;
  return service.locks.run(repository, async () => {
    const found = await service.storage.open(key);
    await found?.touch();
    return found;
  });
}

function unknownBlob(digest: Digest): RegistryError {
  return new RegistryError(
    'REGISTRY_BLOB_UNKNOWN',
    `the repository has no blob ${formatDigest(digest)}`,
    { data: { digest: formatDigest(digest) } },
  );
}
