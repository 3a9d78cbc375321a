import type { RepositoryLocks } from './repository-locks.ts';
import type { RegistryStorage } from './storage.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** Bounds that a registry keeps. */
export interface RegistryLimits {
  /** Largest manifest; distribution-spec 1.1.1 asks for at least 4 MiB. */
  readonly maxManifestBytes: number;
  /** Largest blob. */
  readonly maxBlobBytes: number;
  /** Most tags or referrers in one answer; the rest is behind its `Link`. */
  readonly maxPageEntries: number;
  /** Largest list of referrers in one answer, apart from a single entry that is larger. */
  readonly maxReferrersBytes: number;
  /** Most tags that one push may set. */
  readonly maxTagsPerPush: number;
}

/** Limits that fit images of any usual size. */
export const DEFAULT_REGISTRY_LIMITS: RegistryLimits = {
  maxManifestBytes: 4 * 1024 * 1024,
  maxBlobBytes: 64 * 1024 ** 3,
  maxPageEntries: 1000,
  maxReferrersBytes: 4 * 1024 * 1024,
  maxTagsPerPush: 100,
};

/** What the endpoints of one registry have in common. */
export interface RegistryService {
  readonly storage: RegistryStorage;
  readonly limits: RegistryLimits;
  readonly locks: RepositoryLocks;
  readonly sessions: UploadSessions;
  readonly now: () => number;
  /** Whether the referrers API is served. */
  readonly referrersApi: boolean;
}

/** One request, as an endpoint sees it. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly body: AsyncIterable<Uint8Array>;
  readonly repository: string;
  /** The last part of the path: a tag, a digest or the name of an upload. */
  readonly reference: string;
}

/** An answer without a body. */
export function empty(status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { status, headers: { 'content-length': '0', ...headers } });
}

/** An answer that is a JSON document. */
export function json(
  value: unknown,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return new Response(bytes, {
    status: options.status ?? 200,
    headers: {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...options.headers,
    },
  });
}

/** The `Content-Length` of a request, undefined if it has none. */
export function contentLength(request: Request): number | undefined {
  const text = request.headers.get('content-length');
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}
