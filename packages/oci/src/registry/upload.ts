import { Nv2Error } from '@nv2/core';
import type { SendOptions } from '@nv2/http';
import type { BlobWritten, RepositoryName } from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { assertContent } from '../verified-reader.ts';
import { assertDigest } from './resolve.ts';
import { invalidResponse, registryError } from './response-error.ts';
import { repositoryScope } from './scope.ts';
import type { RegistrySession } from './session.ts';
import { transferTimeouts } from './transfer.ts';

/** Where a blob goes. */
export interface BlobLocation {
  readonly session: RegistrySession;
  readonly repository: string;
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Where the blob is too. */
  readonly from?: RepositoryName | undefined;
  /** Waits before another attempt, the first of which has the number 1. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** A blob at hand, or one that is read while it is sent. */
export type BlobContent = Uint8Array | (() => AsyncIterable<Uint8Array>);

const MAX_ATTEMPTS = 4;

/**
 * Stores a blob in one POST and one PUT, unless the registry has it or can take it from another of
 * its repositories. A stream that breaks off on either side is opened again for a new upload: what
 * a registry kept of the old one cannot be known.
 * @see distribution-spec 1.1.1, pushing a blob monolithically, POST then PUT; mounting a blob from
 *   another repository
 */
export async function uploadBlob(
  content: BlobContent,
  descriptor: Descriptor,
  location: BlobLocation,
): Promise<BlobWritten> {
  if (content instanceof Uint8Array) assertContent(content, descriptor);
  if (await blobExists(descriptor, location)) return 'present';
  for (let attempt = 1; ; attempt++) {
    try {
      const target = (await mount(descriptor, location)) ?? (await start(descriptor, location));
      if (target === 'mounted') return target;
      await send(content, { target, descriptor, location });
      return 'sent';
    } catch (error) {
      // bytes at hand were sent again already, within the request
      if (content instanceof Uint8Array || attempt >= MAX_ATTEMPTS || !isTransient(error)) {
        throw error;
      }
      await location.pause(attempt);
    }
  }
}

/** Whether the registry has a blob of this digest. */
async function blobExists(descriptor: Descriptor, location: BlobLocation): Promise<boolean> {
  const { session, repository, scopes } = location;
  const url = `/v2/${repository}/blobs/${descriptor.digest}`;
  const response = await session.send({ method: 'HEAD', url, scopes }, callOf(location));
  await response.discard();
  if (response.status === 200) return true;
  // a registry without HEAD for blobs, and one that only now creates the repository, are both fine
  if (response.status === 404 || response.status === 405) return false;
  throw await registryError(response, 'HEAD');
}

/** The neighbour's blob, or an upload that the registry began instead, or undefined. */
async function mount(
  { digest }: Descriptor,
  location: BlobLocation,
): Promise<'mounted' | URL | undefined> {
  const { session, repository, scopes, from } = location;
  if (from === undefined || from.registry !== session.registry) return undefined;
  if (from.repository === repository) return undefined;
  const query = new URLSearchParams({ mount: digest, from: from.repository });
  const response = await session.send(
    {
      method: 'POST',
      url: `/v2/${repository}/blobs/uploads/?${query}`,
      scopes: [...scopes, repositoryScope(from.repository, ['pull'])],
    },
    { ...callOf(location), idempotent: true },
  );
  await response.discard();
  if (response.status === 201) {
    assertDigest(response.headers.get('docker-content-digest') ?? digest, digest);
    return 'mounted';
  }
  // whoever may not mount may still push
  if (response.status !== 202) return undefined;
  return uploadTarget(response.headers.get('location'), response.url, digest);
}

async function start(descriptor: Descriptor, location: BlobLocation): Promise<URL> {
  const { session, repository, scopes } = location;
  const started = await session.expect(
    { method: 'POST', url: `/v2/${repository}/blobs/uploads/`, scopes },
    [202],
    { ...callOf(location), idempotent: true },
  );
  const target = uploadTarget(started.headers.get('location'), started.url, descriptor.digest);
  if (target === undefined) {
    throw await invalidResponse(started, 'POST', 'no usable Location header');
  }
  await started.discard();
  return target;
}

async function send(
  content: BlobContent,
  {
    target,
    descriptor: { digest, size },
    location,
  }: { readonly target: URL; readonly descriptor: Descriptor; readonly location: BlobLocation },
): Promise<void> {
  const { session, scopes } = location;
  const done = await session.expect(
    {
      method: 'PUT',
      url: target,
      headers: { 'content-type': 'application/octet-stream' },
      body: content instanceof Uint8Array ? content : { open: content, length: size },
      scopes,
    },
    [201],
    { ...callOf(location), timeouts: transferTimeouts(size) },
  );
  await done.discard();
  assertDigest(done.headers.get('docker-content-digest') ?? digest, digest);
}

/** Where an upload is ended; undefined where the registry did not say it. */
export function uploadTarget(location: string | null, base: URL, digest: string): URL | undefined {
  const url = location === null ? null : URL.parse(location, base.href);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  // appended as text: the state that the query holds must go back as it came
  url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  return url;
}

function isTransient(error: unknown): boolean {
  return error instanceof Nv2Error && error.kind === 'unavailable' && error.code !== 'HTTP_ABORTED';
}

function callOf({ signal }: BlobLocation): SendOptions {
  return signal ? { signal } : {};
}
