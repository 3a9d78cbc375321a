import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withTempDir } from '@nv2/testkit';
import { bundleForBrowser } from '../scripts/browser-bundle.ts';
import { installedRuntime } from '../scripts/bun-runtime.ts';
import { assertSmallBundle } from './small-bundle.ts';

const skip = installedRuntime() === undefined ? 'the npm package of bun is not installed' : false;

describe('a bundle for browsers', { skip }, () => {
  const bundleOf = (entry: string): Promise<string> =>
    withTempDir(async (dir) => {
      await bundleForBrowser(entry, join(dir, 'bundle.js'));
      return readFile(join(dir, 'bundle.js'), 'utf8');
    });

  test('of the example stays small and needs nothing of Node', async () => {
    assertSmallBundle(await bundleOf('examples/browser/verify.ts'));
  });

  test('of all that judges signatures at hand does so too', async () => {
    assertSmallBundle(await bundleOf('packages/notary/src/judge.ts'));
  });
});
