import { type Digest, formatDigest } from '@nv2/core';
import { RegistryError } from './errors.ts';
import {
  readManifest,
  removeManifest,
  resolveTag,
  type StoredManifest,
  storeManifest,
} from './manifest-store.ts';
import { checkDigest, checkTag, tagKey } from './names.ts';
import { assertPrecondition } from './precondition.ts';
import { type Call, contentLength, empty, type RegistryService } from './service.ts';

/** GET and HEAD of a manifest by tag or digest (distribution-spec 1.1.1, pulling manifests). */
export async function getManifest(service: RegistryService, call: Call): Promise<Response> {
  const digest = await resolve(service, call);
  const found = digest && (await readManifest(service.storage, call.repository, digest));
  if (found === undefined) throw unknownManifest(call);
  const text = formatDigest(found.digest);
  return new Response(call.request.method === 'HEAD' ? null : new Uint8Array(found.bytes), {
    headers: {
      'content-type': found.manifest.mediaType,
      'content-length': String(found.bytes.length),
      'docker-content-digest': text,
      etag: `"${text}"`,
      'x-content-type-options': 'nosniff',
    },
  });
}

/**
 * PUT of a manifest by tag, or by digest with any number of `tag` parameters. Content that it names
 * need not exist: subjects by specification, the rest because sparse images are useful.
 */
export async function putManifest(service: RegistryService, call: Call): Promise<Response> {
  const { repository, reference, url, request } = call;
  const digest = isDigestLike(reference) ? checkDigest(reference) : undefined;
  const tags = tagsOf(call, digest, service.limits.maxTagsPerPush);
  const bytes = await readBytes(call, service.limits.maxManifestBytes);
  const stored = await storeManifest(service, repository, {
    bytes,
    contentType: request.headers.get('content-type'),
    ...(digest && { digest }),
    tags,
    check: () => assertCurrent(service, call),
  });
  return created(service, call, { stored, tags: url.searchParams.has('tag') ? tags : [] });
}

/** DELETE of a tag, or of a manifest with all tags that name it. */
export async function deleteManifest(service: RegistryService, call: Call): Promise<Response> {
  const { repository, reference } = call;
  const removed = await service.locks.run(repository, async () => {
    await assertCurrent(service, call);
    return isDigestLike(reference)
      ? await removeManifest(service.storage, repository, checkDigest(reference))
      : await service.storage.remove(tagKey(repository, checkTag(reference)));
  });
  if (!removed) throw unknownManifest(call);
  return empty(202, {});
}

/** What a conditional change is about is what a GET of the same path would give. */
async function assertCurrent(service: RegistryService, call: Call): Promise<void> {
  const { headers } = call.request;
  if (!headers.has('if-match') && !headers.has('if-none-match')) return;
  const digest = await resolve(service, call);
  const found = digest && (await readManifest(service.storage, call.repository, digest));
  assertPrecondition(headers, found && formatDigest(found.digest));
}

async function resolve(service: RegistryService, call: Call): Promise<Digest | undefined> {
  if (isDigestLike(call.reference)) return checkDigest(call.reference);
  return resolveTag(service.storage, call.repository, checkTag(call.reference));
}

function tagsOf(call: Call, digest: Digest | undefined, maxTags: number): readonly string[] {
  if (digest === undefined) return [checkTag(call.reference)];
  const tags = [...new Set(call.url.searchParams.getAll('tag'))].map(checkTag);
  if (tags.length <= maxTags) return tags;
  throw new RegistryError('REGISTRY_QUERY_INVALID', `at most ${maxTags} tags can be set at once`);
}

async function readBytes(call: Call, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new RegistryError(
    'REGISTRY_MANIFEST_TOO_LARGE',
    `the manifest is larger than the ${maxBytes} bytes that are accepted`,
    { data: { maxBytes } },
  );
  const announced = contentLength(call.request);
  if (announced !== undefined && announced > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of call.body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge;
    chunks.push(new Uint8Array(chunk));
  }
  return Buffer.concat(chunks);
}

function created(
  service: RegistryService,
  call: Call,
  result: { readonly stored: StoredManifest; readonly tags: readonly string[] },
): Response {
  const { stored, tags } = result;
  const { subject } = stored.manifest;
  const text = formatDigest(stored.digest);
  return empty(201, {
    location: `/v2/${call.repository}/manifests/${text}`,
    'docker-content-digest': text,
    ...(subject !== undefined && service.referrersApi && { 'oci-subject': subject.digest }),
    ...(tags.length > 0 && { 'oci-tag': tags.join(', ') }),
  });
}

function isDigestLike(reference: string): boolean {
  return reference.includes(':');
}

function unknownManifest(call: Call): RegistryError {
  return new RegistryError(
    'REGISTRY_MANIFEST_UNKNOWN',
    `${call.repository} has no manifest ${call.reference}`,
    { data: { name: call.repository, reference: call.reference } },
  );
}
