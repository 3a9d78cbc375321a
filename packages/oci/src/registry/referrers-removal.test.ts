import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeHandler, fakeClock, type HostileRegistry, hostileRegistry } from '@nv2/testkit';
import { collect, imageManifest, repositoryOf } from '../../test/world.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { referrersTag } from './referrers-list.ts';
import type { Repository } from './repository.ts';

const SIGNATURE = 'application/vnd.cncf.notary.signature';
const subject = imageManifest('subject');
const TAG = referrersTag(subject.descriptor);
const signatureOf = (note: string): ReturnType<typeof imageManifest> =>
  imageManifest(note, { artifactType: SIGNATURE, subject: subject.descriptor });

async function signed(registry: HostileRegistry, ...notes: readonly string[]): Promise<Repository> {
  const repository = repositoryOf(registry.handler);
  for (const note of notes) {
    const { bytes, descriptor } = signatureOf(note);
    await repository.pushManifest(bytes, descriptor);
  }
  return repository;
}

async function listed(repository: Repository): Promise<string[]> {
  const found = await collect(repository.referrers(subject.descriptor));
  return found.map(({ annotations }) => annotations?.['note'] ?? '').sort();
}

const remove = (repository: Repository, note: string): Promise<readonly string[]> =>
  repository.deleteReferrer(signatureOf(note).descriptor, subject.descriptor);

for (const referrersApi of [true, false]) {
  const how = referrersApi ? 'the referrers API' : 'the referrers tag';
  test(`a referrer that is deleted is listed no more by ${how}, and the others are`, async () => {
    const registry = hostileRegistry({ referrersApi });
    const repository = await signed(registry, 'a', 'b');
    assert.deepEqual(await remove(repository, 'a'), []);
    assert.deepEqual(await listed(repository), ['b']);
    assert.equal(registry.manifests.has(`a/b@${signatureOf('a').descriptor.digest}`), false);
    await remove(repository, 'b');
    assert.deepEqual(await listed(repository), []);
    const indexes = [...registry.manifests.values()].filter(
      ({ mediaType }) => mediaType === MEDIA_TYPE.imageIndex,
    );
    assert.equal(indexes.length, referrersApi ? 0 : 1, 'outdated indexes are deleted');
  });
}

test('an entry whose manifest is gone is taken off the list', async () => {
  const registry = hostileRegistry({ referrersApi: false });
  const repository = await signed(registry, 'a', 'b');
  registry.manifests.delete(`a/b@${signatureOf('a').descriptor.digest}`);
  assert.deepEqual(await listed(repository), ['a', 'b']);
  await remove(repository, 'a');
  assert.deepEqual(await listed(repository), ['b']);
});

test('a registry that deletes nothing says so, and its list stays as it was', async () => {
  const registry = hostileRegistry({ referrersApi: false, deletes: false });
  const repository = await signed(registry, 'a');
  await assert.rejects(remove(repository, 'a'), {
    code: 'OCI_DELETION_UNSUPPORTED',
    kind: 'denied',
  });
  assert.deepEqual(await listed(repository), ['a']);
});

test('without an index there is nothing to mend, and what else has the tag stays', async () => {
  const registry = hostileRegistry();
  const repository = await signed(registry, 'a');
  const other = imageManifest('other');
  registry.add('a/b', other.bytes, { mediaType: MEDIA_TYPE.imageManifest, tag: TAG });
  await remove(repository, 'a');
  assert.equal(registry.tags.get(`a/b:${TAG}`), other.descriptor.digest);
});

/** Numbers that look random and are the same in every run. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

for (let seed = 1; seed <= 10; seed++) {
  test(`signers and deleters at the same time: none is lost, none comes back, run ${seed}`, async () => {
    const clock = fakeClock({ automatic: true });
    const random = seededRandom(seed);
    const registry = hostileRegistry({ referrersApi: false, conditional: seed % 5 === 0 });
    const old = ['old 1', 'old 2', 'old 3', 'stays'];
    await signed(registry, ...old);
    // every request takes its time, before and after it has its effect
    const handler: FakeHandler = async (request) => {
      await clock.sleep(1 + random() * 12);
      const response = await registry.handler(request);
      await clock.sleep(1 + random() * 12);
      return response;
    };
    const open = (): Repository => repositoryOf(handler, { clock, random });
    const added = Array.from({ length: 8 }, (_, at) => `new ${at}`);
    await Promise.all([
      ...added.map((note) => {
        const { bytes, descriptor } = signatureOf(note);
        return open().pushManifest(bytes, descriptor);
      }),
      ...old.slice(0, 3).map((note) => remove(open(), note)),
    ]);
    assert.deepEqual(await listed(open()), [...added, 'stays'].sort());
  });
}
