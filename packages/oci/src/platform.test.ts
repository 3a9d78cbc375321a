import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OciError } from './errors.ts';
import { selectPlatform } from './platform.ts';

test('a platform that is none is quoted in the message, one that is is not', () => {
  const content = { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 2 };
  const manifests = ['linux', 'a\nSuccessfully verified'].map((os) => ({
    ...content,
    platform: { os, architecture: 'amd64' },
  }));
  assert.throws(
    () => selectPlatform({ os: 'linux', architecture: 'arm64' }, manifests),
    (error: unknown) =>
      error instanceof OciError &&
      error.message.endsWith('it has linux/amd64, "a\\nSuccessfully verified/amd64"'),
  );
});
