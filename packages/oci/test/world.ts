import { createHttpClient } from '@nv2/http';
import {
  type FakeHandler,
  type FakeRequest,
  type FakeResponse,
  fakeClock,
  fakeTransport,
} from '@nv2/testkit';
import { type Credential, staticCredentials } from '../src/credentials/credential.ts';
import type { Descriptor } from '../src/descriptor.ts';
import { OciError, type OciErrorCode } from '../src/errors.ts';
import { encodeManifest, type ImageManifest } from '../src/manifest.ts';
import { MEDIA_TYPE } from '../src/media-types.ts';
import {
  openRepository,
  type Repository,
  type RepositoryOptions,
} from '../src/registry/repository.ts';
import { type RegistryOptions, RegistrySession } from '../src/registry/session.ts';
import { describeContent } from '../src/verified-reader.ts';

export const BASIC: Credential = { kind: 'basic', username: 'me', password: 'secret' };
export const BASIC_HEADER: string = `Basic ${Buffer.from('me:secret').toString('base64')}`;
export const SCOPE = 'repository:a/b:pull';

/** Whether an error has this code, for `assert.throws` and `assert.rejects`. */
export const code =
  (expected: OciErrorCode) =>
  (error: unknown): boolean =>
    error instanceof OciError && error.code === expected;

/** A session with a fake registry, and what it was asked. */
export interface World {
  readonly session: RegistrySession;
  readonly requests: FakeRequest[];
}

/** A session with a registry that answers as the handler does. */
export function world(
  handler: FakeHandler,
  options: Partial<RegistryOptions> & { registry?: string; credential?: Credential } = {},
): World {
  const { registry = 'r.example', credential, ...rest } = options;
  const requests: FakeRequest[] = [];
  const client = createHttpClient({
    transport: fakeTransport((request) => {
      requests.push(request);
      return handler(request);
    }),
    userAgent: 'test/1',
    clock: fakeClock({ automatic: true }),
  });
  const credentials = credential && staticCredentials(registry, credential);
  const session = new RegistrySession(registry, {
    client,
    ...(credentials && { credentials }),
    ...rest,
  });
  return { session, requests };
}

/** A 401 with this WWW-Authenticate header. */
export const challenge = (value: string): FakeResponse => ({
  status: 401,
  headers: { 'www-authenticate': value },
});

/** The status of a GET. */
export async function get({ session }: World, url = '/v2/a/b/x'): Promise<number> {
  const response = await session.send({ method: 'GET', url, scopes: [SCOPE] });
  await response.discard();
  return response.status;
}

/** A repository of a fake registry. */
export function repositoryOf(
  handler: FakeHandler,
  options: Partial<RepositoryOptions> = {},
): Repository {
  const client = createHttpClient({
    transport: fakeTransport(handler),
    userAgent: 'test/1',
    clock: fakeClock({ automatic: true }),
  });
  const clock = fakeClock({ automatic: true });
  return openRepository(
    { registry: 'r.example', repository: 'a/b' },
    { client, clock, ...options },
  );
}

/** An image manifest and its descriptor; `note` makes each another. */
export function imageManifest(
  note: string,
  more: Partial<ImageManifest> = {},
): { readonly bytes: Uint8Array; readonly descriptor: Descriptor } {
  const config = describeContent(new TextEncoder().encode('{}'), MEDIA_TYPE.emptyJson);
  const bytes = encodeManifest({
    kind: 'image',
    mediaType: MEDIA_TYPE.imageManifest,
    config,
    layers: [],
    annotations: { note },
    ...more,
  });
  return { bytes, descriptor: describeContent(bytes, MEDIA_TYPE.imageManifest) };
}

/** All items of an iteration. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
