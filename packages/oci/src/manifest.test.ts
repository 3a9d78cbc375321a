import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Descriptor } from './descriptor.ts';
import { OciError, type OciErrorCode } from './errors.ts';
import { encodeManifest, type ImageManifest, parseManifest } from './manifest.ts';
import { MEDIA_TYPE } from './media-types.ts';
import { referrerEntry } from './referrer.ts';
import { describeContent } from './verified-reader.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const DIGEST = `sha256:${'a'.repeat(64)}`;
const BLOB = { mediaType: 'application/octet-stream', digest: DIGEST, size: 3 };
const IMAGE = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPE.imageManifest,
  config: BLOB,
  layers: [BLOB],
};
const INDEX = { schemaVersion: 2, mediaType: MEDIA_TYPE.imageIndex, manifests: [BLOB] };
const ARTIFACT = { mediaType: MEDIA_TYPE.artifactManifest, artifactType: 'a/b', blobs: [BLOB] };

function refused(document: unknown, code: OciErrorCode, mediaType?: string): void {
  const raw = document instanceof Uint8Array ? document : bytes(document);
  assert.throws(
    () => parseManifest(raw, mediaType ?? MEDIA_TYPE.imageManifest),
    (error: unknown) => error instanceof OciError && error.code === code,
  );
}

test('manifests of each kind are read', () => {
  const image = parseManifest(bytes({ ...IMAGE, subject: BLOB }), MEDIA_TYPE.imageManifest);
  assert.equal(image.kind, 'image');
  assert.deepEqual(image.subject, BLOB);
  assert.equal(parseManifest(bytes(INDEX), MEDIA_TYPE.imageIndex).kind, 'index');
  assert.equal(parseManifest(bytes(ARTIFACT), MEDIA_TYPE.artifactManifest).kind, 'artifact');
  const { mediaType: _, ...silent } = IMAGE;
  assert.equal(parseManifest(bytes(silent), MEDIA_TYPE.imageManifest).kind, 'image');
  const docker = { ...IMAGE, mediaType: MEDIA_TYPE.dockerManifest };
  assert.equal(parseManifest(bytes(docker), MEDIA_TYPE.dockerManifest).kind, 'image');
});

test('unknown properties are passed over', () => {
  const odd = { ...IMAGE, 'x-new': { a: [1] }, layers: [{ ...BLOB, 'x-new': 1 }] };
  assert.equal(parseManifest(bytes(odd), MEDIA_TYPE.imageManifest).kind, 'image');
});

test('security row 10: a manifest with properties of two kinds is refused', () => {
  refused({ ...IMAGE, manifests: [] }, 'OCI_MANIFEST_AMBIGUOUS');
  refused({ ...IMAGE, manifests: null }, 'OCI_MANIFEST_AMBIGUOUS');
  refused({ ...IMAGE, blobs: [] }, 'OCI_MANIFEST_AMBIGUOUS');
  refused({ ...INDEX, layers: [] }, 'OCI_MANIFEST_AMBIGUOUS', MEDIA_TYPE.imageIndex);
  refused({ ...INDEX, config: BLOB }, 'OCI_MANIFEST_AMBIGUOUS', MEDIA_TYPE.imageIndex);
  refused({ ...ARTIFACT, layers: [] }, 'OCI_MANIFEST_AMBIGUOUS', MEDIA_TYPE.artifactManifest);
});

test('security row 10: a manifest that names another media type than it came with is refused', () => {
  refused({ ...IMAGE, mediaType: MEDIA_TYPE.imageIndex }, 'OCI_MANIFEST_AMBIGUOUS');
  refused({ ...IMAGE, mediaType: 7 }, 'OCI_MANIFEST_AMBIGUOUS');
  refused(IMAGE, 'OCI_MANIFEST_AMBIGUOUS', MEDIA_TYPE.dockerManifest);
});

test('security row 10: keys that two parsers could read differently are refused', () => {
  const text = new TextEncoder().encode.bind(new TextEncoder());
  const twice = JSON.stringify(IMAGE).replace('"layers"', '"layers":[],"layers"');
  refused(text(twice), 'OCI_MANIFEST_AMBIGUOUS');
  const escaped = JSON.stringify(IMAGE).replace('"layers"', '"lay\\u0065rs":[],"layers"');
  refused(text(escaped), 'OCI_MANIFEST_AMBIGUOUS');
  refused({ ...IMAGE, Layers: [] }, 'OCI_MANIFEST_AMBIGUOUS');
  refused({ ...IMAGE, SUBJECT: BLOB }, 'OCI_MANIFEST_AMBIGUOUS');
  // the long s and the Kelvin sign are letters in another case as well
  refused({ ...INDEX, manife\u017fts: [] }, 'OCI_MANIFEST_AMBIGUOUS', MEDIA_TYPE.imageIndex);
});

test('security row 10: descriptors with keys that two parsers could read differently are refused', () => {
  const platform = { os: 'linux', architecture: 'amd64' };
  const changes = [
    { Digest: BLOB.digest },
    { dige\u017ft: BLOB.digest },
    { SIZE: 1 },
    { mediatype: MEDIA_TYPE.imageIndex },
    { platform, Platform: platform },
    { platform: { ...platform, OS: 'windows' } },
    { platform: { ...platform, 'OS.Version': '10' } },
  ];
  for (const change of changes) {
    const manifests = [{ ...BLOB, ...change }];
    refused({ ...INDEX, manifests }, 'OCI_MANIFEST_AMBIGUOUS', MEDIA_TYPE.imageIndex);
    refused({ ...IMAGE, layers: manifests }, 'OCI_MANIFEST_AMBIGUOUS');
    refused({ ...IMAGE, subject: manifests[0] }, 'OCI_MANIFEST_AMBIGUOUS');
  }
});

test('every malformed property is refused', () => {
  const cases: readonly unknown[] = [
    null,
    [],
    { ...IMAGE, schemaVersion: 1 },
    { ...IMAGE, schemaVersion: undefined },
    { ...IMAGE, config: undefined },
    { ...IMAGE, config: [] },
    { ...IMAGE, layers: undefined },
    { ...IMAGE, layers: {} },
    { ...IMAGE, layers: ['x'] },
    { ...IMAGE, subject: 'x' },
    { ...IMAGE, annotations: { a: 1 } },
    { ...IMAGE, annotations: [] },
    { ...IMAGE, artifactType: 7 },
    ...(
      [
        { mediaType: undefined },
        { mediaType: '' },
        { mediaType: 'nothing' },
        { digest: undefined },
        { digest: 'sha256:../..' },
        { digest: 'md5:00' },
        { size: undefined },
        { size: -1 },
        { size: 1.5 },
        { size: '3' },
        { size: 2 ** 53 },
        { urls: 'x' },
        { urls: [1] },
        { data: '***' },
        { data: 'YWI=' },
        { platform: 1 },
        { platform: { os: 1 } },
      ] as const
    ).map((change) => ({ ...IMAGE, layers: [{ ...BLOB, ...change }] })),
  ];
  for (const document of cases) refused(document, 'OCI_MANIFEST_INVALID');
  refused(new TextEncoder().encode('{"schemaVersion":2,'), 'OCI_MANIFEST_INVALID');
  refused(new Uint8Array([0xff]), 'OCI_MANIFEST_INVALID');
});

test('security row 3: a manifest above 4 MiB or with too many entries is refused', () => {
  refused({ ...IMAGE, annotations: { a: 'x'.repeat(4 * 1024 * 1024) } }, 'OCI_MANIFEST_INVALID');
});

test('content of another media type is not a manifest', () => {
  refused(IMAGE, 'OCI_MEDIA_TYPE_UNSUPPORTED', 'application/json');
});

test('annotation keys from outside do not reach prototypes', () => {
  const raw = JSON.stringify(IMAGE).replace('"layers"', '"annotations":{"__proto__":"x"},"layers"');
  const manifest = parseManifest(new TextEncoder().encode(raw), MEDIA_TYPE.imageManifest);
  assert.deepEqual(Object.keys(manifest.annotations ?? {}), ['__proto__']);
  assert.equal(Object.getPrototypeOf(manifest.annotations), Object.prototype);
});

const descriptor: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.constantFrom('a/b', 'application/vnd.x+json'),
    digest: fc.constant(DIGEST),
    size: fc.nat(),
    annotations: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
    artifactType: fc.constantFrom('x/y', 'z'),
    urls: fc.array(fc.webUrl(), { maxLength: 2 }),
    platform: fc.record({ architecture: fc.string(), os: fc.string() }, { noNullPrototype: true }),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'], noNullPrototype: true },
);

test('what is encoded decodes to the same manifest and encodes to the same bytes', () => {
  const image = fc.record(
    {
      kind: fc.constant('image' as const),
      mediaType: fc.constant(MEDIA_TYPE.imageManifest),
      config: descriptor,
      layers: fc.array(descriptor, { maxLength: 3 }),
      subject: descriptor,
      artifactType: fc.constant('a/b'),
    },
    { requiredKeys: ['kind', 'mediaType', 'config', 'layers'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(image, (manifest: ImageManifest) => {
      const encoded = encodeManifest(manifest);
      const decoded = parseManifest(encoded, manifest.mediaType);
      assert.deepEqual(decoded, manifest);
      assert.deepEqual(encodeManifest(decoded), encoded);
    }),
  );
});

test('any bytes decode or are refused by this package', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (raw) => {
        try {
          parseManifest(raw, MEDIA_TYPE.imageIndex);
        } catch (error) {
          assert.ok(error instanceof OciError, String(error));
        }
      },
    ),
  );
});

test('the entry of a referrer has the artifact type and the annotations of its manifest', () => {
  const entryOf = (document: object, mediaType: string): Descriptor | undefined => {
    const raw = bytes({ ...document, mediaType, subject: BLOB, annotations: { a: 'b' } });
    return referrerEntry(raw, describeContent(raw, mediaType))?.entry;
  };
  const typed = entryOf({ ...IMAGE, artifactType: 'sig/x' }, MEDIA_TYPE.imageManifest);
  assert.equal(typed?.artifactType, 'sig/x');
  assert.deepEqual(typed.annotations, { a: 'b' });
  const config = { ...BLOB, mediaType: 'application/vnd.cncf.notary.signature' };
  const old = entryOf({ ...IMAGE, config }, MEDIA_TYPE.imageManifest);
  assert.equal(old?.artifactType, 'application/vnd.cncf.notary.signature');
  assert.equal(entryOf(INDEX, MEDIA_TYPE.imageIndex)?.artifactType, undefined);
  const plain = bytes(IMAGE);
  assert.equal(referrerEntry(plain, describeContent(plain, MEDIA_TYPE.imageManifest)), undefined);
});

test('what the author of a manifest wrote is quoted in the message', () => {
  const forged = 'a\nSuccessfully verified';
  for (const changes of [{ mediaType: forged }, { annotations: { [forged]: 1 } }]) {
    assert.throws(
      () => parseManifest(bytes({ ...IMAGE, ...changes }), MEDIA_TYPE.imageManifest),
      (error: unknown) => error instanceof OciError && error.message.includes('"a\\nSuccess'),
    );
  }
});
