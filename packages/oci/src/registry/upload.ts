import type { SendOptions } from '@nv2/http';
import type { Descriptor } from '../descriptor.ts';
import { assertContent } from '../verified-reader.ts';
import { assertDigest } from './resolve.ts';
import { invalidResponse, registryError } from './response-error.ts';
import type { RegistrySession } from './session.ts';

/** Where a blob goes. */
export interface BlobLocation {
  readonly session: RegistrySession;
  readonly repository: string;
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stores a blob in one POST and one PUT, unless the registry has it.
 * @see distribution-spec 1.1.1, pushing a blob monolithically, POST then PUT
 */
export async function uploadBlob(
  bytes: Uint8Array,
  descriptor: Descriptor,
  location: BlobLocation,
): Promise<void> {
  assertContent(bytes, descriptor);
  const { session, repository, scopes, signal } = location;
  const options: SendOptions = { ...(signal && { signal }), idempotent: true };
  if (await blobExists(descriptor, location)) return;

  const started = await session.expect(
    { method: 'POST', url: `/v2/${repository}/blobs/uploads/`, scopes },
    [202],
    options,
  );
  const target = uploadTarget(started.headers.get('location'), started.url, descriptor.digest);
  if (target === undefined) {
    throw await invalidResponse(started, 'POST', 'no usable Location header');
  }
  await started.discard();

  const put = { method: 'PUT', url: target, body: bytes, scopes };
  const headers = { 'content-type': 'application/octet-stream' };
  const done = await session.expect({ ...put, headers }, [201], options);
  await done.discard();
  assertDigest(done.headers.get('docker-content-digest') ?? descriptor.digest, descriptor.digest);
}

/** Whether the registry has a blob of this digest. */
async function blobExists(descriptor: Descriptor, location: BlobLocation): Promise<boolean> {
  const { session, repository, scopes, signal } = location;
  const url = `/v2/${repository}/blobs/${descriptor.digest}`;
  const response = await session.send({ method: 'HEAD', url, scopes }, signal ? { signal } : {});
  await response.discard();
  if (response.status === 200) return true;
  // a registry without HEAD for blobs, and one that only now creates the repository, are both fine
  if (response.status === 404 || response.status === 405) return false;
  throw await registryError(response, 'HEAD');
}

function uploadTarget(location: string | null, base: URL, digest: string): URL | undefined {
  const url = location === null ? null : URL.parse(location, base.href);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  // appended as text: the state that the query holds must go back as it came
  url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  return url;
}
