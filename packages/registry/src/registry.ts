import { withDefaults } from '@nv2/core';
import { bodyOf, type Handler } from '@nv2/http';
import { type Authenticate, challenge } from './authenticate.ts';
import { deleteBlob, getBlob } from './blobs.ts';
import { errorResponse } from './error-response.ts';
import { RegistryError } from './errors.ts';
import { listReferrers, listTags } from './lists.ts';
import { deleteManifest, getManifest, putManifest } from './manifests.ts';
import { checkRepository } from './names.ts';
import { RepositoryLocks } from './repository-locks.ts';
import {
  type Call,
  DEFAULT_REGISTRY_LIMITS,
  json,
  type RegistryLimits,
  type RegistryService,
} from './service.ts';
import type { RegistryStorage } from './storage.ts';
import { UploadSessions } from './upload-sessions.ts';
import { deleteUpload, getUpload, patchUpload, postUpload, putUpload } from './uploads.ts';

/** Options of {@link createRegistry}. */
export interface RegistryOptions {
  readonly storage: RegistryStorage;
  /** Who may do anything at all; without it everyone may. */
  readonly authenticate?: Authenticate;
  readonly limits?: Partial<RegistryLimits>;
  /** Shared with {@link collectGarbage} where it runs on the same storage. */
  readonly locks?: RepositoryLocks;
  /** Shared with whoever expires uploads. */
  readonly sessions?: UploadSessions;
  /** False: answer as a registry that does not have the referrers API; default true. */
  readonly referrersApi?: boolean;
  /** In ms since the epoch; the storage's clock. */
  readonly now?: () => number;
  /** Told of failures that are not the client's. */
  readonly onError?: (error: unknown) => void;
}

type Endpoint = (service: RegistryService, call: Call) => Promise<Response>;
type Methods = ReadonlyMap<string, Endpoint>;

const BLOB: Methods = new Map([
  ['GET', getBlob],
  ['HEAD', getBlob],
  ['DELETE', deleteBlob],
]);
const UPLOADS: Methods = new Map([['POST', postUpload]]);
const UPLOAD: Methods = new Map([
  ['GET', getUpload],
  ['PATCH', patchUpload],
  ['PUT', putUpload],
  ['DELETE', deleteUpload],
]);
const MANIFEST: Methods = new Map([
  ['GET', getManifest],
  ['HEAD', getManifest],
  ['PUT', putManifest],
  ['DELETE', deleteManifest],
]);
const TAGS: Methods = new Map([['GET', listTags]]);
const REFERRERS: Methods = new Map([['GET', listReferrers]]);

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A registry of OCI distribution-spec 1.1.1 as a handler. Everyone who is let in may read and write
 * every repository.
 */
export function createRegistry(options: RegistryOptions): Handler {
  const { storage } = options;
  const service: RegistryService = {
    storage,
    limits: withDefaults(DEFAULT_REGISTRY_LIMITS, options.limits),
    locks: options.locks ?? new RepositoryLocks(),
    sessions: options.sessions ?? new UploadSessions(storage),
    now: options.now ?? Date.now,
    referrersApi: options.referrersApi ?? true,
  };
  return async (request, context) => {
    try {
      refuseWebPages(request);
      await options.authenticate?.(request.headers.get('authorization'));
      const url = new URL(request.url);
      const response = await route(service, { request, url, body: bodyOf(request, context) });
      return withApiVersion(response);
    } catch (error) {
      const response = errorResponse(error);
      if (response.status >= 500) options.onError?.(error);
      if (response.status === 401) response.headers.set('www-authenticate', challenge());
      return withApiVersion(response);
    }
  };
}

/**
 * A page in a browser could otherwise write to a registry that listens on loopback only. Registry
 * clients never send `Origin`; browsers send it with whatever could change something.
 */
function refuseWebPages(request: Request): void {
  if (SAFE_METHODS.has(request.method) || !request.headers.has('origin')) return;
  throw new RegistryError('REGISTRY_ORIGIN_REFUSED', 'web pages may not change the registry');
}

type Arrival = Pick<Call, 'request' | 'url' | 'body'>;

async function route(service: RegistryService, arrival: Arrival): Promise<Response> {
  const { pathname } = arrival.url;
  const { method } = arrival.request;
  if (pathname === '/v2/' || pathname === '/v2') {
    if (method === 'GET' || method === 'HEAD') return json({});
    throw unsupported(method);
  }
  const target = findTarget(pathname);
  if (target === undefined) {
    throw new RegistryError('REGISTRY_ENDPOINT_UNKNOWN', 'there is no such endpoint');
  }
  const endpoint = target.methods.get(method);
  if (endpoint === undefined) throw unsupported(method);
  const repository = checkRepository(target.name);
  return endpoint(service, { ...arrival, repository, reference: decode(target.reference) });
}

interface Target {
  readonly name: string;
  readonly methods: Methods;
  readonly reference: string;
}

/** Reads a path from its end: names may contain the words that endpoints are made of. */
function findTarget(pathname: string): Target | undefined {
  const parts = pathname.split('/');
  if (parts[0] !== '' || parts[1] !== 'v2') return undefined;
  const [third = '', second = '', last = ''] = parts.slice(-3);
  const nameTo = (end: number): string => parts.slice(2, end).join('/');
  if (third === 'blobs' && second === 'uploads') {
    const methods = last === '' ? UPLOADS : UPLOAD;
    return { name: nameTo(-3), methods, reference: last };
  }
  if (second === 'blobs' && last === 'uploads') {
    return { name: nameTo(-2), methods: UPLOADS, reference: '' };
  }
  if (second === 'tags' && last === 'list') {
    return { name: nameTo(-2), methods: TAGS, reference: '' };
  }
  const methods = new Map([
    ['blobs', BLOB],
    ['manifests', MANIFEST],
    ['referrers', REFERRERS],
  ]).get(second);
  return methods && { name: nameTo(-2), methods, reference: last };
}

/** Some clients write the colon of a digest as `%3A`. */
function decode(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}

function unsupported(method: string): RegistryError {
  return new RegistryError(
    'REGISTRY_METHOD_UNSUPPORTED',
    `the endpoint does not know the method ${method}`,
  );
}

function withApiVersion(response: Response): Response {
  response.headers.set('docker-distribution-api-version', 'registry/2.0');
  return response;
}
