import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeUtf8 } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { describeContent, encodeManifest, MEDIA_TYPE, openRepository } from '@nv2/oci';
import { hostileRegistry, serveFake, withTempDir } from '@nv2/testkit';
import { finish } from './process-outcome.ts';
import { PROGRAMS } from './program-under-test.ts';

for (const [signals, expected] of [
  [['SIGINT'], 130],
  [['SIGTERM'], 130],
  // of a terminal that is closed both the system and the shell tell
  [['SIGHUP', 'SIGHUP'], 129],
] as const) {
  test(`copy ends with ${expected} on ${signals.join(' and ')} in the middle of a blob, and leaves no file behind`, () =>
    interruptedCopy(signals, expected));
}

async function interruptedCopy(
  signals: readonly NodeJS.Signals[],
  expected: number,
): Promise<void> {
  const layer = new Uint8Array(1_000_000);
  const descriptor = describeContent(layer, 'application/vnd.oci.image.layer.v1.tar');
  let begun = (): void => undefined;
  const underWay = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const registry = hostileRegistry({
    intercept: ({ method, url }) => {
      if (method !== 'GET' || !url.pathname.endsWith(`/blobs/${descriptor.digest}`)) {
        return undefined;
      }
      begun();
      const headers = { 'content-length': String(layer.length) };
      return { status: 200, headers, body: layer.subarray(0, 100_000), stall: 'body' };
    },
  });
  const server = await serveFake(registry.handler);
  const transport = nodeTransport({});
  try {
    const client = createHttpClient({ transport, userAgent: 'test' });
    const repository = openRepository({ registry: server.host, repository: 'app' }, { client });
    const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
    await repository.pushBlob(encodeUtf8('{}'), config);
    await repository.pushBlob(layer, descriptor);
    const mediaType = MEDIA_TYPE.imageManifest;
    const manifest = encodeManifest({ kind: 'image', mediaType, config, layers: [descriptor] });
    await repository.pushManifest(manifest, describeContent(manifest, mediaType), { tag: 'v1' });
    await withTempDir(async (dir) => {
      const args = ['copy', '--to-oci-layout', `${server.host}/app:v1`, 'layout:v1'];
      const env = { PATH: process.env['PATH'], HOME: dir, NOTATION_CONFIG: join(dir, 'config') };
      const child = spawn(join(PROGRAMS, 'nv2'), args, { cwd: dir, env });
      const ended = finish(child);
      await Promise.race([underWay, ended]);
      for (const signal of signals) child.kill(signal);
      const { code, stdout } = await ended;
      assert.equal(code, expected);
      assert.equal(stdout, '');
      // a blob that came whole may be there; nothing names it
      const files = await filesIn(join(dir, 'layout'));
      const whole = join('blobs', config.digest.replace(':', '/'));
      assert.deepEqual(
        files.filter((name) => name !== whole),
        [],
      );
    });
  } finally {
    transport.close();
    await server.close();
  }
}

async function filesIn(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => ((await stat(join(path, name))).isFile() ? [name] : [])),
  );
  return files.flat();
}
