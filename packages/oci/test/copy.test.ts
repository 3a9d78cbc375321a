import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHttpClient } from '@nv2/http';
import {
  fakeClock,
  fakeTransport,
  type HostileRegistryOptions,
  hostileRegistry,
  withTempDir,
} from '@nv2/testkit';
import type { StreamingSource } from '../src/artifact.ts';
import type { Descriptor } from '../src/descriptor.ts';
import { type CopyOptions, copyArtifact } from '../src/graph/copy.ts';
import { type Layout, openLayout } from '../src/layout/directory.ts';
import { blobPath } from '../src/layout/layout-reader.ts';
import { encodeManifest, isManifestMediaType, parseManifest } from '../src/manifest.ts';
import { MEDIA_TYPE } from '../src/media-types.ts';
import { openRepository, type Repository } from '../src/registry/repository.ts';
import { describeContent } from '../src/verified-reader.ts';
import { code, collect, imageManifest } from './world.ts';

const SIGNATURE = 'application/vnd.cncf.notary.signature';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const EMPTY = describeContent(bytesOf('{}'), MEDIA_TYPE.emptyJson);
const LAYER = bytesOf('a layer');
const layer = describeContent(LAYER, 'application/vnd.oci.image.layer.v1.tar');
const FOREIGN: Descriptor = {
  ...describeContent(
    bytesOf('elsewhere'),
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  ),
  urls: ['https://example.com/layer'],
};

const amd64 = imageManifest('amd64', { layers: [layer, FOREIGN] });
const arm64 = imageManifest('arm64', { layers: [layer] });
const indexBytes = encodeManifest({
  kind: 'index',
  mediaType: MEDIA_TYPE.imageIndex,
  manifests: [amd64.descriptor, arm64.descriptor],
});
const index = { bytes: indexBytes, descriptor: describeContent(indexBytes, MEDIA_TYPE.imageIndex) };
const signatureOf = (subject: Descriptor, note: string): ReturnType<typeof imageManifest> =>
  imageManifest(note, { artifactType: SIGNATURE, subject });
const rootSignature = signatureOf(index.descriptor, 'of the index');
const childSignature = signatureOf(arm64.descriptor, 'of a child');
const countersignature = signatureOf(rootSignature.descriptor, 'of the signature');
const REFERRERS = [rootSignature, childSignature, countersignature];

/** A layout with an index of two images, each part signed. */
async function withSource(use: (source: Layout, dir: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const root = join(dir, 'source');
    const source = await openLayout(root, { create: true });
    await source.pushBlob(bytesOf('{}'), EMPTY);
    await source.pushBlob(LAYER, layer);
    for (const { bytes, descriptor } of [amd64, arm64, ...REFERRERS]) {
      await source.pushManifest(bytes, descriptor);
    }
    await source.pushManifest(index.bytes, index.descriptor, { tag: 'v1' });
    await use(source, dir);
  });
}

/** A repository of a registry that refuses a manifest whose parts it does not have. */
function strictTarget(options: HostileRegistryOptions = {}): {
  readonly registry: ReturnType<typeof hostileRegistry>;
  readonly target: Repository;
} {
  const registry = hostileRegistry({
    ...options,
    intercept: (request) => {
      if (request.method === 'PUT' && request.url.pathname.includes('/manifests/')) {
        assertWhole(request.body, request.headers['content-type'] ?? '');
      }
      return options.intercept?.(request);
    },
  });
  function assertWhole(bytes: Uint8Array, mediaType: string): void {
    if (/sha256-/.test(registry.requests.at(-1)?.url.pathname ?? '')) return;
    const manifest = parseManifest(bytes, mediaType);
    const parts = manifest.kind === 'index' ? manifest.manifests : [EMPTY];
    for (const { digest, mediaType: type } of parts) {
      const there = isManifestMediaType(type)
        ? registry.manifests.has(`a/b@${digest}`)
        : registry.blobs.has(digest);
      assert.ok(there, `${digest} is not there`);
    }
  }
  const client = createHttpClient({
    transport: fakeTransport(registry.handler),
    userAgent: 'test/1',
    clock: fakeClock({ automatic: true }),
  });
  const clock = fakeClock({ automatic: true });
  const target = openRepository(
    { registry: 'r.example', repository: 'a/b' },
    { client, clock, random: () => 0 },
  );
  return { registry, target };
}

async function signaturesIn(source: StreamingSource, subject: Descriptor): Promise<string[]> {
  const found = await collect(source.referrers(subject, { artifactType: SIGNATURE }));
  return found.map(({ digest }) => digest);
}

for (const referrersApi of [true, false]) {
  const how = referrersApi ? 'the referrers API' : 'the referrers tag';
  test(`an index is copied with every signature, found there by ${how}`, async () => {
    await withSource(async (source, dir) => {
      const { target } = strictTarget({ referrersApi });
      const report = await copyArtifact(source, target, index.descriptor, { tag: 'v2' });
      assert.equal((await target.resolve('v2')).digest, index.descriptor.digest);
      assert.deepEqual(report.blobs, { present: 0, mounted: 0, sent: 2 });
      assert.equal(report.bytesSent, 2 + LAYER.length);
      assert.equal(report.manifests.length, 6);
      assert.deepEqual(
        report.referrers.map(({ digest }) => digest).sort(),
        REFERRERS.map(({ descriptor }) => descriptor.digest).sort(),
      );
      assert.deepEqual(
        report.foreignLayers.map(({ digest }) => digest),
        [FOREIGN.digest],
      );
      const back = await openLayout(join(dir, 'back'), { create: true });
      await copyArtifact(target, back, await target.resolve('v2'), { tag: 'v3' });
      for (const place of [target, back]) {
        assert.deepEqual(await signaturesIn(place, index.descriptor), [
          rootSignature.descriptor.digest,
        ]);
        assert.deepEqual(await signaturesIn(place, arm64.descriptor), [
          childSignature.descriptor.digest,
        ]);
        assert.deepEqual(await signaturesIn(place, rootSignature.descriptor), [
          countersignature.descriptor.digest,
        ]);
      }
    });
  });
}

test('what the target has is not sent again', async () => {
  await withSource(async (source) => {
    const { registry, target } = strictTarget();
    await copyArtifact(source, target, index.descriptor, { tag: 'v1' });
    registry.requests.length = 0;
    const report = await copyArtifact(source, target, index.descriptor, { tag: 'v1' });
    assert.deepEqual(report.blobs, { present: 2, mounted: 0, sent: 0 });
    const uploads = registry.requests.filter(({ url }) => url.pathname.includes('/uploads/'));
    assert.deepEqual(uploads, []);
    const puts = registry.requests.filter(({ method }) => method === 'PUT');
    // the tag, and the signatures so that they are sure to be listed
    assert.equal(puts.length, 1 + REFERRERS.length);
  });
});

test('the tag comes last: until then the target has the artifact under its old name', async () => {
  await withSource(async (source) => {
    const { registry, target } = strictTarget();
    await copyArtifact(source, target, index.descriptor, { tag: 'v1' });
    const puts = registry.requests.filter(({ method }) => method === 'PUT');
    assert.match(puts.at(-1)?.url.pathname ?? '', /\/manifests\/v1$/);
    assert.equal(puts.filter(({ url }) => url.pathname.endsWith('/v1')).length, 1);
  });
});

test('a blob is taken over from another repository of the same registry', async () => {
  const asked: string[] = [];
  const { target, registry } = strictTarget({
    intercept: ({ method, url }) => {
      if (method !== 'POST' || !url.searchParams.has('mount')) return undefined;
      const digest = url.searchParams.get('mount') ?? '';
      asked.push(`${digest} from ${url.searchParams.get('from')}`);
      registry.blobs.set(digest, digest === layer.digest ? LAYER : bytesOf('{}'));
      return { status: 201 };
    },
  });
  await withSource(async (layout) => {
    const source: StreamingSource = {
      repository: { registry: 'r.example', repository: 'x/y' },
      resolve: (reference) => layout.resolve(reference),
      fetchManifest: (descriptor) => layout.fetchManifest(descriptor),
      fetchBlob: (descriptor, options) => layout.fetchBlob(descriptor, options),
      readBlob: () => assert.fail('nothing has to be read'),
      referrers: (subject, options) => layout.referrers(subject, options),
    };
    const report = await copyArtifact(source, target, index.descriptor);
    assert.deepEqual(report.blobs, { present: 0, mounted: 2, sent: 0 });
    assert.deepEqual(asked.sort(), [EMPTY, layer].map((one) => `${one.digest} from x/y`).sort());
  });
});

test('an upload that breaks off begins again, and is whole', async () => {
  await withSource(async (source) => {
    let failures = 0;
    const { target, registry } = strictTarget({
      intercept: ({ method, url }) =>
        method === 'PUT' && url.pathname.includes('/uploads/') && failures++ < 2
          ? { status: 503 }
          : undefined,
    });
    await copyArtifact(source, target, arm64.descriptor);
    assert.deepEqual(Buffer.from(registry.blobs.get(layer.digest) ?? []), Buffer.from(LAYER));
    const begun = registry.requests.filter(({ method }) => method === 'POST');
    assert.equal(begun.length, 4);
  });
});

test('security row 3: a source that lies about a blob: nothing names what came of it', async () => {
  await withSource(async (source, dir) => {
    await writeFile(join(dir, 'source', blobPath(layer.digest)), 'a lay3r');
    const { target, registry } = strictTarget();
    const copied = copyArtifact(source, target, index.descriptor, { tag: 'v1' });
    await assert.rejects(copied, code('OCI_DIGEST_MISMATCH'));
    assert.equal(registry.manifests.size, 0);
    assert.equal(registry.blobs.has(layer.digest), false);
    assert.equal(registry.tags.size, 0);
    const other = await openLayout(join(dir, 'other'), { create: true });
    await assert.rejects(
      copyArtifact(source, other, index.descriptor),
      code('OCI_DIGEST_MISMATCH'),
    );
    const left = await readdir(join(dir, 'other'), { recursive: true });
    assert.deepEqual(
      left.filter((name) => name.includes('tmp') || name.includes(layer.digest.slice(7))),
      [],
    );
  });
});

test('security row 3: a referrer that embeds a lie keeps nothing from being copied', async () => {
  await withSource(async (source, dir) => {
    const own = bytesOf('of the referrer');
    const blob = describeContent(own, layer.mediaType);
    const lie = { ...blob, data: own.map((octet) => octet ^ 1) };
    const lying = imageManifest('a lie', { subject: index.descriptor, layers: [lie] });
    await source.pushBlob(own, blob);
    await source.pushManifest(lying.bytes, lying.descriptor);
    const target = await openLayout(join(dir, 'target'), { create: true });
    const { referrers } = await copyArtifact(source, target, index.descriptor);
    assert.ok(referrers.some(({ digest }) => digest === lying.descriptor.digest));
    const copied = await target.fetchBlob(blob, { maxBytes: 100 });
    assert.deepEqual(new Uint8Array(copied), own);
  });
});

test('security row 10: a manifest that could be read in two ways is not copied', async () => {
  await withSource(async (source) => {
    const document = { schemaVersion: 2, config: EMPTY, layers: [], manifests: [] };
    const bytes = bytesOf(JSON.stringify(document));
    const ambiguous = describeContent(bytes, MEDIA_TYPE.imageManifest);
    await source.pushBlob(bytes, ambiguous);
    const { target, registry } = strictTarget();
    const copied = copyArtifact(source, target, ambiguous);
    await assert.rejects(copied, code('OCI_MANIFEST_AMBIGUOUS'));
    assert.equal(registry.manifests.size, 0);
  });
});

test('what is listed as a referrer and is none is left out, and named', async () => {
  await withSource(async (source) => {
    const stranger = signatureOf(amd64.descriptor, 'of something else');
    const gone = signatureOf(arm64.descriptor, 'gone');
    const lying: StreamingSource = Object.assign(Object.create(source) as Layout, {
      resolve: source.resolve.bind(source),
      readBlob: source.readBlob.bind(source),
      fetchManifest: (descriptor: Descriptor) =>
        descriptor.digest === stranger.descriptor.digest
          ? Promise.resolve(stranger.bytes)
          : source.fetchManifest(descriptor),
      async *referrers(subject: Descriptor) {
        if (subject.digest !== arm64.descriptor.digest) return;
        yield stranger.descriptor;
        yield gone.descriptor;
        yield childSignature.descriptor;
      },
    });
    const { target } = strictTarget();
    const report = await copyArtifact(lying, target, arm64.descriptor);
    assert.deepEqual(
      report.leftOut.map(({ descriptor, code: reason }) => [descriptor.digest, reason]),
      [
        [stranger.descriptor.digest, 'OCI_MANIFEST_INVALID'],
        [gone.descriptor.digest, 'OCI_NOT_FOUND'],
      ],
    );
    assert.deepEqual(await signaturesIn(target, arm64.descriptor), [
      childSignature.descriptor.digest,
    ]);
  });
});

test('security row 1: an endless list of referrers, chain of referrers or nest of indexes ends', async () => {
  await withSource(async (source) => {
    const { target, registry } = strictTarget();
    const endless = Object.assign(Object.create(source) as Layout, {
      fetchManifest: source.fetchManifest.bind(source),
      readBlob: source.readBlob.bind(source),
      async *referrers() {
        for (;;) yield await Promise.resolve(childSignature.descriptor);
      },
    });
    const copied = copyArtifact(endless, target, arm64.descriptor, { tag: 'v1' });
    await assert.rejects(copied, code('OCI_GRAPH_LIMIT'));
    assert.equal(registry.tags.size, 0);
    for (const limits of [{ maxDepth: 1 }, { maxManifests: 4 }, { maxManifestBytes: 1500 }]) {
      const limited = copyArtifact(source, target, index.descriptor, { tag: 'v1', limits });
      await assert.rejects(limited, code('OCI_GRAPH_LIMIT'));
      assert.equal(registry.tags.size, 0);
    }
  });
});

test('limits without a value are as those that are not given', async () => {
  await withSource(async (source) => {
    const { target, registry } = strictTarget();
    const options = { tag: 'v1', limits: { maxDepth: undefined } } as unknown as CopyOptions;
    await copyArtifact(source, target, index.descriptor, options);
    assert.equal(registry.tags.size, 1);
  });
});

test('a copy that could transfer nothing at a time is refused, and does not wait for ever', async () => {
  await withSource(async (source) => {
    for (const concurrency of [0, -1, Number.NaN]) {
      const { target } = strictTarget();
      const copied = copyArtifact(source, target, index.descriptor, { concurrency });
      await assert.rejects(copied, RangeError);
    }
  });
});

test('a copy that is ended leaves nothing half-written', async () => {
  await withSource(async (source, dir) => {
    const stop = new AbortController();
    const slow: StreamingSource = Object.assign(Object.create(source) as Layout, {
      fetchManifest: source.fetchManifest.bind(source),
      referrers: source.referrers.bind(source),
      async *readBlob() {
        yield await Promise.resolve(LAYER.subarray(0, 2));
        stop.abort();
        stop.signal.throwIfAborted();
      },
    });
    const path = join(dir, 'target');
    const target = await openLayout(path, { create: true });
    const { signal } = stop;
    await assert.rejects(copyArtifact(slow, target, index.descriptor, { tag: 'v1', signal }));
    const names = await readdir(path, { recursive: true }).catch(() => []);
    const files = await Promise.all(
      names.map(async (name) => ((await stat(join(path, name))).isFile() ? [name] : [])),
    );
    assert.deepEqual(files.flat(), []);
  });
});

test('a blob is never held as a whole: at most two pieces are between source and target', async () => {
  await withSource(async (source, dir) => {
    const piece = new Uint8Array(64 * 1024);
    const pieces = 64;
    const large = describeContent(new Uint8Array(piece.length * pieces), MEDIA_TYPE.octetStream);
    const image = imageManifest('large', { config: EMPTY, layers: [large] });
    await source.pushManifest(image.bytes, image.descriptor);
    let read = 0;
    let written = 0;
    const counting: StreamingSource = Object.assign(Object.create(source) as Layout, {
      fetchManifest: source.fetchManifest.bind(source),
      referrers: source.referrers.bind(source),
      async *readBlob(blob: Descriptor) {
        if (blob.digest !== large.digest) return yield* source.readBlob(blob);
        for (; read < pieces; read++) yield await Promise.resolve(piece);
        return undefined;
      },
    });
    const layout = await openLayout(join(dir, 'target'), { create: true });
    const target = Object.assign(Object.create(layout) as Layout, {
      hasManifest: layout.hasManifest.bind(layout),
      pushManifest: layout.pushManifest.bind(layout),
      writeBlob: (open: () => AsyncIterable<Uint8Array>, blob: Descriptor) =>
        layout.writeBlob(blob.digest === large.digest ? () => slowly(open()) : open, blob),
    });
    async function* slowly(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        assert.ok(read - written <= 2, `${read - written} pieces`);
        written += 1;
        yield chunk;
      }
    }
    const report = await copyArtifact(counting, target, image.descriptor);
    assert.equal(report.bytesSent, large.size + 2);
  });
});
