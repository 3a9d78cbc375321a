import { type Digest, formatDigest } from '@nv2/core';
import { linkBlob, storeBlob } from './blobs.ts';
import { RegistryError } from './errors.ts';
import { blobKey, checkDigest, checkRepository, sharedBlobKey } from './names.ts';
import { parseContentRange } from './range.ts';
import { type Call, contentLength, empty, type RegistryService } from './service.ts';
import type { Upload } from './storage.ts';

/**
 * POST: mounts a blob of another repository, takes a blob in one request, or begins an upload
 * (distribution-spec 1.1.1, end-4a, end-4b, end-11).
 */
export async function postUpload(service: RegistryService, call: Call): Promise<Response> {
  const { searchParams } = call.url;
  const mount = searchParams.get('mount');
  if (mount !== null) {
    const digest = checkDigest(mount);
    if (await mountBlob(service, call, digest)) return created(call, digest);
  } else if (searchParams.has('digest')) {
    return postBlob(service, call, checkDigest(searchParams.get('digest')));
  }
  const id = await service.sessions.begin(call.repository);
  return progress(call, { id, size: 0, status: 202 });
}

/** PATCH: a chunk, or all of the blob as a stream. */
export function patchUpload(service: RegistryService, call: Call): Promise<Response> {
  const id = call.reference;
  return service.sessions.use(call.repository, id, async (upload) => {
    await receive(service, call, upload);
    return progress(call, { id, size: upload.size, status: 202 });
  });
}

/** PUT: the last chunk, if there is one left, and the digest of the whole. */
export function putUpload(service: RegistryService, call: Call): Promise<Response> {
  const id = call.reference;
  const digest = checkDigest(call.url.searchParams.get('digest'));
  return service.sessions.use(call.repository, id, async (upload) => {
    await receive(service, call, upload);
    service.sessions.end(call.repository, id);
    await storeBlob(service, upload, { repository: call.repository, digest });
    return created(call, digest);
  });
}

/** GET: how much of the upload has arrived. */
export function getUpload(service: RegistryService, call: Call): Promise<Response> {
  const id = call.reference;
  return service.sessions.use(call.repository, id, async (upload) =>
    progress(call, { id, size: upload.size, status: 204 }),
  );
}

/** DELETE: the client gives up. */
export function deleteUpload(service: RegistryService, call: Call): Promise<Response> {
  const id = call.reference;
  return service.sessions.use(call.repository, id, async (upload) => {
    service.sessions.end(call.repository, id);
    await upload.discard();
    return new Response(null, { status: 204 });
  });
}

/**
 * With `from`, only what that repository has is mounted; without, whatever any repository still
 * has, since every user may read them all.
 */
async function mountBlob(service: RegistryService, call: Call, digest: Digest): Promise<boolean> {
  const from = call.url.searchParams.get('from');
  const target = { repository: call.repository, digest };
  if (from !== null) return linkBlob(service, blobKey(checkRepository(from), digest), target);
  const shared = await service.storage.open(sharedBlobKey(digest));
  return shared?.shared === true && linkBlob(service, sharedBlobKey(digest), target);
}

async function postBlob(service: RegistryService, call: Call, digest: Digest): Promise<Response> {
  const { repository } = call;
  const id = await service.sessions.begin(repository);
  return service.sessions.use(repository, id, async (upload) => {
    service.sessions.end(repository, id);
    try {
      await receive(service, call, upload);
    } catch (error) {
      // no one was told the upload's name, so no one can go on with it
      await upload.discard();
      throw error;
    }
    await storeBlob(service, upload, { repository, digest });
    return created(call, digest);
  });
}

async function receive(service: RegistryService, call: Call, upload: Upload): Promise<void> {
  const { headers } = call.request;
  const range = parseContentRange(headers);
  const length = contentLength(call.request);
  if (range !== undefined && range.start !== upload.size) {
    throw new RegistryError(
      'REGISTRY_UPLOAD_RANGE',
      `the upload stands at byte ${upload.size}, the chunk begins at ${range.start}`,
      { data: { size: upload.size } },
    );
  }
  const bytes = range && range.end - range.start + 1;
  if (bytes !== undefined && length !== undefined && bytes !== length) {
    throw new RegistryError(
      'REGISTRY_SIZE_INVALID',
      `Content-Range has ${bytes} bytes, Content-Length ${length}`,
    );
  }
  const { maxBlobBytes } = service.limits;
  if (upload.size + (length ?? 0) > maxBlobBytes) {
    throw new RegistryError(
      'REGISTRY_BLOB_TOO_LARGE',
      `the blob is larger than the ${maxBlobBytes} bytes that are accepted`,
      { data: { maxBlobBytes } },
    );
  }
  const exactBytes = length ?? bytes;
  await upload.append(call.body, {
    maxBytes: maxBlobBytes,
    ...(exactBytes !== undefined && { exactBytes }),
  });
}

function created(call: Call, digest: Digest): Response {
  const text = formatDigest(digest);
  return empty(201, {
    location: `/v2/${call.repository}/blobs/${text}`,
    'docker-content-digest': text,
  });
}

function progress(
  call: Call,
  upload: { readonly id: string; readonly size: number; readonly status: number },
): Response {
  const headers = {
    location: `/v2/${call.repository}/blobs/uploads/${upload.id}`,
    range: `0-${Math.max(0, upload.size - 1)}`,
    'docker-upload-uuid': upload.id,
  };
  return upload.status === 204 ? new Response(null, { status: 204, headers }) : empty(202, headers);
}
