import { type Descriptor, digestOf, MEDIA_TYPE, referrerEntry } from '@nv2/oci';
import type { FakeHandler, FakeRequest, FakeResponse } from './fake-http.ts';

/** How a {@link hostileRegistry} behaves. */
export interface HostileRegistryOptions {
  /** Whether it has the referrers API and answers `OCI-Subject`. Default true. */
  readonly referrersApi?: boolean;
  /** Whether manifests can be deleted. Default true. */
  readonly deletes?: boolean;
  /** Asked first for every request; undefined leaves the answer to the registry. */
  readonly intercept?: (
    request: FakeRequest,
  ) => FakeResponse | undefined | Promise<FakeResponse | undefined>;
  /** Whether a manifest of a referrers tag has an ETag, and If-Match is honoured. Default false. */
  readonly conditional?: boolean;
}

/** A stored manifest. */
export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/**
 * A registry in memory with the happy paths of distribution-spec 1.1.1, and with an intercept by
 * which a test makes it lie, stall or refuse. It checks nothing of what it is given.
 */
export interface HostileRegistry {
  readonly handler: FakeHandler;
  /** Every request, in order. */
  readonly requests: FakeRequest[];
  /** Manifests by `repository@digest`. */
  readonly manifests: Map<string, StoredManifest>;
  /** Digests by `repository:tag`. */
  readonly tags: Map<string, string>;
  /** Blobs by digest. */
  readonly blobs: Map<string, Uint8Array>;
  /** Puts a manifest there. */
  add(repository: string, bytes: Uint8Array, options: { mediaType: string; tag?: string }): string;
}

const PATH =
  /^\/v2\/(?<repository>.+)\/(?<what>manifests|blobs|referrers|tags)\/(?<reference>[^/]*(?:\/[^/]*)?)$/;

/** An empty registry. */
export function hostileRegistry(options: HostileRegistryOptions = {}): HostileRegistry {
  const requests: FakeRequest[] = [];
  const state: State = {
    manifests: new Map(),
    tags: new Map(),
    blobs: new Map(),
    options: { referrersApi: true, deletes: true, conditional: false, ...options },
  };
  return {
    ...state,
    requests,
    async handler(request) {
      requests.push(request);
      return (await options.intercept?.(request)) ?? route(request, state);
    },
    add: (repository, bytes, { mediaType, tag }) =>
      store(state, { repository, bytes, mediaType, reference: tag }),
  };
}

interface State {
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
  readonly blobs: Map<string, Uint8Array>;
  readonly options: {
    readonly referrersApi: boolean;
    readonly deletes: boolean;
    readonly conditional: boolean;
  };
}

/** The answer of distribution-spec 1.1.1, "Error Codes". */
export function registryFailure(
  status: number,
  code: string,
  message: string = code,
): FakeResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  };
}

function route(request: FakeRequest, state: State): FakeResponse {
  const groups = PATH.exec(request.url.pathname)?.groups;
  if (groups === undefined) {
    return request.url.pathname === '/v2/' ? { status: 200 } : { status: 404 };
  }
  const { repository = '', what, reference = '' } = groups;
  const target = { repository, reference };
  switch (what) {
    case 'manifests':
      return manifest(request, target, state);
    case 'blobs':
      return blob(request, target, state);
    case 'tags':
      return tagList(repository, state);
    default:
      return referrers(target, state);
  }
}

interface Target {
  readonly repository: string;
  readonly reference: string;
}

function manifest(request: FakeRequest, target: Target, state: State): FakeResponse {
  const { repository, reference } = target;
  const digest = reference.includes(':') ? reference : state.tags.get(`${repository}:${reference}`);
  const found = digest === undefined ? undefined : state.manifests.get(`${repository}@${digest}`);
  if (request.method === 'PUT') return putManifest(request, target, state);
  if (found === undefined || digest === undefined) return registryFailure(404, 'MANIFEST_UNKNOWN');
  if (request.method === 'DELETE') return deleteManifest(repository, digest, state);
  return {
    status: 200,
    headers: {
      'content-type': found.mediaType,
      'content-length': String(found.bytes.length),
      'docker-content-digest': digest,
      ...(state.options.conditional && { etag: `"${digest}"` }),
    },
    ...(request.method === 'GET' && { body: found.bytes }),
  };
}

function putManifest(request: FakeRequest, target: Target, state: State): FakeResponse {
  const { repository, reference } = target;
  const expected = state.options.conditional ? request.headers['if-match'] : undefined;
  if (expected !== undefined && expected !== `"${state.tags.get(`${repository}:${reference}`)}"`) {
    return { status: 412 };
  }
  const mediaType = request.headers['content-type'] ?? '';
  const digest = store(state, { repository, bytes: request.body, mediaType, reference });
  const subject = state.options.referrersApi && entryOf(request.body, mediaType)?.subject.digest;
  return {
    status: 201,
    headers: { 'docker-content-digest': digest, ...(subject && { 'oci-subject': subject }) },
  };
}

function store(
  { manifests, tags }: State,
  manifest: {
    readonly repository: string;
    readonly bytes: Uint8Array;
    readonly mediaType: string;
    readonly reference: string | undefined;
  },
): string {
  const { repository, bytes, mediaType, reference } = manifest;
  const digest = digestOf(bytes);
  manifests.set(`${repository}@${digest}`, { bytes, mediaType });
  if (reference !== undefined && !reference.includes(':')) {
    tags.set(`${repository}:${reference}`, digest);
  }
  return digest;
}

function deleteManifest(repository: string, digest: string, state: State): FakeResponse {
  if (!state.options.deletes) return registryFailure(405, 'UNSUPPORTED');
  state.manifests.delete(`${repository}@${digest}`);
  for (const [tag, tagged] of state.tags) {
    if (tagged === digest && tag.startsWith(`${repository}:`)) state.tags.delete(tag);
  }
  return { status: 202 };
}

function blob(request: FakeRequest, { repository, reference }: Target, state: State): FakeResponse {
  if (request.method === 'POST') {
    return { status: 202, headers: { location: `/v2/${repository}/blobs/uploads/1?_state=a%2Bb` } };
  }
  if (request.method === 'PUT') {
    state.blobs.set(request.url.searchParams.get('digest') ?? '', request.body);
    return { status: 201 };
  }
  const bytes = state.blobs.get(reference);
  if (bytes === undefined) return registryFailure(404, 'BLOB_UNKNOWN');
  const headers = { 'content-length': String(bytes.length) };
  return { status: 200, headers, ...(request.method === 'GET' && { body: bytes }) };
}

function tagList(repository: string, { tags }: State): FakeResponse {
  const names = [...tags.keys()].filter((tag) => tag.startsWith(`${repository}:`));
  const list = names.map((tag) => tag.slice(repository.length + 1)).sort();
  return { status: 200, body: JSON.stringify({ name: repository, tags: list }) };
}

function referrers({ repository, reference }: Target, state: State): FakeResponse {
  if (!state.options.referrersApi) return { status: 404, body: '404 page not found' };
  const manifests = [...state.manifests]
    .filter(([name]) => name.startsWith(`${repository}@`))
    .flatMap(([, { bytes, mediaType }]) => entryOf(bytes, mediaType) ?? [])
    .filter(({ subject }) => subject.digest === reference)
    .map(({ entry }) => entry);
  return indexResponse(manifests);
}

/** A page of referrers, as the referrers API answers it. */
export function indexResponse(
  manifests: readonly Descriptor[],
  headers: Readonly<Record<string, string>> = {},
): FakeResponse {
  const mediaType = MEDIA_TYPE.imageIndex;
  return {
    status: 200,
    headers: { 'content-type': mediaType, ...headers },
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
  };
}

function entryOf(
  bytes: Uint8Array,
  mediaType: string,
): ReturnType<typeof referrerEntry> | undefined {
  if (mediaType !== MEDIA_TYPE.imageManifest) return undefined;
  return referrerEntry(bytes, { mediaType, digest: digestOf(bytes), size: bytes.length });
}
