import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '@nv2/cli';
import { describeContent, encodeManifest, MEDIA_TYPE } from '@nv2/oci';
import { type FakeResponse, hostileRegistry, serveFake } from '@nv2/testkit';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const config = describeContent(bytesOf('{}'), MEDIA_TYPE.emptyJson);
const IMAGE = encodeManifest({
  kind: 'image',
  mediaType: MEDIA_TYPE.imageManifest,
  config,
  layers: [],
});
const CONTENT = bytesOf('a manifest');
const LISTED = {
  ...describeContent(CONTENT, MEDIA_TYPE.imageManifest),
  artifactType: 'application/vnd.cncf.notary.signature',
};

test('what a registry embeds in its list is no part of the list that is printed', async () => {
  const data = Buffer.from(CONTENT).toString('base64');
  const index = { schemaVersion: 2, manifests: [{ ...LISTED, data }] };
  const registry = hostileRegistry({
    intercept: ({ url }): FakeResponse | undefined =>
      url.pathname.includes('/referrers/')
        ? {
            status: 200,
            headers: { 'content-type': MEDIA_TYPE.imageIndex },
            body: bytesOf(JSON.stringify(index)),
          }
        : undefined,
  });
  registry.add('app', IMAGE, { mediaType: MEDIA_TYPE.imageManifest, tag: 'v1' });
  const server = await serveFake(registry.handler);
  const said: unknown[] = [];
  try {
    const code = await run({
      program: 'nv2',
      args: ['list', '-o', 'json', `${server.host}/app:v1`],
      env: { HOME: '/nowhere' },
      cwd: '/',
      stdin: { isTTY: false, async *[Symbol.asyncIterator]() {} },
      stdout: { isTTY: false, write: (text) => void said.push(text) },
      stderr: { isTTY: false, write: () => undefined },
      now: () => new Date(),
      zoneOffset: () => 0,
      signal: new AbortController().signal,
    });
    assert.equal(code, 0);
  } finally {
    await server.close();
  }
  assert.deepEqual(JSON.parse(said.join('')).signatures, [LISTED]);
});
