import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type FakeHandler,
  type FakeRequest,
  hostileRegistry,
  indexResponse,
  registryFailure,
} from '@nv2/testkit';
import { code, collect, imageManifest, repositoryOf } from '../../test/world.ts';
import type { Descriptor } from '../descriptor.ts';
import type { OciErrorCode } from '../errors.ts';
import { encodeManifest } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { describeContent } from '../verified-reader.ts';
import { DEFAULT_REFERRERS_LIMITS, referrersTag } from './referrers-list.ts';

const SIGNATURE = 'application/vnd.cncf.notary.signature';
const subject = imageManifest('subject');
const TAG = referrersTag(subject.descriptor);

function entry(note: string, artifactType = SIGNATURE): Descriptor {
  return { ...imageManifest(note).descriptor, artifactType };
}

const isReferrers = ({ url }: FakeRequest): boolean => url.pathname.includes('/referrers/');

function list(handler: FakeHandler, artifactType?: string): Promise<Descriptor[]> {
  const options = artifactType === undefined ? {} : { artifactType };
  return collect(repositoryOf(handler).referrers(subject.descriptor, options));
}

test('the referrers API lists what was pushed with a subject', async () => {
  const registry = hostileRegistry();
  const repository = repositoryOf(registry.handler);
  const signature = imageManifest('s', { artifactType: SIGNATURE, subject: subject.descriptor });
  const result = await repository.pushManifest(signature.bytes, signature.descriptor);
  assert.deepEqual(result, { referrers: 'api', warnings: [] });
  const listed = await collect(repository.referrers(subject.descriptor));
  assert.deepEqual(listed, [
    { ...signature.descriptor, artifactType: SIGNATURE, annotations: { note: 's' } },
  ]);
  assert.equal(registry.tags.size, 0);
});

test('artifact types are left out by the registry, or here if it does not say that it did', async () => {
  const manifests = [entry('a'), entry('b', 'other/type')];
  const asked: string[] = [];
  const plain: FakeHandler = ({ url }) => {
    asked.push(url.search);
    return indexResponse(manifests);
  };
  assert.deepEqual(await list(plain, SIGNATURE), [manifests[0]]);
  assert.deepEqual(asked, [`?artifactType=${encodeURIComponent(SIGNATURE)}`]);
  assert.deepEqual(await list(plain), manifests);
  const applied: FakeHandler = () =>
    indexResponse(manifests, { 'oci-filters-applied': 'artifactType' });
  assert.deepEqual(await list(applied, SIGNATURE), manifests);
  const otherFilter: FakeHandler = () => indexResponse(manifests, { 'oci-filters-applied': 'x' });
  assert.deepEqual(await list(otherFilter, SIGNATURE), [manifests[0]]);
});

test('pages are followed to the last, and an entry of two pages comes once', async () => {
  const next = '/v2/a/b/referrers/x?page=2';
  const handler: FakeHandler = ({ url }) =>
    url.search === '?page=2'
      ? indexResponse([entry('b'), entry('a'), entry('c')])
      : indexResponse([entry('a')], { link: `<${next}>; rel="next"` });
  assert.deepEqual(await list(handler), [entry('a'), entry('b'), entry('c')]);
});

test('security row 1: pages without end stop at the limit', async () => {
  let page = 0;
  const handler: FakeHandler = () => {
    page++;
    return indexResponse([entry(String(page))], { link: `<?page=${page}>; rel="next"` });
  };
  await assert.rejects(list(handler), code('OCI_REFERRERS_LIMIT'));
  assert.equal(page, DEFAULT_REFERRERS_LIMITS.maxPages + 1);
});

for (const target of ['', '?n=1', 'https://r.example/v2/a/b/referrers/x?n=1']) {
  test(`security row 1: a Link loop by ${JSON.stringify(target)} ends`, async () => {
    let requests = 0;
    const handler: FakeHandler = () => {
      requests++;
      return indexResponse([entry('a')], { link: `<${target}>; rel="next"` });
    };
    await assert.rejects(list(handler), code('OCI_REFERRERS_INVALID'));
    assert.ok(requests <= 3);
  });
}

test('security row 1: a million junk entries stop at the limit, and what came before was given', async () => {
  const junk = Array.from({ length: 5000 }, (_, at) => ({
    mediaType: MEDIA_TYPE.imageManifest,
    digest: `sha256:${at.toString(16).padStart(64, '0')}`,
    size: 1,
    artifactType: 'junk/junk',
  }));
  let page = 0;
  const handler: FakeHandler = () => {
    page++;
    return indexResponse(junk, { link: `<?page=${page}>; rel="next"` });
  };
  await assert.rejects(list(handler, SIGNATURE), code('OCI_REFERRERS_LIMIT'));
  assert.equal(page, 11);
});

test('security row 1: a page larger than 4 MiB stops at the limit', async () => {
  const body = `{"manifests":[],"x":"${'a'.repeat(5 * 1024 * 1024)}"}`;
  const headers = { 'content-type': MEDIA_TYPE.imageIndex };
  await assert.rejects(
    list(() => ({ status: 200, headers, body })),
    code('OCI_REFERRERS_LIMIT'),
  );
});

test('security row 1: who stops listening stops the listing', async () => {
  let page = 0;
  const handler: FakeHandler = () => {
    page++;
    return indexResponse([entry(String(page))], { link: `<?page=${page}>; rel="next"` });
  };
  const repository = repositoryOf(handler);
  for await (const { digest } of repository.referrers(subject.descriptor)) {
    if (digest === entry('3').digest) break;
  }
  assert.ok(page <= 4, String(page));
});

for (const link of [
  '<https://evil.example/v2/>; rel="next"',
  '<//evil.example/v2/>; rel="next"',
  '<https://r.example.evil.net/>; rel="next"',
  '<http://r.example/v2/>; rel="next"',
  '<https://user:pw@r.example/>; rel="next"',
  `<?${'a'.repeat(5000)}>; rel="next"`,
]) {
  test(`security row 21: the next page at ${link.slice(0, 40)} is not read`, async () => {
    let requests = 0;
    const handler: FakeHandler = () => {
      requests++;
      return indexResponse([], { link });
    };
    await assert.rejects(list(handler), code('OCI_REFERRERS_INVALID'));
    assert.equal(requests, 1);
  });
}

test('links of another relation do not lead on', async () => {
  const link = '<?a>; rel="prev", <?b>; title="x; rel=next"; rel="last"';
  let requests = 0;
  const handler: FakeHandler = ({ url }) => {
    requests++;
    return indexResponse([], url.search === '' ? { link } : {});
  };
  await list(handler);
  assert.ok(requests <= 2);
});

test('a registry without the API has its referrers in the tag', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const index = encodeManifest({
    kind: 'index',
    mediaType: MEDIA_TYPE.imageIndex,
    manifests: [entry('a'), entry('b', 'other/type')],
  });
  registry.add('a/b', index, { mediaType: MEDIA_TYPE.imageIndex, tag: TAG });
  assert.deepEqual(await list(registry.handler, SIGNATURE), [entry('a')]);
});

test('a page of something else where the API should be is no API', async () => {
  const registry = hostileRegistry({
    intercept: (request) =>
      isReferrers(request)
        ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }
        : undefined,
  });
  const index = encodeManifest({
    kind: 'index',
    mediaType: MEDIA_TYPE.imageIndex,
    manifests: [entry('a')],
  });
  registry.add('a/b', index, { mediaType: MEDIA_TYPE.imageIndex, tag: TAG });
  assert.deepEqual(await list(registry.handler), [entry('a')]);
});

test('a registry without the API and without the tag has no referrers', async () => {
  assert.deepEqual(await list(hostileRegistry({ referrersApi: false }).handler), []);
});

test('a tag that names the subject itself, or no index, lists no referrers', async () => {
  for (const named of [subject, imageManifest('another')]) {
    const registry = hostileRegistry({ referrersApi: false });
    registry.add('a/b', named.bytes, { mediaType: MEDIA_TYPE.imageManifest, tag: TAG });
    assert.deepEqual(await list(registry.handler), []);
  }
});

const FAULTS: readonly (readonly [string, ReturnType<typeof registryFailure>, OciErrorCode])[] = [
  ['an unknown repository', registryFailure(404, 'NAME_UNKNOWN'), 'OCI_NOT_FOUND'],
  ['401', registryFailure(401, 'UNAUTHORIZED'), 'OCI_UNAUTHORIZED'],
  ['403', registryFailure(403, 'DENIED'), 'OCI_FORBIDDEN'],
  ['400', registryFailure(400, 'UNSUPPORTED'), 'OCI_REQUEST_REJECTED'],
  ['429', registryFailure(429, 'TOOMANYREQUESTS'), 'OCI_RATE_LIMITED'],
  ['500', registryFailure(500, 'UNKNOWN'), 'OCI_REGISTRY_UNAVAILABLE'],
  ['503', registryFailure(503, 'UNAVAILABLE'), 'OCI_REGISTRY_UNAVAILABLE'],
];

for (const [what, answer, expected] of FAULTS) {
  test(`security row 24: ${what} from the referrers API is an error, not an empty list`, async () => {
    const registry = hostileRegistry({
      intercept: (request) => (isReferrers(request) ? answer : undefined),
    });
    await assert.rejects(list(registry.handler), code(expected));
  });
  if (answer.status === 404) continue;
  test(`security row 24: ${what} from the referrers tag is an error, not an empty list`, async () => {
    const registry = hostileRegistry({
      referrersApi: false,
      intercept: (request) => (isReferrers(request) ? undefined : answer),
    });
    await assert.rejects(list(registry.handler), code(expected));
  });
}

for (const body of [
  '',
  '[]',
  '{}',
  '{"a":1}',
  '{"manifests":{}}',
  '{"manifests":[{}]}',
  '{"manifests":[1]}',
  '{"a":1,"a":1}',
]) {
  test(`a list of referrers that is ${JSON.stringify(body)} is an error`, async () => {
    const headers = { 'content-type': MEDIA_TYPE.imageIndex };
    await assert.rejects(
      list(() => ({ status: 200, headers, body })),
      code('OCI_REFERRERS_INVALID'),
    );
    const registry = hostileRegistry({ referrersApi: false });
    registry.add('a/b', Buffer.from(body), { mediaType: MEDIA_TYPE.imageIndex, tag: TAG });
    await assert.rejects(list(registry.handler), code('OCI_REFERRERS_INVALID'));
  });
}

test('a list of referrers that is null, as Go writes an empty one, is empty', async () => {
  const body = '{"schemaVersion":2,"manifests":null}';
  const headers = { 'content-type': MEDIA_TYPE.imageIndex };
  assert.deepEqual(await list(() => ({ status: 200, headers, body })), []);
});

for (const [what, odd] of Object.entries({
  'more annotations than are read': {
    annotations: Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`a${at}`, ''])),
  },
  'an annotation that is no text': { annotations: { a: 1 } },
  'data that is none': { data: '!' },
  'urls that are no list': { urls: 'a' },
  'a platform that is none': { platform: 1 },
})) {
  test(`security row 1: an entry with ${what} stays on the list, and hides no other`, async () => {
    const [bad, good] = [entry('bad'), entry('good')];
    const manifests = [{ ...bad, ...odd }, good];
    const body = JSON.stringify({ schemaVersion: 2, manifests });
    const headers = { 'content-type': MEDIA_TYPE.imageIndex };
    const listed = await list(() => ({ status: 200, headers, body }), SIGNATURE);
    assert.deepEqual(listed, [bad, good]);
    const registry = hostileRegistry({ referrersApi: false });
    registry.add('a/b', Buffer.from(body), { mediaType: MEDIA_TYPE.imageIndex, tag: TAG });
    assert.deepEqual(await list(registry.handler, SIGNATURE), [bad, good]);
  });
}

test('an entry whose artifact type is no text is of no type', async () => {
  const [bad, good] = [imageManifest('bad').descriptor, entry('good')];
  const manifests = [{ ...bad, artifactType: 1 }, good];
  const body = JSON.stringify({ schemaVersion: 2, manifests });
  const headers = { 'content-type': MEDIA_TYPE.imageIndex };
  assert.deepEqual(await list(() => ({ status: 200, headers, body })), [bad, good]);
});

test('a later page that fails is an error', async () => {
  const failing: readonly (readonly [ReturnType<typeof registryFailure>, OciErrorCode])[] = [
    [registryFailure(404, 'X'), 'OCI_NOT_FOUND'],
    [registryFailure(500, 'X'), 'OCI_REGISTRY_UNAVAILABLE'],
    [{ status: 200, headers: { 'content-type': 'text/html' } }, 'OCI_REFERRERS_INVALID'],
    [
      { status: 200, headers: { 'content-type': MEDIA_TYPE.imageIndex }, body: '{"a":1}' },
      'OCI_REFERRERS_INVALID',
    ],
  ];
  for (const [answer, expected] of failing) {
    const handler: FakeHandler = ({ url }) =>
      url.search === '?page=2'
        ? answer
        : indexResponse([entry('a')], { link: '<?page=2>; rel="next"' });
    await assert.rejects(list(handler), code(expected));
  }
});

test('the tag of a subject is its digest with a dash, cut to what a tag may hold', () => {
  assert.match(TAG, /^sha256-[0-9a-f]{64}$/);
  const digest = `sha512:${'ab'.repeat(64)}`;
  assert.equal(referrersTag({ ...subject.descriptor, digest }), `sha512-${'ab'.repeat(32)}`);
  assert.equal(describeContent(subject.bytes, 'a/b').digest, subject.descriptor.digest);
});
