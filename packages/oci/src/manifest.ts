import {
  actedOn,
  assertNoLookAlike,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
  Nv2Error,
  parseJson,
  quoted,
} from '@nv2/core';
import { MAX_MANIFEST_BYTES } from './artifact.ts';
import {
  type Annotations,
  ambiguous,
  asObject,
  type Descriptor,
  descriptorToJson,
  readAnnotations,
  readArtifactType,
  readDescriptor,
} from './descriptor.ts';
import { OciError } from './errors.ts';
import { MEDIA_TYPE } from './media-types.ts';

/** What manifests of every kind have. */
export interface ManifestBase {
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

/** @see OCI image-spec 1.1.1, manifest.md */
export interface ImageManifest extends ManifestBase {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** @see OCI image-spec 1.1.1, image-index.md */
export interface IndexManifest extends ManifestBase {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

/** From the release candidates of image-spec 1.1; some registries still hold signatures in it. */
export interface ArtifactManifest extends ManifestBase {
  readonly kind: 'artifact';
  readonly blobs: readonly Descriptor[];
}

/** A manifest of any kind; `kind` follows the media type that it was fetched as. */
export type Manifest = ImageManifest | IndexManifest | ArtifactManifest;

/** A list in a manifest with more descriptors than this is refused; 4 MiB hold about as many. */
const MAX_DESCRIPTORS = 50_000;

const KIND_OF: ReadonlyMap<string, Manifest['kind']> = new Map([
  [MEDIA_TYPE.imageManifest, 'image'],
  [MEDIA_TYPE.dockerManifest, 'image'],
  [MEDIA_TYPE.imageIndex, 'index'],
  [MEDIA_TYPE.dockerManifestList, 'index'],
  [MEDIA_TYPE.artifactManifest, 'artifact'],
]);

/** The properties that make a document one kind of manifest. */
const CONTENT_KEYS: Readonly<Record<Manifest['kind'], readonly string[]>> = {
  image: ['config', 'layers'],
  index: ['manifests'],
  artifact: ['blobs'],
};

const OTHER_KEYS = ['schemaVersion', 'mediaType', 'artifactType', 'subject', 'annotations'];
const KNOWN_KEYS = actedOn([...OTHER_KEYS, ...Object.values(CONTENT_KEYS).flat()]);

/** Whether content of this media type is a manifest that {@link parseManifest} reads. */
export function isManifestMediaType(mediaType: string): boolean {
  return KIND_OF.has(mediaType);
}

/**
 * Reads the bytes of a manifest as what `mediaType` says they are. Refuses a document that another
 * reader could take for another kind or another content: properties of two kinds, an inner media
 * type that contradicts the outer, duplicate keys, keys that differ from known ones by case only.
 * @throws OciError `OCI_MANIFEST_INVALID`, `OCI_MANIFEST_AMBIGUOUS`, `OCI_MEDIA_TYPE_UNSUPPORTED`
 */
export function parseManifest(bytes: Uint8Array, mediaType: string): Manifest {
  const kind = KIND_OF.get(mediaType);
  if (kind === undefined) {
    throw new OciError('OCI_MEDIA_TYPE_UNSUPPORTED', `${mediaType} is not a manifest media type`, {
      data: { mediaType },
    });
  }
  try {
    return readManifest(asObject(parseManifestJson(bytes), 'manifest'), kind, mediaType);
  } catch (cause) {
    if (!(cause instanceof Nv2Error) || cause.code === 'OCI_MANIFEST_AMBIGUOUS') throw cause;
    throw malformed(mediaType, cause);
  }
}

/** The manifest as bytes, properties in the order of the reference implementation. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifest.mediaType,
      artifactType: manifest.artifactType,
      ...contentToJson(manifest),
      subject: manifest.subject && descriptorToJson(manifest.subject),
      annotations: manifest.annotations,
    }),
  );
}

function contentToJson(manifest: Manifest): Readonly<Record<string, unknown>> {
  switch (manifest.kind) {
    case 'image':
      return {
        config: descriptorToJson(manifest.config),
        layers: manifest.layers.map(descriptorToJson),
      };
    case 'index':
      return { manifests: manifest.manifests.map(descriptorToJson) };
    case 'artifact':
      return { blobs: manifest.blobs.map(descriptorToJson) };
  }
}

function parseManifestJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: MAX_MANIFEST_BYTES });
  } catch (cause) {
    if (!(cause instanceof Nv2Error) || cause.code !== 'JSON_DUPLICATE_KEY') throw cause;
    throw ambiguous(cause.message, cause);
  }
}

function readManifest(object: JsonObject, kind: Manifest['kind'], mediaType: string): Manifest {
  assertUnambiguous(object, kind, mediaType);
  // the artifact manifest alone has no schemaVersion
  if (kind !== 'artifact' && object.get('schemaVersion') !== 2) {
    throw new OciError('OCI_MANIFEST_INVALID', 'schemaVersion is not 2');
  }
  const artifactType = readArtifactType(object, 'manifest');
  const annotations = readAnnotations(object, 'manifest');
  const subject = object.get('subject');
  const base: ManifestBase = {
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
    ...(subject !== undefined &&
      subject !== null && { subject: readDescriptor(subject, 'subject') }),
  };
  switch (kind) {
    case 'image':
      return {
        kind,
        ...base,
        config: readDescriptor(object.get('config'), 'config'),
        layers: readDescriptors(object, 'layers'),
      };
    case 'index':
      return { kind, ...base, manifests: readDescriptors(object, 'manifests') };
    case 'artifact':
      return { kind, ...base, blobs: readDescriptors(object, 'blobs') };
  }
}

function assertUnambiguous(object: JsonObject, kind: Manifest['kind'], mediaType: string): void {
  const inner = object.get('mediaType');
  if (inner !== undefined && inner !== '' && inner !== mediaType) {
    throw ambiguous(
      `mediaType is ${typeof inner === 'string' ? quoted(inner) : 'no string'}, expected ${mediaType}`,
    );
  }
  for (const [otherKind, keys] of Object.entries(CONTENT_KEYS)) {
    const foreign = otherKind === kind ? undefined : keys.find((key) => object.has(key));
    if (foreign !== undefined) throw ambiguous(`${foreign} in a manifest of kind ${kind}`);
  }
  assertNoLookAlike(object, KNOWN_KEYS, (key) =>
    ambiguous(`property ${quoted(key)} differs from a known one by case only`),
  );
}

function readDescriptors(object: JsonObject, key: string): readonly Descriptor[] {
  const value = object.get(key);
  // Go writes an absent list as null; some tools leave out blobs
  if (value === null || (value === undefined && key === 'blobs')) return [];
  if (!Array.isArray(value)) throw new OciError('OCI_MANIFEST_INVALID', `${key} is not a list`);
  if (value.length > MAX_DESCRIPTORS) {
    throw new OciError(
      'OCI_MANIFEST_INVALID',
      `${key} has ${value.length} entries, at most ${MAX_DESCRIPTORS} are read`,
    );
  }
  return value.map((item: JsonValue, index: number) => readDescriptor(item, `${key}[${index}]`));
}

function malformed(mediaType: string, cause: Nv2Error): OciError {
  return new OciError('OCI_MANIFEST_INVALID', `malformed manifest: ${cause.message}`, {
    cause,
    data: { ...cause.data, mediaType },
    hint: 'have it pushed again by a tool that writes manifests as the OCI specification says',
  });
}
