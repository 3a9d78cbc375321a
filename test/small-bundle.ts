import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';

const MAX_BUNDLE_BYTES_GZIPPED = 60_000;

/** A bundle for browsers is small and names no module of Node. */
export function assertSmallBundle(bundle: string): void {
  const { length } = gzipSync(bundle, { level: 9 });
  assert.ok(length <= MAX_BUNDLE_BYTES_GZIPPED, `${length} bytes gzipped`);
  assert.doesNotMatch(bundle, /["'`]node:/);
}
