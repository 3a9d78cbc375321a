import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpClient, nodeTransport } from '@nv2/http';
import {
  type FakeHandler,
  type FakeRequest,
  fakeClock,
  type HostileRegistry,
  hostileRegistry,
  registryFailure,
  serveFake,
} from '@nv2/testkit';
import { code, collect, imageManifest, repositoryOf } from '../../test/world.ts';
import type { PushResult } from '../artifact.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { referrersTag } from './referrers-list.ts';
import { openRepository, type Repository } from './repository.ts';

const SIGNATURE = 'application/vnd.cncf.notary.signature';
const SIGNERS = 20;
const subject = imageManifest('subject');
const TAG = referrersTag(subject.descriptor);

function sign(
  repository: Repository,
  note: string,
  forceReferrersTag = false,
): Promise<PushResult> {
  const signature = imageManifest(note, { artifactType: SIGNATURE, subject: subject.descriptor });
  return repository.pushManifest(signature.bytes, signature.descriptor, { forceReferrersTag });
}

async function listed(repository: Repository): Promise<string[]> {
  const options = { artifactType: SIGNATURE };
  const found = await collect(repository.referrers(subject.descriptor, options));
  return found.map(({ annotations }) => annotations?.['note'] ?? '').sort();
}

/** Numbers that look random and are the same in every run. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const notes = Array.from({ length: SIGNERS }, (_, at) => `signer ${at}`).sort();
const indexes = ({ manifests }: HostileRegistry): number =>
  [...manifests.values()].filter(({ mediaType }) => mediaType === MEDIA_TYPE.imageIndex).length;

test('a registry that does not honour the subject gets an index under the tag', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const repository = repositoryOf(registry.handler);
  assert.deepEqual(await sign(repository, 'a'), { referrers: 'tag', warnings: [] });
  assert.deepEqual(await sign(repository, 'b'), { referrers: 'tag', warnings: [] });
  assert.deepEqual(await listed(repository), ['a', 'b']);
  assert.ok(registry.tags.has(`a/b:${TAG}`));
  assert.equal(indexes(registry), 1, 'the outdated index is deleted');
});

test('signing again the same leaves one entry', async () => {
  const repository = repositoryOf(hostileRegistry({ referrersApi: false }).handler);
  await sign(repository, 'a');
  await sign(repository, 'a');
  assert.deepEqual(await listed(repository), ['a']);
});

test('a registry that honours the subject gets no tag, unless it is asked for', async () => {
  const registry = hostileRegistry();
  const repository = repositoryOf(registry.handler);
  await sign(repository, 'a');
  assert.equal(registry.tags.size, 0);
  assert.deepEqual(await sign(repository, 'b', true), { referrers: 'api', warnings: [] });
  assert.ok(registry.tags.has(`a/b:${TAG}`));
});

test('a registry that says to have indexed another subject did not honour this one', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const handler: FakeHandler = async (request) => {
    const response = await registry.handler(request);
    const oci = { 'oci-subject': `sha256:${'0'.repeat(64)}` };
    return { ...response, headers: { ...response.headers, ...oci } };
  };
  assert.equal((await sign(repositoryOf(handler), 'a')).referrers, 'tag');
});

test('an index that cannot be deleted is a warning', async () => {
  const registry = hostileRegistry({ referrersApi: false, deletes: false });
  const repository = repositoryOf(registry.handler);
  assert.deepEqual((await sign(repository, 'a')).warnings, []);
  const warnings = ['OCI_REFERRERS_INDEX_NOT_DELETED'];
  assert.deepEqual(await sign(repository, 'b'), { referrers: 'tag', warnings });
  assert.deepEqual(await listed(repository), ['a', 'b']);
});

test('a tag that names something else than an index is not overwritten', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const other = imageManifest('other');
  registry.add('a/b', other.bytes, { mediaType: MEDIA_TYPE.imageManifest, tag: TAG });
  await assert.rejects(sign(repositoryOf(registry.handler), 'a'), code('OCI_REFERRERS_INVALID'));
  assert.equal(registry.tags.get(`a/b:${TAG}`), other.descriptor.digest);
});

test('a registry that fails while the index is read or written fails the signing', async () => {
  for (const method of ['GET', 'PUT']) {
    const registry = hostileRegistry({
      referrersApi: false,
      intercept: ({ url, method: asked }: FakeRequest) =>
        asked === method && url.pathname.endsWith(TAG) ? registryFailure(500, 'X') : undefined,
    });
    const signed = sign(repositoryOf(registry.handler), 'a');
    await assert.rejects(signed, code('OCI_REGISTRY_UNAVAILABLE'));
  }
});

test('an entry that does not stay is an error, not a success', async () => {
  const registry = hostileRegistry({
    referrersApi: false,
    // takes every index and keeps none
    intercept: ({ url, method }: FakeRequest) =>
      method === 'PUT' && url.pathname.endsWith(TAG) ? { status: 201 } : undefined,
  });
  await assert.rejects(sign(repositoryOf(registry.handler), 'a'), code('OCI_REFERRERS_CONFLICT'));
});

test('a writer that was replaced between writing and looking merges and writes again', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const other = repositoryOf(registry.handler);
  let replaced = false;
  const handler: FakeHandler = async (request) => {
    const response = await registry.handler(request);
    if (request.method === 'PUT' && request.url.pathname.endsWith(TAG) && !replaced) {
      replaced = true;
      registry.tags.delete(`a/b:${TAG}`);
      await sign(other, 'other');
    }
    return response;
  };
  await sign(repositoryOf(handler), 'first');
  assert.deepEqual(await listed(other), ['first', 'other']);
});

test('entries that another writer dropped by accident come back', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const repository = repositoryOf(registry.handler);
  await sign(repository, 'old');
  let dropped = false;
  const handler: FakeHandler = async (request) => {
    const response = await registry.handler(request);
    if (request.method === 'PUT' && request.url.pathname.endsWith(TAG) && !dropped) {
      dropped = true;
      registry.tags.delete(`a/b:${TAG}`);
    }
    return response;
  };
  await sign(repositoryOf(handler), 'new');
  assert.deepEqual(await listed(repository), ['new', 'old']);
});

for (let seed = 1; seed <= 10; seed++) {
  test(`twenty signers at the same time lose none, run ${seed}`, async () => {
    const clock = fakeClock({ automatic: true });
    const random = seededRandom(seed);
    const registry = hostileRegistry({ referrersApi: false, conditional: seed % 5 === 0 });
    // every request takes its time, before and after it has its effect
    const handler: FakeHandler = async (request) => {
      await clock.sleep(1 + random() * 12);
      const response = await registry.handler(request);
      await clock.sleep(1 + random() * 12);
      return response;
    };
    const open = (): Repository => repositoryOf(handler, { clock, random });
    const results = await Promise.all(notes.map((note) => sign(open(), note)));
    assert.ok(results.every(({ referrers }) => referrers === 'tag'));
    assert.deepEqual(await listed(open()), notes);
  });
}

test('twenty signers of one client follow each other', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const repository = repositoryOf(registry.handler);
  await Promise.all(notes.map((note) => sign(repository, note)));
  assert.deepEqual(await listed(repository), notes);
  const writes = registry.requests.filter(
    ({ method, url }) => method === 'PUT' && url.pathname.endsWith(TAG),
  );
  assert.equal(writes.length, SIGNERS);
});

test('twenty signers over sockets lose none', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const server = await serveFake(registry.handler);
  const transport = nodeTransport();
  const client = createHttpClient({ transport, userAgent: 'test/1' });
  const open = (): Repository =>
    openRepository({ registry: server.host, repository: 'a/b' }, { client });
  try {
    await Promise.all(notes.map((note) => sign(open(), note)));
    assert.deepEqual(await listed(open()), notes);
  } finally {
    transport.close();
    await server.close();
  }
});
