import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { asOrdinaryUser, fakeClock, withTempDir } from '@nv2/testkit';
import { code, collect, imageManifest } from '../../test/world.ts';
import { encodeManifest } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { describeContent } from '../verified-reader.ts';
import { type Layout, type LayoutOptions, openLayout } from './directory.ts';
import { blobPath, LayoutReader } from './layout-reader.ts';

const SIGNATURE = 'application/vnd.cncf.notary.signature';
const subject = imageManifest('subject');
const EMPTY = new TextEncoder().encode('{}');
const EMPTY_DESCRIPTOR = describeContent(EMPTY, MEDIA_TYPE.emptyJson);

/** A layout with one image, tagged v1. */
async function withLayout(
  use: (layout: Layout, dir: string) => Promise<void>,
  options: LayoutOptions = {},
): Promise<void> {
  await withTempDir(async (dir) => {
    const layout = await openLayout(dir, { create: true, ...options });
    await layout.pushBlob(EMPTY, EMPTY_DESCRIPTOR);
    await layout.pushManifest(subject.bytes, subject.descriptor, { tag: 'v1' });
    await use(await openLayout(dir, options), dir);
  });
}

function signature(note: string): ReturnType<typeof imageManifest> {
  return imageManifest(note, { artifactType: SIGNATURE, subject: subject.descriptor });
}

async function signers(layout: Layout): Promise<string[]> {
  const found = await collect(layout.referrers(subject.descriptor, { artifactType: SIGNATURE }));
  return found.map(({ annotations }) => annotations?.['note'] ?? '').sort();
}

test('what is pushed is found by tag and digest, and read back', async () => {
  await withLayout(async (layout, dir) => {
    assert.deepEqual(await layout.resolve('v1'), subject.descriptor);
    assert.deepEqual(await layout.resolve(subject.descriptor.digest), subject.descriptor);
    assert.deepEqual(
      Buffer.from(await layout.fetchManifest(subject.descriptor)),
      Buffer.from(subject.bytes),
    );
    const blob = await layout.fetchBlob(EMPTY_DESCRIPTOR, { maxBytes: 2 });
    assert.deepEqual(Buffer.from(blob), Buffer.from(EMPTY));
    assert.deepEqual((await readdir(dir)).sort(), ['blobs', 'index.json', 'oci-layout']);
    assert.equal(await readFile(join(dir, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}');
  });
});

test('a signature is a referrer of its subject, with artifact type and annotations', async () => {
  await withLayout(async (layout) => {
    const { bytes, descriptor } = signature('a');
    const result = await layout.pushManifest(bytes, descriptor, { subject: subject.descriptor });
    assert.deepEqual(result, { referrers: 'api', warnings: [] });
    const annotations = { note: 'a' };
    const expected = [{ ...descriptor, annotations, artifactType: SIGNATURE }];
    assert.deepEqual(await collect(layout.referrers(subject.descriptor)), expected);
    assert.deepEqual(
      await collect(layout.referrers(subject.descriptor, { artifactType: 'x/y' })),
      [],
    );
    const lie = { ...subject.descriptor, size: 1 };
    assert.deepEqual(await collect(layout.referrers(lie)), []);
  });
});

test('manifests inside of indexes are found, and their referrers', async () => {
  await withLayout(async (layout, dir) => {
    const child = imageManifest('child');
    await layout.pushBlob(child.bytes, child.descriptor);
    const absent = imageManifest('absent').descriptor;
    const index = encodeManifest({
      kind: 'index',
      mediaType: MEDIA_TYPE.imageIndex,
      manifests: [child.descriptor, absent],
    });
    await layout.pushManifest(index, describeContent(index, MEDIA_TYPE.imageIndex), {
      tag: 'multi',
    });
    const again = await openLayout(dir);
    assert.deepEqual(await again.resolve(child.descriptor.digest), child.descriptor);
    await assert.rejects(again.resolve(absent.digest), code('OCI_NOT_FOUND'));
    const signed = imageManifest('s', { subject: child.descriptor });
    await again.pushManifest(signed.bytes, signed.descriptor);
    const [found] = await collect(again.referrers(child.descriptor));
    assert.equal(found?.digest, signed.descriptor.digest);
  });
});

test('what is listed and is not there is not resolved, by tag or digest', async () => {
  await withLayout(async (layout, dir) => {
    const { digest } = subject.descriptor;
    await unlink(join(dir, blobPath(digest)));
    for (const version of ['v1', digest]) {
      await assert.rejects(layout.resolve(version), code('OCI_NOT_FOUND'));
      const asReference = await openLayout(dir, { resolvesAbsent: true });
      assert.deepEqual(await asReference.resolve(version), subject.descriptor);
    }
  });
});

test('what an index lists and is gone is a part of it, and no referrer that is gone', async () => {
  await withLayout(async (layout, dir) => {
    const [child, gone] = [imageManifest('child'), signature('gone')];
    for (const { bytes, descriptor } of [child, gone]) await layout.pushManifest(bytes, descriptor);
    const manifests = [child.descriptor];
    const index = encodeManifest({ kind: 'index', mediaType: MEDIA_TYPE.imageIndex, manifests });
    await layout.pushManifest(index, describeContent(index, MEDIA_TYPE.imageIndex), {
      tag: 'multi',
    });
    for (const { descriptor } of [child, gone])
      await unlink(join(dir, blobPath(descriptor.digest)));
    const listed = await collect(layout.referrers(subject.descriptor, { includeMissing: true }));
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [gone.descriptor.digest],
    );
  });
});

test('a tag moves, and the manifest that had it stays', async () => {
  await withLayout(async (layout) => {
    const next = imageManifest('next');
    await layout.pushManifest(next.bytes, next.descriptor, { tag: 'v1' });
    assert.deepEqual(await layout.resolve('v1'), next.descriptor);
    assert.deepEqual(await layout.resolve(subject.descriptor.digest), subject.descriptor);
  });
});

test('security row 1: manifests that are not there count towards the limit of a walk', async () => {
  const indexes = Array.from({ length: 3 }, (_, at) => indexOfAbsent(at));
  const roots = { schemaVersion: 2, manifests: indexes.map(({ descriptor }) => descriptor) };
  const content = new Map<string, Uint8Array>([
    ['index.json', new TextEncoder().encode(JSON.stringify(roots))],
    ...indexes.map(({ bytes, descriptor }) => [blobPath(descriptor.digest), bytes] as const),
  ]);
  const opened: string[] = [];
  const reader = new LayoutReader({
    name: 'flooded',
    open: async (path) => {
      opened.push(path);
      const bytes = content.get(path);
      return bytes && { size: bytes.length, bytes: () => chunksOf(bytes) };
    },
  });
  await assert.rejects(collect(reader.referrers(subject.descriptor)), code('OCI_REFERRERS_LIMIT'));
  assert.deepEqual(opened, [...content.keys()]);
});

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** An index of 20,000 manifests, other ones for each `seed`, that are nowhere. */
function indexOfAbsent(seed: number): ReturnType<typeof imageManifest> {
  const manifests = Array.from({ length: 20_000 }, (_, at) => ({
    mediaType: MEDIA_TYPE.imageManifest,
    digest: `sha256:${(seed * 20_000 + at).toString(16).padStart(64, '0')}`,
    size: 2,
  }));
  const mediaType = MEDIA_TYPE.imageIndex;
  const bytes = encodeManifest({ kind: 'index', mediaType, manifests });
  return { bytes, descriptor: describeContent(bytes, mediaType) };
}

test('what index.json holds beyond this specification stays', async () => {
  await withLayout(async (layout, dir) => {
    const path = join(dir, 'index.json');
    const index = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...index, 'x-mine': { a: [1] } }));
    await layout.pushManifest(signature('a').bytes, signature('a').descriptor);
    const written = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(written['x-mine'], { a: [1] });
  });
});

test('twenty signers at the same time lose none, each by itself or all by one client', async () => {
  const notes = Array.from({ length: 20 }, (_, at) => `signer ${at}`).sort();
  for (const shared of [true, false]) {
    await withLayout(async (layout, dir) => {
      const sign = async (note: string): Promise<void> => {
        const { bytes, descriptor } = signature(note);
        await (shared ? layout : await openLayout(dir)).pushManifest(bytes, descriptor);
      };
      await Promise.all(notes.map(sign));
      assert.deepEqual(await signers(layout), notes);
      assert.deepEqual((await readdir(dir)).sort(), ['blobs', 'index.json', 'oci-layout']);
    });
  }
});

test('one client waits for no lock of its own, and one change that fails stops no other', async () => {
  const setTimer = (): never => assert.fail('it waits');
  await withLayout(
    async (layout) => {
      const notes = ['a', 'b', 'c', 'd'];
      const ended = new AbortController();
      ended.abort();
      const pushed = notes.map((note) => {
        const { bytes, descriptor } = signature(note);
        const options = note === 'b' ? { signal: ended.signal } : {};
        return layout.pushManifest(bytes, descriptor, options);
      });
      const states = await Promise.allSettled(pushed);
      assert.deepEqual(
        states.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      assert.deepEqual(await signers(layout), ['a', 'c', 'd']);
    },
    { clock: { ...fakeClock(), setTimer } },
  );
});

test('a lock that somebody else holds is respected, and named when time is up', async () => {
  await withLayout(
    async (layout, dir) => {
      const path = join(dir, 'index.json.lock');
      await writeFile(path, 'somebody');
      const pushed = layout.pushManifest(signature('a').bytes, signature('a').descriptor);
      await assert.rejects(pushed, code('OCI_LAYOUT_LOCKED'));
      assert.equal(await readFile(path, 'utf8'), 'somebody');
      assert.deepEqual(await signers(layout), []);
    },
    { clock: fakeClock({ automatic: true }), lockTimeoutMs: 200 },
  );
});

test('security row 19: only digests become paths', async () => {
  await withLayout(async (layout) => {
    for (const digest of ['sha256:../../../etc/passwd', '../x', `sha256:${'a'.repeat(63)}/`]) {
      await assert.rejects(layout.fetchBlob({ ...EMPTY_DESCRIPTOR, digest }, { maxBytes: 9 }));
      assert.throws(() => blobPath(digest));
      await assert.rejects(layout.resolve(digest), code('OCI_NOT_FOUND'));
    }
  });
});

test('security row 3: a blob that was changed, cut or grew is refused', async () => {
  await withLayout(async (layout, dir) => {
    const path = join(dir, blobPath(subject.descriptor.digest));
    const changed = subject.bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte));
    await writeFile(path, changed);
    await assert.rejects(layout.fetchManifest(subject.descriptor), code('OCI_DIGEST_MISMATCH'));
    await assert.rejects(
      collect(layout.referrers(subject.descriptor)),
      code('OCI_DIGEST_MISMATCH'),
    );
    await writeFile(path, subject.bytes.subarray(1));
    await assert.rejects(layout.fetchManifest(subject.descriptor), code('OCI_SIZE_MISMATCH'));
    await writeFile(path, new Uint8Array(1_000_000));
    await assert.rejects(layout.fetchManifest(subject.descriptor), code('OCI_SIZE_MISMATCH'));
    await unlink(path);
    await assert.rejects(layout.fetchManifest(subject.descriptor), code('OCI_NOT_FOUND'));
  });
});

test('a damaged blob is written again by whoever pushes it', async () => {
  await withLayout(async (layout, dir) => {
    await writeFile(join(dir, blobPath(EMPTY_DESCRIPTOR.digest)), 'xx');
    await layout.pushBlob(EMPTY, EMPTY_DESCRIPTOR);
    await layout.fetchBlob(EMPTY_DESCRIPTOR, { maxBytes: 2 });
  });
});

const INVALID: readonly (readonly [string, string])[] = [
  ['index.json', ''],
  ['index.json', '{'],
  ['index.json', '[]'],
  ['index.json', '{"schemaVersion":1,"manifests":[]}'],
  ['index.json', '{"schemaVersion":2,"manifests":{}}'],
  ['index.json', '{"schemaVersion":2,"manifests":[{}]}'],
  ['index.json', '{"schemaVersion":2,"schemaVersion":2}'],
  ['index.json', '{"schemaVersion":2,"manifests":[],"Manifests":[]}'],
  ['index.json', '{"schemaVersion":2,"manifests":[],"manife\u017fts":[]}'],
  [
    'index.json',
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ ...EMPTY_DESCRIPTOR, Digest: EMPTY_DESCRIPTOR.digest }],
    }),
  ],
];

for (const [file, content] of INVALID) {
  test(`a layout whose ${file} is ${JSON.stringify(content)} is refused, and not overwritten`, async () => {
    await withLayout(async (layout, dir) => {
      await writeFile(join(dir, file), content);
      await assert.rejects(layout.resolve('v1'), code('OCI_LAYOUT_INVALID'));
      const pushed = layout.pushManifest(signature('a').bytes, signature('a').descriptor);
      await assert.rejects(pushed, code('OCI_LAYOUT_INVALID'));
      assert.equal(await readFile(join(dir, file), 'utf8'), content);
    });
  });
}

test('a tag of two manifests is refused', async () => {
  await withLayout(async (layout, dir) => {
    const path = join(dir, 'index.json');
    const index = JSON.parse(await readFile(path, 'utf8')) as { manifests: object[] };
    const other = { ...index.manifests[0], digest: EMPTY_DESCRIPTOR.digest };
    await writeFile(path, JSON.stringify({ ...index, manifests: [...index.manifests, other] }));
    await assert.rejects(layout.resolve('v1'), code('OCI_LAYOUT_INVALID'));
  });
});

test('what is no layout is said to be none', async () => {
  await withTempDir(async (dir) => {
    await assert.rejects(openLayout(join(dir, 'absent')), code('OCI_NOT_FOUND'));
    await assert.rejects(openLayout(dir), code('OCI_LAYOUT_INVALID'));
    await writeFile(join(dir, 'file'), '');
    await assert.rejects(openLayout(join(dir, 'file')), code('OCI_LAYOUT_INVALID'));
    const below = join(dir, 'file', 'layout');
    await assert.rejects(openLayout(below), code('OCI_NOT_FOUND'));
    await assert.rejects(openLayout(below, { create: true }), code('OCI_LAYOUT_INVALID'));
    for (const marker of ['', '{}', '{"imageLayoutVersion":"2.0.0"}', '[]']) {
      await writeFile(join(dir, 'oci-layout'), marker);
      await assert.rejects(openLayout(dir), code('OCI_LAYOUT_INVALID'));
    }
  });
});

test('opening a layout changes nothing, and one without its marker gets it on the first write', async () => {
  await withLayout(async (_, dir) => {
    await unlink(join(dir, 'oci-layout'));
    const layout = await openLayout(dir);
    assert.deepEqual((await readdir(dir)).sort(), ['blobs', 'index.json']);
    await layout.pushManifest(signature('a').bytes, signature('a').descriptor);
    assert.ok((await stat(join(dir, 'oci-layout'))).isFile());
  });
});

test('a directory or pipe in place of a file is refused at once', async () => {
  await withLayout(async (layout, dir) => {
    const path = join(dir, blobPath(subject.descriptor.digest));
    await unlink(path);
    await mkdir(path);
    await assert.rejects(layout.fetchManifest(subject.descriptor), code('OCI_LAYOUT_IO'));
  });
});

test('security row 19: a link out of the layout gives no other content than its digest says', async () => {
  await withLayout(async (layout, dir) => {
    const path = join(dir, blobPath(subject.descriptor.digest));
    await unlink(path);
    await symlink('/etc/passwd', path);
    await assert.rejects(layout.fetchManifest(subject.descriptor), code('OCI_SIZE_MISMATCH'));
  });
});

test('a layout that cannot be written says so and is left as it was', async () => {
  await withLayout(async (layout, dir) => {
    const before = await readFile(join(dir, 'index.json'));
    await chmod(dir, 0o555);
    try {
      await asOrdinaryUser(dir, () =>
        assert.rejects(
          layout.pushManifest(signature('a').bytes, signature('a').descriptor),
          code('OCI_LAYOUT_ACCESS'),
        ),
      );
    } finally {
      await chmod(dir, 0o755);
    }
    assert.deepEqual(await readFile(join(dir, 'index.json')), before);
  });
});
