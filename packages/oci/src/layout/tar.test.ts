import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { withTempDir } from '@nv2/testkit';
import fc from 'fast-check';
import { code, collect, imageManifest } from '../../test/world.ts';
import type { StreamingSource } from '../artifact.ts';
import { descriptorToJson } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { describeContent } from '../verified-reader.ts';
import { decompressor } from './decompress.ts';
import { blobPath } from './layout-reader.ts';
import { openLayoutTar } from './tar.ts';
import type { TarLimits } from './tar-index.ts';

interface Entry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly type?: string;
  readonly link?: string;
  /** Overrides what the header says. */
  readonly size?: number;
  /** Written into the header, from an offset on. */
  readonly header?: readonly [offset: number, text: string];
}

const subject = imageManifest('subject');
const signature = imageManifest('s', { artifactType: 'a/sig', subject: subject.descriptor });
const LARGE = new Uint8Array(4_300_000).fill(7);
const LARGE_DESCRIPTOR = describeContent(LARGE, MEDIA_TYPE.octetStream);

function layoutEntries(): readonly Entry[] {
  const manifests = [
    { ...subject.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'v1' } },
    signature.descriptor,
  ];
  const blob = (bytes: Uint8Array, digest: string): Entry => ({
    name: blobPath(digest),
    content: bytes,
  });
  return [
    { name: 'blobs/', type: '5' },
    { name: './blobs/sha256/', type: '5' },
    blob(LARGE, LARGE_DESCRIPTOR.digest),
    blob(subject.bytes, subject.descriptor.digest),
    {
      name: 'index.json',
      content: JSON.stringify({ schemaVersion: 2, manifests: manifests.map(descriptorToJson) }),
    },
    { name: './oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    blob(signature.bytes, signature.descriptor.digest),
  ];
}

function tar(entries: readonly Entry[], end = 1024): Buffer {
  return Buffer.concat([...entries.map(encodeEntry), Buffer.alloc(end)]);
}

function encodeEntry(entry: Entry): Buffer {
  const { name, content = '', type = '0', link = '', size, header: written } = entry;
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100);
  header.write((size ?? body.length).toString(8).padStart(11, '0'), 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157, 100, 'utf8');
  header.write('ustar\0', 257, 'latin1');
  if (written !== undefined) header.write(written[1], written[0], 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function pax(records: Readonly<Record<string, string>>, type = 'x'): Entry {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const guess = rest.length + String(rest.length).length;
      return `${rest.length + String(guess).length}${rest}`;
    })
    .join('');
  return { name: 'pax', type, content };
}

async function open(
  archive: Uint8Array,
  use: (source: StreamingSource) => Promise<void> = () => Promise.resolve(),
  limits: Partial<TarLimits> = {},
): Promise<void> {
  await withTempDir(async (dir) => {
    const path = join(dir, 'layout.tar');
    await writeFile(path, archive);
    await use(await openLayoutTar(path, { limits }));
  });
}

for (const [form, pack] of [
  ['plain', (bytes: Buffer) => bytes],
  ['gzip', (bytes: Buffer) => gzipSync(bytes)],
  ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
] as const) {
  test(`a ${form} archive is read: tags, digests, blobs of any size, referrers`, async () => {
    await open(pack(tar(layoutEntries())), async (source) => {
      assert.deepEqual(await source.resolve('v1'), subject.descriptor);
      assert.deepEqual(await source.resolve(signature.descriptor.digest), signature.descriptor);
      const manifest = await source.fetchManifest(subject.descriptor);
      assert.deepEqual(Buffer.from(manifest), Buffer.from(subject.bytes));
      const blob = await source.fetchBlob(LARGE_DESCRIPTOR, { maxBytes: 1e7 });
      assert.equal(Buffer.compare(Buffer.from(blob), LARGE), 0);
      const [found] = await collect(
        source.referrers(subject.descriptor, { artifactType: 'a/sig' }),
      );
      assert.equal(found?.digest, signature.descriptor.digest);
      await assert.rejects(source.resolve('v2'), code('OCI_NOT_FOUND'));
    });
  });

  test(`a ${form} archive that is cut off anywhere is refused`, async () => {
    const whole = pack(tar(layoutEntries()));
    for (const part of [0.2, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * part));
      await assert.rejects(open(cut), (error: unknown) => {
        return code('OCI_TAR_INVALID')(error) || code('OCI_LAYOUT_INVALID')(error);
      });
    }
  });
}

for (const name of [
  '../evil',
  'blobs/../../evil',
  '/etc/passwd',
  './../evil',
  'a\\..\\b',
  'C:/x',
  'a\u0001b',
  'blobs/..',
  '',
]) {
  test(`security row 19: an entry named ${JSON.stringify(name)} is refused`, async () => {
    await assert.rejects(open(tar([{ name }, ...layoutEntries()])), code('OCI_TAR_INVALID'));
    const renamed = tar([pax({ path: name === '' ? '/' : name }), { name: 'fine' }]);
    await assert.rejects(open(renamed), code('OCI_TAR_INVALID'));
    const long: Entry = { name: '././@LongLink', type: 'L', content: `${name}\0` };
    await assert.rejects(open(tar([long, { name: 'fine' }])), code('OCI_TAR_INVALID'));
  });
}

for (const [what, type] of [
  ['hard link', '1'],
  ['symbolic link', '2'],
  ['character device', '3'],
  ['block device', '4'],
  ['pipe', '6'],
  ['sparse file', 'S'],
  ['unknown kind', 'Z'],
] as const) {
  test(`security row 19: a ${what} in an archive is refused`, async () => {
    const entry: Entry = { name: 'index.json', type, link: '/etc/passwd' };
    await assert.rejects(open(tar([entry])), code('OCI_TAR_INVALID'));
  });
}

test('security row 10: two entries of one name are refused', async () => {
  const twice: Entry = { name: './index.json', content: '{}' };
  await assert.rejects(open(tar([...layoutEntries(), twice])), code('OCI_TAR_INVALID'));
});

const INDEX: Entry = { name: 'x', content: '{"schemaVersion":2,"manifests":[]}' };
/** What is content to one reader is an entry to the next. */
const HIDING: Entry = { name: 'x', content: encodeEntry({ name: 'y' }) };
const gnuName = (name: string): Entry => ({
  name: '././@LongLink',
  type: 'L',
  content: `${name}\0`,
});

for (const [what, entries] of [
  ['a size behind a zero byte', [{ ...HIDING, header: [124, '\x000000001000'] }]],
  ['a size with more behind it', [{ ...HIDING, header: [124, '0000 0001000'] }]],
  [
    'a sparse file of pax',
    [pax({ 'GNU.sparse.name': 'index.json', 'GNU.sparse.major': '1' }), INDEX],
  ],
  ['a sparse file of a global header', [pax({ 'GNU.sparse.name': 'index.json' }, 'g'), INDEX]],
  ['a long name before one of pax', [gnuName('index.json'), pax({ path: 'x' }), INDEX]],
  ['a long name behind one of pax', [pax({ path: 'index.json' }), gnuName('x'), INDEX]],
  ['two headers of pax', [pax({ path: 'y' }), pax({ mtime: '1' }), INDEX]],
  ['a header of pax before a global one', [pax({ path: 'x' }), pax({ comment: 'x' }, 'g'), INDEX]],
  ['a name that ends with a dot', [{ ...INDEX, name: 'index.json/.' }]],
  ['a name with a dot in it', [{ ...INDEX, name: 'blobs/./sha256' }]],
  ['a name with two slashes', [{ ...INDEX, name: 'blobs//sha256' }]],
  ['a file that is named as a directory', [{ ...INDEX, name: 'x/' }]],
  ['a contiguous file', [{ ...INDEX, type: '7' }]],
  [
    'a prefix in a header of GNU tar, of which Go makes one',
    [{ ...INDEX, header: [257, `ustar  ${'\0'.repeat(81)}index.json`] }],
  ],
  [
    'a prefix in a header that nearly is one of ustar, as bsdtar reads it',
    [{ ...INDEX, header: [262, `1${'\0'.repeat(82)}index.json`] }],
  ],
  [
    'a prefix that star ends earlier',
    [{ ...INDEX, header: [345, `${'./'.repeat(65)}.${'0'.repeat(32)}tar\0`] }],
  ],
] as const satisfies readonly (readonly [string, readonly Entry[]])[]) {
  test(`security row 10: ${what} is refused, which other readers of tar take otherwise`, async () => {
    for (const pack of [(bytes: Buffer) => bytes, gzipSync]) {
      const archive = pack(tar([...layoutEntries(), ...entries]));
      await assert.rejects(open(archive), code('OCI_TAR_INVALID'));
    }
  });
}

test('security row 10: files behind what ends an archive for some are refused', async () => {
  const halves = [tar(layoutEntries(), 0), tar([INDEX])] as const;
  const lone = Buffer.concat([halves[0], Buffer.alloc(512), halves[1]]);
  await assert.rejects(open(lone), code('OCI_TAR_INVALID'));
  await assert.rejects(open(gzipSync(lone)), code('OCI_TAR_INVALID'));
  const index = [tar(layoutEntries(), 0), tar([{ ...INDEX, name: 'index.json' }])];
  for (const pack of [gzipSync, zstdCompressSync]) {
    const frames = Buffer.concat(index.map((half) => pack(half)));
    await assert.rejects(open(frames), code('OCI_TAR_INVALID'));
  }
});

test('an archive of several frames of zstd is read whole, or told as that, whatever its first one is', async () => {
  const archive = zstdCompressSync(tar(layoutEntries()));
  const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
  // bun decompresses what follows the first frame, as other readers do
  for (const frames of [Buffer.concat([skipped, archive]), Buffer.concat([archive, skipped])]) {
    if ('bun' in process.versions) await open(frames);
    else await assert.rejects(open(frames), /several frames of zstd/);
  }
});

test('directories of old archives, which a slash at the end alone marks, are passed over', async () => {
  const old = layoutEntries().map((entry) => ({ ...entry, type: '\0' }));
  const own: Entry = { name: './', type: '\0' };
  for (const pack of [(bytes: Buffer) => bytes, gzipSync]) await open(pack(tar([own, ...old])));
  // with a name that is said elsewhere, it is a file to some
  for (const [meta, name] of [
    [pax({ path: 'x' }), 'y/'],
    [pax({ path: 'x/' }), 'y'],
    [gnuName('x/'), 'y'],
  ] as const) {
    const archive = tar([...layoutEntries(), meta, { name, type: '\0' }]);
    await assert.rejects(open(archive), code('OCI_TAR_INVALID'));
  }
  const filled: Entry = { name: 'x/', type: '\0', content: 'x' };
  await assert.rejects(open(tar([...layoutEntries(), filled])), code('OCI_TAR_INVALID'));
});

test('the wait for the end of a compressed archive can be given up', async () => {
  const files = layoutEntries().filter(({ type }) => type === undefined);
  const archive = gzipSync(tar(layoutEntries(), 1_000_000));
  let asked = 0;
  const { signal } = new AbortController();
  signal.throwIfAborted = () => assert.ok(++asked <= files.length, 'given up');
  await withTempDir(async (dir) => {
    const path = join(dir, 'layout.tar');
    await writeFile(path, archive);
    await assert.rejects(openLayoutTar(path, { signal }), /given up/);
  });
});

test('times in headers of GNU tar are no prefix of a name', async () => {
  const times = `ustar  ${'\0'.repeat(81)}15112754740\x0015112754740\0`;
  const entries = layoutEntries().map((entry): Entry => ({ ...entry, header: [257, times] }));
  await open(tar(entries));
});

test('an entry for the directory itself is passed over', async () => {
  for (const name of ['.', './']) await open(tar([{ name, type: '5' }, ...layoutEntries()]));
});

test('names and sizes of pax and GNU headers count', async () => {
  const [marker] = layoutEntries().filter(({ name }) => name === './oci-layout');
  const others = layoutEntries().filter(({ name }) => name !== './oci-layout');
  assert.ok(marker);
  const renamed = { ...marker, name: 'short' };
  const gnu: Entry = { name: '././@LongLink', type: 'L', content: 'oci-layout\0' };
  for (const meta of [pax({ path: 'oci-layout', mtime: '1.5' }), gnu]) {
    await open(tar([pax({ comment: 'x' }, 'g'), ...others, meta, renamed]));
  }
});

test('malformed headers are refused', async () => {
  const valid = tar(layoutEntries());
  const changed = Buffer.from(valid);
  changed[0] = (changed[0] ?? 0) ^ 1;
  await assert.rejects(open(changed), code('OCI_TAR_INVALID'));
  for (const entry of [
    { name: 'x', type: 'x', content: '5 a=b\n' },
    { name: 'x', type: 'x', content: '999 a=b\n' },
    { name: 'x', type: 'x', content: 'nonsense' },
    pax({ size: 'x' }),
    pax({ path: 'a' }, 'g'),
    { name: 'x', type: 'x', size: 2_000_000, content: '' },
  ]) {
    await assert.rejects(open(tar([entry, { name: 'y' }])), code('OCI_TAR_INVALID'));
  }
});

test('security row 3: a size larger than the archive, and a negative one, are refused', async () => {
  const lying: Entry = { name: 'x', size: 2 ** 32, content: 'x' };
  await assert.rejects(open(tar([lying])), code('OCI_TAR_INVALID'));
  await assert.rejects(open(gzipSync(tar([lying]))), code('OCI_TAR_INVALID'));
  await assert.rejects(open(tar([pax({ size: '-1' }), { name: 'x' }])), code('OCI_TAR_INVALID'));
});

test('security row 3: a gzip bomb stops at the limit', async () => {
  const bomb = gzipSync(tar([{ name: 'zeros', content: new Uint8Array(20_000_000) }]));
  assert.ok(bomb.length < 50_000);
  const opened = open(bomb, undefined, { maxArchiveBytes: 1_000_000 });
  await assert.rejects(opened, code('OCI_TAR_INVALID'));
});

test('security row 3: an index of too many empty objects stops at the limit', async () => {
  const index = `{"schemaVersion":2,"x":[${'{},'.repeat(1_000_000)}0],"manifests":[]}`;
  const others = layoutEntries().filter(({ name }) => name !== 'index.json');
  const bomb = gzipSync(tar([{ name: 'index.json', content: index }, ...others]));
  await open(bomb, async (source) => {
    await assert.rejects(source.resolve('v1'), code('OCI_LAYOUT_INVALID'));
  });
});

test('security row 3: an archive of too many entries stops at the limit', async () => {
  const many = Array.from({ length: 50 }, (_, at) => ({ name: `e${at}` }));
  await assert.rejects(open(tar(many), undefined, { maxEntries: 20 }), code('OCI_TAR_INVALID'));
});

test('an archive without a layout, and what is no archive, are said to be none', async () => {
  await assert.rejects(open(tar([{ name: 'x' }])), code('OCI_LAYOUT_INVALID'));
  await assert.rejects(open(Buffer.from('not an archive at all')), code('OCI_TAR_INVALID'));
  await assert.rejects(open(Buffer.from([0x1f, 0x8b, 0, 0, 0])), code('OCI_TAR_INVALID'));
  await withTempDir(async (dir) => {
    await assert.rejects(openLayoutTar(join(dir, 'absent')), code('OCI_NOT_FOUND'));
    await writeFile(join(dir, 'file'), 'x');
    await assert.rejects(openLayoutTar(join(dir, 'file/x')), code('OCI_NOT_FOUND'));
    await assert.rejects(openLayoutTar(dir), code('OCI_LAYOUT_INVALID'));
  });
});

test('an archive that changes after it was opened cannot give other content', async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, 'layout.tar');
    await writeFile(path, tar(layoutEntries()));
    const source = await openLayoutTar(path);
    await writeFile(path, Buffer.alloc(8_000_000, 1));
    await assert.rejects(source.fetchManifest(subject.descriptor), code('OCI_DIGEST_MISMATCH'));
  });
});

test('any bytes are an archive or are refused by this package', async () => {
  const valid = tar(layoutEntries().filter(({ content }) => (content?.length ?? 0) < 5000));
  const damaged = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const copy = Buffer.from(valid);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array(), damaged), async (bytes) => {
      try {
        await open(bytes, async (source) => {
          await source.resolve('v1');
        });
      } catch (error) {
        assert.ok(error instanceof OciError, String(error));
      }
    }),
    { numRuns: 60 },
  );
});

test('security row 3: a compressed archive is not read from its start without end', async () => {
  await open(gzipSync(tar(layoutEntries())), async (source) => {
    const read = (): Promise<unknown> => source.fetchBlob(LARGE_DESCRIPTOR, { maxBytes: 1e7 });
    for (let reading = 0; reading < 64; reading++) await read();
    await assert.rejects(read(), code('OCI_CONTENT_TOO_LARGE'));
  });
});

test('a tar that lies about content gives nothing: the digest of every blob is that of its name', async () => {
  const entries = layoutEntries().map((entry) =>
    entry.name === blobPath(LARGE_DESCRIPTOR.digest)
      ? { ...entry, content: new Uint8Array(LARGE.length).fill(8) }
      : entry,
  );
  for (const pack of [(bytes: Buffer) => bytes, gzipSync, zstdCompressSync]) {
    await open(pack(tar(entries)), async (source) => {
      const whole = source.fetchBlob(LARGE_DESCRIPTOR, { maxBytes: 1e7 });
      await assert.rejects(whole, code('OCI_DIGEST_MISMATCH'));
      let read = 0;
      const pieces = (async () => {
        for await (const { length } of source.readBlob(LARGE_DESCRIPTOR)) read += length;
      })();
      await assert.rejects(pieces, code('OCI_DIGEST_MISMATCH'));
      assert.ok(read < LARGE.length, 'the last piece is held back');
      const shorter = { ...LARGE_DESCRIPTOR, size: 1000 };
      await assert.rejects(collect(source.readBlob(shorter)), code('OCI_SIZE_MISMATCH'));
    });
  }
});

test('what the older docker save wrote is told from a layout, and refused', async () => {
  const saved: Entry[] = [
    { name: 'manifest.json', content: '[{"Config":"a.json","Layers":["a/layer.tar"]}]' },
    { name: 'a.json', content: '{}' },
    { name: 'a/layer.tar', content: 'x' },
  ];
  await assert.rejects(open(tar(saved)), code('OCI_DOCKER_ARCHIVE'));
  await assert.rejects(open(zstdCompressSync(tar(saved))), code('OCI_DOCKER_ARCHIVE'));
  await open(tar([...layoutEntries(), ...saved]), async (source) => {
    assert.deepEqual(await source.resolve('v1'), subject.descriptor);
  });
});

test('a runtime without zstd says so', async () => {
  await assert.rejects(decompressor('zstd', {}), code('OCI_COMPRESSION_UNSUPPORTED'));
});

test('an archive compressed by what is not read says what to do', async () => {
  const starts = { bzip2: 'BZh91AY&SY', xz: '\xfd7zXZ\0', lz4: '\x04"M\x18' };
  for (const [name, start] of Object.entries(starts)) {
    await assert.rejects(open(Buffer.from(start, 'latin1')), {
      code: 'OCI_COMPRESSION_UNSUPPORTED',
      hint: `decompress the archive first (${name} -d)`,
    });
  }
});
