import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import type { Descriptor } from '../src/descriptor.ts';
import { readArtifactTree } from '../src/graph/tree.ts';
import { openLayout } from '../src/layout/directory.ts';
import { encodeManifest } from '../src/manifest.ts';
import { MEDIA_TYPE } from '../src/media-types.ts';
import { describeContent } from '../src/verified-reader.ts';
import { imageManifest } from './world.ts';

test('a tree shows how its parts are listed, and not the content that an entry embeds', async () => {
  await withTempDir(async (dir) => {
    const layout = await openLayout(dir, { create: true });
    const platform = { os: 'linux', architecture: 'arm64' };
    const child = imageManifest('a child');
    const manifests = [{ ...child.descriptor, platform, data: child.bytes }];
    const bytes = encodeManifest({ kind: 'index', mediaType: MEDIA_TYPE.imageIndex, manifests });
    const root = describeContent(bytes, MEDIA_TYPE.imageIndex);
    const referrer = imageManifest('a referrer', { subject: root });
    for (const one of [child, { bytes, descriptor: root }, referrer]) {
      await layout.pushManifest(one.bytes, one.descriptor);
    }
    const gone = imageManifest('gone', { subject: root });
    const source = {
      resolve: (reference: string) => layout.resolve(reference),
      fetchManifest: (descriptor: Descriptor) => layout.fetchManifest(descriptor),
      fetchBlob: () => assert.fail('no blob is read'),
      async *referrers({ digest }: Descriptor) {
        if (digest !== root.digest) return;
        yield { ...referrer.descriptor, data: referrer.bytes };
        yield { ...gone.descriptor, data: gone.bytes };
      },
    };
    const { children, referrers, leftOut } = await readArtifactTree(source, root);
    assert.deepEqual(
      children.map(({ descriptor }) => descriptor),
      [{ ...child.descriptor, platform }],
    );
    assert.deepEqual(
      [...referrers, ...leftOut].map(({ descriptor }) => descriptor),
      [referrer.descriptor, gone.descriptor],
    );
  });
});
