import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { withTempDir } from '@nv2/testkit';
import { bundleForBrowser } from '../scripts/browser-bundle.ts';
import { installedRuntime } from '../scripts/bun-runtime.ts';

const MAX_BUNDLE_BYTES_GZIPPED = 60_000;

const skip = installedRuntime() === undefined ? 'the npm package of bun is not installed' : false;

describe('a bundle for browsers', { skip }, () => {
  const bundleOf = (entry: string): Promise<string> =>
    withTempDir(async (dir) => {
      await bundleForBrowser(entry, join(dir, 'bundle.js'));
      return readFile(join(dir, 'bundle.js'), 'utf8');
    });

  test('of the example stays small and needs nothing of Node', async () => {
    const bundle = await bundleOf('examples/browser/verify.ts');
    const { length } = gzipSync(bundle, { level: 9 });
    assert.ok(length <= MAX_BUNDLE_BYTES_GZIPPED, `${length} bytes gzipped`);
    assert.doesNotMatch(bundle, /["'`]node:/);
  });

  test('of what judges signatures at hand needs nothing of Node, whatever is used of it', async () => {
    assert.doesNotMatch(await bundleOf('packages/notary/src/judge.ts'), /["'`]node:/);
  });
});
