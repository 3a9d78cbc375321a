// Tags of what is named by another digest than SHA-256.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeRequest, FakeResponse } from '@nv2/testkit';
import { digestOf } from '../src/verified-reader.ts';
import { code, imageManifest, repositoryOf } from './world.ts';

const { bytes, descriptor } = imageManifest('an image');
const LONG = { ...descriptor, digest: digestOf(bytes, 'sha512') };

/** Pushes under a tag, and tells by which paths; the answers are a registry's. */
async function paths(
  answer: (request: FakeRequest) => FakeResponse,
  pushed = LONG,
): Promise<readonly string[]> {
  const asked: string[] = [];
  const target = repositoryOf((request) => {
    const { method, url } = request;
    asked.push(`${method} ${url.pathname.replace('/v2/a/b/manifests/', '')}${url.search}`);
    return answer(request);
  });
  await target.pushManifest(bytes, pushed, { tag: 'v1' });
  return asked;
}

const created = (digest: string, more: Readonly<Record<string, string>> = {}): FakeResponse => ({
  status: 201,
  headers: { 'docker-content-digest': digest, ...more },
});

test('a manifest is tagged under its own digest where a registry can do so', async () => {
  const tagged = await paths(() => created(LONG.digest, { 'oci-tag': 'other, v1' }));
  assert.deepEqual(tagged, [`PUT ${LONG.digest}?tag=v1`]);
  const usual = await paths(() => created(descriptor.digest), descriptor);
  assert.deepEqual(usual, ['PUT v1']);
});

test('a registry that names by SHA-256 what it is given by a tag tells no lie', async () => {
  const answer = ({ url }: FakeRequest): FakeResponse =>
    created(url.pathname.endsWith('/v1') ? descriptor.digest : LONG.digest);
  assert.deepEqual(await paths(answer), [`PUT ${LONG.digest}?tag=v1`, 'PUT v1']);
});

test('a digest of other content is refused, of whichever algorithm', async () => {
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const lie = digestOf(new Uint8Array(1), algorithm);
    await assert.rejects(
      paths(() => created(lie)),
      code('OCI_DIGEST_MISMATCH'),
    );
  }
  await assert.rejects(
    paths(() => created('sha256:short')),
    code('OCI_DIGEST_MISMATCH'),
  );
});
