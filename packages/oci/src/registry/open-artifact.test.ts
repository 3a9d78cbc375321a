import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpClient } from '@nv2/http';
import { fakeTransport } from '@nv2/testkit';
import { openArtifact } from './open-artifact.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;

test('an artifact is known by its name, its repository and its version, the digest before the tag', () => {
  for (const [reference, version] of [
    ['registry.example.com/team/app:v1', 'v1'],
    [`registry.example.com/team/app@${DIGEST}`, DIGEST],
    [`registry.example.com/team/app:v1@${DIGEST}`, DIGEST],
  ] as const) {
    const artifact = openArtifact(reference);
    assert.equal(artifact.reference, reference);
    assert.equal(artifact.scope, 'registry.example.com/team/app');
    assert.equal(artifact.version, version);
  }
});

test('a name without version, or that is none, is refused before anything is sent', () => {
  for (const reference of ['registry.example.com/app', '', 'app', 'a b/c:v1']) {
    assert.throws(() => openArtifact(reference), { code: 'OCI_REFERENCE_INVALID' }, reference);
  }
});

test('the client that is given is the one that is used', async () => {
  const asked: string[] = [];
  const transport = fakeTransport(({ url }) => {
    asked.push(url.href);
    return { status: 404 };
  });
  const client = createHttpClient({ transport });
  const { source, version } = openArtifact('registry.example.com/app:v1', { client });
  await assert.rejects(source.resolve(version), { code: 'OCI_NOT_FOUND' });
  assert.deepEqual(asked, ['https://registry.example.com/v2/app/manifests/v1']);
});
