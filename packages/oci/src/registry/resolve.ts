import { isDigest, parseDigest } from '@nv2/core';
import { contentLength, type HttpResponse, readBody } from '@nv2/http';
import { MAX_MANIFEST_BYTES } from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { MANIFEST_MEDIA_TYPES } from '../media-types.ts';
import { assertTag, formatReference } from '../reference.ts';
import { digestOf } from '../verified-reader.ts';
import { invalidResponse, registryError } from './response-error.ts';
import type { RegistryRequest, RegistrySession } from './session.ts';

/** A manifest with the descriptor that its bytes have. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  /** The registry's validator for a conditional update, if it gave one. */
  readonly etag: string | undefined;
}

/** Which manifest, where. */
export interface ManifestLocation {
  readonly session: RegistrySession;
  readonly repository: string;
  /** A tag or digest. */
  readonly reference: string;
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What the headers of an answer say about a manifest; each may be absent. */
interface Headers {
  readonly mediaType: string | undefined;
  readonly size: number | undefined;
  readonly digest: string | undefined;
}

/**
 * The descriptor of a manifest, from the headers of HEAD; where these do not tell, from the bytes.
 * @throws OciError `OCI_NOT_FOUND`, `OCI_DIGEST_MISMATCH` if the registry says to have another
 *   digest than the one asked for
 * @see distribution-spec 1.1.1, checking if content exists in the registry
 */
export async function resolveManifest(location: ManifestLocation): Promise<Descriptor> {
  const { session, reference } = location;
  const asked = askedDigest(reference);
  const request = manifestRequest('HEAD', location);
  const response = await session.send(request, options(location));
  await response.discard();
  // a registry may not do HEAD at all
  if (response.status === 405) return (await fetchManifestByName(location)).descriptor;
  if (response.status !== 200) throw await registryError(response, 'HEAD', request);
  const headers = await readHeaders(response, 'HEAD');
  const { mediaType, size } = headers;
  const digest = headers.digest ?? asked;
  const comparable = asked === undefined || sameAlgorithm(asked, headers.digest ?? asked);
  if (mediaType === undefined || size === undefined || digest === undefined || !comparable) {
    return (await fetchManifestByName(location)).descriptor;
  }
  assertDigest(digest, asked);
  return { mediaType, digest, size };
}

/**
 * A manifest by tag or digest in one request, its digest computed here.
 * @throws OciError `OCI_NOT_FOUND`, `OCI_DIGEST_MISMATCH`, `OCI_RESPONSE_INVALID`
 */
export async function fetchManifestByName(location: ManifestLocation): Promise<FetchedManifest> {
  const { session, reference } = location;
  const asked = askedDigest(reference);
  const response = await session.expect(manifestRequest('GET', location), [200], {
    ...options(location),
    maxBytes: MAX_MANIFEST_BYTES,
  });
  const headers = await readHeaders(response, 'GET');
  if (headers.mediaType === undefined) {
    throw await invalidResponse(response, 'GET', 'no Content-Type header');
  }
  const bytes = await readBody(response, { maxBytes: MAX_MANIFEST_BYTES });
  for (const expected of [asked, headers.digest]) {
    if (expected !== undefined) {
      assertDigest(digestOf(bytes, parseDigest(expected).algorithm), expected);
    }
  }
  const digest = asked ?? headers.digest ?? digestOf(bytes);
  return {
    descriptor: { mediaType: headers.mediaType, digest, size: bytes.length },
    bytes,
    etag: response.headers.get('etag') ?? undefined,
  };
}

/** The media type of an answer without its parameters, in lower case, or undefined. */
export function mediaTypeOf(response: HttpResponse): string | undefined {
  const text = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return text === '' ? undefined : text;
}

/** The path of a manifest. */
export function manifestPath(repository: string, reference: string): string {
  return `/v2/${repository}/manifests/${reference}`;
}

/** @throws OciError `OCI_DIGEST_MISMATCH` */
export function assertDigest(actual: string, expected: string | undefined): void {
  if (expected === undefined || actual === expected) return;
  throw new OciError(
    'OCI_DIGEST_MISMATCH',
    `the registry has content of digest ${actual} where ${expected} was expected`,
    {
      hint: 'the registry is broken or not to be trusted: tell its operator',
      data: { digest: expected, actual },
    },
  );
}

function manifestRequest(method: 'GET' | 'HEAD', location: ManifestLocation): RegistryRequest {
  return {
    method,
    url: manifestPath(location.repository, location.reference),
    headers: { accept: MANIFEST_MEDIA_TYPES.join(', ') },
    named: nameOf(location),
    scopes: location.scopes,
  };
}

function nameOf({ session: { registry }, repository, reference }: ManifestLocation): string {
  const version = isDigest(reference) ? { digest: reference } : { tag: reference };
  return formatReference({ registry, repository, ...version });
}

function options({ signal }: ManifestLocation): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function askedDigest(reference: string): string | undefined {
  if (isDigest(reference)) return reference;
  assertTag(reference);
  return undefined;
}

async function readHeaders(response: HttpResponse, method: string): Promise<Headers> {
  const digest = response.headers.get('docker-content-digest') ?? undefined;
  if (digest !== undefined && !isDigest(digest)) {
    throw await invalidResponse(response, method, 'Docker-Content-Digest is not a digest');
  }
  const mediaType = mediaTypeOf(response);
  // a page of a user interface answers 200 to everything, and must not pass for an artifact
  if (mediaType !== undefined && !MANIFEST_MEDIA_TYPES.includes(mediaType)) {
    throw await invalidResponse(response, method, `Content-Type ${mediaType} is of no manifest`);
  }
  return { mediaType, size: contentLength(response), digest };
}

function sameAlgorithm(a: string, b: string): boolean {
  return parseDigest(a).algorithm === parseDigest(b).algorithm;
}
