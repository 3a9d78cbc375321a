import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OciError } from './errors.ts';
import { manifestsFor, parsePlatform, selectPlatform } from './platform.ts';

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

const listed = (text: string, digit: string) => {
  const [os = '', architecture = '', variant] = text.split('/');
  const digest = `sha256:${digit.repeat(64)}`;
  const platform = { os, architecture, ...(variant !== undefined && { variant }) };
  return { mediaType: 'a/b', digest, size: 2, platform };
};

function isFor(wanted: string, text: string): boolean {
  const platform = parsePlatform(wanted);
  assert.ok(platform);
  return manifestsFor(platform, [listed(text, '0')]).length === 1;
}

test('a platform is what container runtimes take it for', () => {
  for (const [wanted, ...same] of [
    ['linux/amd64', 'linux/amd64', 'Linux/AMD64', 'linux/x86_64', 'linux/x86-64', 'linux/amd64/v3'],
    ['linux/amd64/v1', 'linux/amd64', 'linux/x86_64'],
    ['linux/arm64', 'linux/arm64/v8', 'linux/aarch64', 'linux/arm64/8', 'linux/arm64/v9'],
    ['linux/arm64/v8', 'linux/arm64', 'linux/aarch64/v8.0'],
    ['linux/arm/v7', 'linux/arm', 'linux/arm/7', 'linux/armhf'],
    ['linux/arm/v6', 'linux/armel', 'linux/arm/6'],
    ['linux/x86_64', 'linux/amd64', 'linux/x86-64'],
    ['linux/386', 'linux/i386'],
    ['linux/i386', 'linux/386'],
    ['linux/armhf', 'linux/arm', 'linux/arm/v7'],
    ['darwin/arm64', 'macos/arm64'],
  ] as const) {
    for (const text of same) assert.ok(isFor(wanted, text), `${wanted} ${text}`);
  }
  for (const [wanted, ...others] of [
    ['linux/amd64', 'windows/amd64', 'linux/arm64', '/amd64', 'unknown/unknown'],
    ['linux/amd64/v2', 'linux/amd64', 'linux/amd64/v3'],
    ['linux/arm/v6', 'linux/arm', 'linux/armhf', 'linux/arm64/v6'],
    ['linux/arm64/v8', 'linux/arm64/v9', 'linux/arm/v8'],
    ['linux/armhf', 'linux/arm/v6', 'linux/arm/v5', 'linux/armel'],
    ['linux/armel', 'linux/arm', 'linux/arm/v7'],
  ] as const) {
    for (const text of others) assert.ok(!isFor(wanted, text), `${wanted} ${text}`);
  }
});

test('security row 10: another manifest that a runtime may take for the platform makes it ambiguous', () => {
  const good = listed('linux/amd64', '1');
  const platform = { os: 'linux', architecture: 'amd64' };
  for (const text of ['linux/x86_64', 'LINUX/amd64', '/amd64', '/x86_64']) {
    const rival = listed(text, '2');
    assert.throws(() => selectPlatform(platform, [rival, good]), /2 manifests for linux\/amd64/);
    // the same manifest under two names is no other
    assert.equal(selectPlatform(platform, [good, { ...rival, digest: good.digest }]), good);
  }
  assert.throws(() => selectPlatform(platform, [listed('/amd64', '2')]), OciError);
});
