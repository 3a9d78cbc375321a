import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpClient, HttpError, nodeTransport } from '@nv2/http';
import {
  type FakeHandler,
  fakeTransport,
  hostileRegistry,
  registryFailure,
  serveFake,
} from '@nv2/testkit';
import { code, collect, imageManifest, repositoryOf } from '../../test/world.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { describeContent, digestOf } from '../verified-reader.ts';
import { openRepository } from './repository.ts';

const { bytes, descriptor } = imageManifest('subject');
const BLOB = new TextEncoder().encode('a blob');
const BLOB_DESCRIPTOR = describeContent(BLOB, 'a/b');
const OTHER = digestOf(new Uint8Array([7]));

function stocked(): ReturnType<typeof hostileRegistry> {
  const registry = hostileRegistry();
  registry.add('a/b', bytes, { mediaType: descriptor.mediaType, tag: 'v1' });
  registry.blobs.set(BLOB_DESCRIPTOR.digest, BLOB);
  return registry;
}

/** The stocked registry, but with other headers on manifests; an empty value removes one. */
function withHeaders(changes: Readonly<Record<string, string>>, methods = 'HEAD GET'): FakeHandler {
  const registry = stocked();
  return async (request) => {
    const response = await registry.handler(request);
    if (!methods.includes(request.method)) return response;
    const headers = Object.entries({ ...response.headers, ...changes });
    return {
      ...response,
      headers: Object.fromEntries(headers.filter(([, value]) => value !== '')),
    };
  };
}

test('a tag and a digest resolve to the descriptor by HEAD alone', async () => {
  const registry = stocked();
  const repository = repositoryOf(registry.handler);
  assert.deepEqual(await repository.resolve('v1'), descriptor);
  assert.deepEqual(await repository.resolve(descriptor.digest), descriptor);
  assert.deepEqual(
    registry.requests.map(({ method }) => method),
    ['HEAD', 'HEAD'],
  );
});

for (const [what, changes] of [
  ['digest', { 'docker-content-digest': '' }],
  ['length', { 'content-length': '' }],
] as const) {
  test(`where HEAD lacks the ${what}, a GET tells`, async () => {
    const repository = repositoryOf(withHeaders(changes));
    assert.deepEqual(await repository.resolve('v1'), descriptor);
  });
}

test('where a registry does not do HEAD, a GET tells', async () => {
  const registry = stocked();
  const handler: FakeHandler = (request) =>
    request.method === 'HEAD' ? { status: 405 } : registry.handler(request);
  assert.deepEqual(await repositoryOf(handler).resolve('v1'), descriptor);
});

test('what is not there is named as it was asked for, whatever host serves it', async () => {
  for (const [method, status] of [
    ['HEAD', 404],
    ['GET', 405],
  ] as const) {
    const transport = fakeTransport((request) => ({
      status: request.method === 'HEAD' ? status : 404,
    }));
    const client = createHttpClient({ transport });
    const hub = openRepository({ registry: 'docker.io', repository: 'a/b' }, { client });
    await assert.rejects(hub.resolve('v1'), {
      code: 'OCI_NOT_FOUND',
      data: {
        method,
        url: 'https://registry-1.docker.io/v2/a/b/manifests/v1',
        named: 'docker.io/a/b:v1',
        status: 404,
        errors: [],
        retryAfter: null,
      },
    });
    await assert.rejects(hub.resolve(OTHER), (error: unknown) => {
      assert.ok(error instanceof OciError);
      assert.equal(error.data['named'], `docker.io/a/b@${OTHER}`);
      return true;
    });
  }
});

test('a digest of another algorithm than the one asked for is checked on the bytes', async () => {
  const digest = digestOf(bytes, 'sha512');
  const handler: FakeHandler = ({ method }) => ({
    status: 200,
    headers: {
      'content-type': descriptor.mediaType,
      'content-length': String(bytes.length),
      'docker-content-digest': descriptor.digest,
    },
    ...(method === 'GET' && { body: bytes }),
  });
  assert.equal((await repositoryOf(handler).resolve(digest)).digest, digest);
  const lie = repositoryOf(handler).resolve(digestOf(BLOB, 'sha512'));
  await assert.rejects(lie, code('OCI_DIGEST_MISMATCH'));
});

test('security row 7: a registry that has another digest than the one asked for is refused', async () => {
  for (const changes of [
    { 'docker-content-digest': OTHER },
    { 'docker-content-digest': OTHER, 'content-length': '' },
  ]) {
    const resolved = repositoryOf(withHeaders(changes)).resolve(descriptor.digest);
    await assert.rejects(resolved, code('OCI_DIGEST_MISMATCH'));
  }
});

test('security row 7: a tag whose bytes do not have the digest of its header is refused', async () => {
  const changes = { 'docker-content-digest': OTHER, 'content-length': '' };
  const resolved = repositoryOf(withHeaders(changes)).resolve('v1');
  await assert.rejects(resolved, code('OCI_DIGEST_MISMATCH'));
});

test('security row 7: a registry that alternates digests cannot give other bytes than resolved', async () => {
  const registry = stocked();
  const evil = imageManifest('evil');
  let turn = 0;
  const handler: FakeHandler = (request) => {
    const first = turn++ % 2 === 0;
    if (first) return registry.handler(request);
    return {
      status: 200,
      headers: {
        'content-type': evil.descriptor.mediaType,
        'content-length': String(evil.bytes.length),
        'docker-content-digest': evil.descriptor.digest,
      },
      ...(request.method === 'GET' && { body: evil.bytes }),
    };
  };
  const repository = repositoryOf(handler);
  const resolved = await repository.resolve('v1');
  assert.deepEqual(resolved, descriptor);
  await assert.rejects(repository.fetchManifest(resolved));
});

test('headers that cannot be are refused', async () => {
  for (const changes of [{ 'docker-content-digest': 'sha256:x' }, { 'content-type': '' }]) {
    const resolved = repositoryOf(withHeaders(changes)).resolve('v1');
    await assert.rejects(resolved, code('OCI_RESPONSE_INVALID'));
  }
});

test('security row 19: only tags and digests get into a path', async () => {
  const registry = stocked();
  for (const reference of [
    '../x',
    '..',
    'a/b',
    '%2e%2e',
    'a?b',
    'a#b',
    '',
    `${descriptor.digest}/x`,
  ]) {
    const resolved = repositoryOf(registry.handler).resolve(reference);
    await assert.rejects(resolved, code('OCI_REFERENCE_INVALID'), reference);
  }
  assert.equal(registry.requests.length, 0);
});

test('what is not there is missing, and named', async () => {
  const repository = repositoryOf(stocked().handler);
  await assert.rejects(repository.resolve('v2'), code('OCI_NOT_FOUND'));
  await assert.rejects(
    repository.fetchManifest({ ...descriptor, digest: OTHER }),
    code('OCI_NOT_FOUND'),
  );
});

test('manifests and blobs come back verified', async () => {
  const repository = repositoryOf(stocked().handler);
  assert.deepEqual(await repository.fetchManifest(descriptor), bytes);
  assert.deepEqual(await repository.fetchBlob(BLOB_DESCRIPTOR, { maxBytes: 99 }), BLOB);
});

test('security row 3: a manifest or blob above its limit is not asked for', async () => {
  const registry = stocked();
  const repository = repositoryOf(registry.handler);
  const huge: Descriptor = { ...descriptor, size: 10_000_000_000 };
  await assert.rejects(repository.fetchManifest(huge), code('OCI_CONTENT_TOO_LARGE'));
  const fetched = repository.fetchBlob(BLOB_DESCRIPTOR, { maxBytes: 3 });
  await assert.rejects(fetched, code('OCI_CONTENT_TOO_LARGE'));
  assert.equal(registry.requests.length, 0);
});

test('a manifest that is listed as another media type than it is, of whatever size, is refused', async () => {
  const handler = withHeaders({ 'content-type': MEDIA_TYPE.imageIndex });
  for (const listed of [descriptor, { ...descriptor, size: 1 }]) {
    await assert.rejects(
      repositoryOf(handler).fetchManifest(listed),
      code('OCI_MEDIA_TYPE_MISMATCH'),
    );
  }
});

test('a manifest that comes as another media type and other content is an answer of no registry', async () => {
  const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' };
  for (const handler of [() => page, withHeaders({ 'content-type': '' })]) {
    await assert.rejects(
      repositoryOf(handler).fetchManifest(descriptor),
      code('OCI_RESPONSE_INVALID'),
    );
  }
});

test('security row 3: lying sizes, cut answers and gzip bombs over a socket', async () => {
  const registry = stocked();
  const answers: Record<string, ReturnType<FakeHandler>> = {
    [OTHER]: { status: 200, headers: { 'content-length': '6' }, body: 'a bl', breakOff: true },
    [BLOB_DESCRIPTOR.digest]: { status: 200, body: new Uint8Array(5_000_000) },
  };
  const server = await serveFake((request) => {
    const digest = request.url.pathname.split('/').at(-1) ?? '';
    return answers[digest] ?? registry.handler(request);
  });
  const transport = nodeTransport();
  const client = createHttpClient({ transport, userAgent: 'test/1' });
  const repository = openRepository({ registry: server.host, repository: 'a/b' }, { client });
  try {
    await assert.rejects(
      repository.fetchBlob({ ...BLOB_DESCRIPTOR, digest: OTHER }, { maxBytes: 99 }),
      (error: unknown) => error instanceof HttpError && error.code === 'HTTP_BODY_TRUNCATED',
    );
    await assert.rejects(
      repository.fetchBlob(BLOB_DESCRIPTOR, { maxBytes: 99 }),
      code('OCI_SIZE_MISMATCH'),
    );
    answers[BLOB_DESCRIPTOR.digest] = {
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: new Uint8Array(6),
    };
    await assert.rejects(
      repository.fetchBlob(BLOB_DESCRIPTOR, { maxBytes: 99 }),
      code('OCI_RESPONSE_INVALID'),
    );
  } finally {
    transport.close();
    await server.close();
  }
});

test('a blob is pushed by POST and PUT, its upload state untouched', async () => {
  const registry = hostileRegistry();
  await repositoryOf(registry.handler).pushBlob(BLOB, BLOB_DESCRIPTOR);
  assert.deepEqual(
    Buffer.from(registry.blobs.get(BLOB_DESCRIPTOR.digest) ?? []),
    Buffer.from(BLOB),
  );
  assert.deepEqual(
    registry.requests.map(({ method }) => method),
    ['HEAD', 'POST', 'PUT'],
  );
  const digest = encodeURIComponent(BLOB_DESCRIPTOR.digest);
  assert.equal(registry.requests[2]?.url.search, `?_state=a%2Bb&digest=${digest}`);
});

test('a blob that is there is not pushed again', async () => {
  const registry = stocked();
  await repositoryOf(registry.handler).pushBlob(BLOB, BLOB_DESCRIPTOR);
  assert.deepEqual(
    registry.requests.map(({ method }) => method),
    ['HEAD'],
  );
});

test('bytes that are not those of the descriptor are not pushed', async () => {
  const registry = hostileRegistry();
  const repository = repositoryOf(registry.handler);
  const wrong = { ...BLOB_DESCRIPTOR, digest: OTHER };
  await assert.rejects(repository.pushBlob(BLOB, wrong), code('OCI_DIGEST_MISMATCH'));
  await assert.rejects(
    repository.pushManifest(bytes, { ...descriptor, size: 1 }),
    code('OCI_SIZE_MISMATCH'),
  );
  assert.equal(registry.requests.length, 0);
});

test('security row 21: an upload that continues on another host gets no credentials', async () => {
  const registry = hostileRegistry({
    intercept: ({ method, headers, url }) => {
      if (url.host === 'storage.example') {
        return { status: 201, headers: { 'www-authenticate': 'Basic realm="x"' } };
      }
      if (headers['authorization'] === undefined) {
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
      }
      if (method !== 'POST') return undefined;
      return { status: 202, headers: { location: 'https://storage.example/up?x=1' } };
    },
  });
  const credentials = {
    get: () => Promise.resolve({ kind: 'basic', username: 'me', password: 'pw' } as const),
  };
  await repositoryOf(registry.handler, { credentials }).pushBlob(BLOB, BLOB_DESCRIPTOR);
  const last = registry.requests.at(-1);
  assert.equal(last?.url.host, 'storage.example');
  assert.equal(last.headers['authorization'], undefined);
  assert.ok(registry.requests.some(({ headers }) => headers['authorization'] !== undefined));
});

test('security row 21: an upload is not continued without TLS, nor at a URL with a user name', async () => {
  for (const location of [
    'http://r.example/up',
    'https://u:p@r.example/up',
    'https://[',
    undefined,
  ]) {
    const registry = hostileRegistry({
      intercept: ({ method }) =>
        method === 'POST' ? { status: 202, headers: location ? { location } : {} } : undefined,
    });
    const pushed = repositoryOf(registry.handler).pushBlob(BLOB, BLOB_DESCRIPTOR);
    await assert.rejects(pushed, code('OCI_RESPONSE_INVALID'), location);
    assert.ok(registry.requests.every(({ method }) => method !== 'PUT'));
  }
});

for (const [status, expected] of [
  [401, 'OCI_UNAUTHORIZED'],
  [403, 'OCI_FORBIDDEN'],
  [429, 'OCI_RATE_LIMITED'],
  [500, 'OCI_REGISTRY_UNAVAILABLE'],
] as const) {
  test(`a registry that answers ${status} to anything fails every operation as ${expected}`, async () => {
    const repository = repositoryOf(() => registryFailure(status, 'ANY'));
    const operations = [
      () => repository.resolve('v1'),
      () => repository.fetchManifest(descriptor),
      () => repository.fetchBlob(BLOB_DESCRIPTOR, { maxBytes: 99 }),
      () => repository.pushBlob(BLOB, BLOB_DESCRIPTOR),
      () => repository.pushManifest(bytes, descriptor),
      () => repository.deleteManifest(descriptor.digest),
      () => collect(repository.referrers(descriptor)),
      () => collect(repository.tags()),
    ];
    for (const operation of operations) await assert.rejects(operation(), code(expected));
  });
}

test('a manifest is pushed under its tag, and deleted with it', async () => {
  const registry = hostileRegistry();
  const repository = repositoryOf(registry.handler);
  const result = await repository.pushManifest(bytes, descriptor, { tag: 'v2' });
  assert.deepEqual(result, { referrers: 'none', warnings: [] });
  assert.deepEqual(await repository.resolve('v2'), descriptor);
  assert.deepEqual(await collect(repository.tags()), ['v2']);
  await repository.deleteManifest(descriptor.digest);
  await assert.rejects(repository.resolve('v2'), code('OCI_NOT_FOUND'));
  await assert.rejects(repository.deleteManifest(descriptor.digest), code('OCI_NOT_FOUND'));
});

test('a registry that stores a manifest under another digest is refused', async () => {
  const handler: FakeHandler = () => ({
    status: 201,
    headers: { 'docker-content-digest': OTHER },
  });
  const pushed = repositoryOf(handler).pushManifest(bytes, descriptor);
  await assert.rejects(pushed, code('OCI_DIGEST_MISMATCH'));
});

test('a manifest whose subject is not the one that the caller means is not pushed', async () => {
  const registry = hostileRegistry();
  const repository = repositoryOf(registry.handler);
  const pushed = repository.pushManifest(bytes, descriptor, { subject: BLOB_DESCRIPTOR });
  await assert.rejects(pushed, code('OCI_MANIFEST_INVALID'));
  assert.equal(registry.requests.length, 0);
});

test('tags come page by page, and a list that leads nowhere new ends', async () => {
  const pages: Record<string, { body: string; next?: string }> = {
    '': { body: '{"tags":["a"]}', next: '/v2/a/b/tags/list?last=a' },
    '?last=a': { body: '{"tags":["b"]}' },
  };
  const handler: FakeHandler = ({ url }) => {
    const page = pages[url.search];
    const link = page?.next === undefined ? {} : { link: `<${page.next}>; rel="next"` };
    return { status: 200, headers: link, body: page?.body ?? '' };
  };
  assert.deepEqual(await collect(repositoryOf(handler).tags()), ['a', 'b']);
  pages['?last=a'] = { body: '{"tags":["b"]}', next: '/v2/a/b/tags/list' };
  await assert.rejects(collect(repositoryOf(handler).tags()), code('OCI_REFERRERS_INVALID'));
  pages[''] = { body: '{"tags":{}}' };
  await assert.rejects(collect(repositoryOf(handler).tags()), code('OCI_RESPONSE_INVALID'));
  pages[''] = { body: '{"tags":null}' };
  assert.deepEqual(await collect(repositoryOf(handler).tags()), []);
});
