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
import { type Descriptor, descriptorToJson, readDescriptor } from '../descriptor.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { plainObject } from '../plain-json.ts';
import { invalidLayout } from './files.ts';

/** The annotation that gives a manifest of a layout its tag (image-spec 1.1.1, annotations). */
export const REF_NAME = 'org.opencontainers.image.ref.name';

/** Larger indexes are refused. */
export const MAX_INDEX_BYTES: number = 32 * 1024 * 1024;
const MAX_ENTRIES = 50_000;
/** Twenty for each entry: descriptors with a platform and annotations have about a dozen. */
const MAX_ITEMS = 20 * MAX_ENTRIES;
const LAYOUT_VERSION = '1.0.0';
const INDEX_KEYS = actedOn([
  'schemaVersion',
  'mediaType',
  'artifactType',
  'manifests',
  'subject',
  'annotations',
]);

/** What `index.json` of a layout says; `document` keeps what is not understood here. */
export interface LayoutIndex {
  readonly document: JsonObject;
  readonly manifests: readonly Descriptor[];
}

/** The index of a layout that has none yet. */
export function emptyIndex(): LayoutIndex {
  const document = new Map<string, JsonValue>([
    ['schemaVersion', 2],
    ['mediaType', MEDIA_TYPE.imageIndex],
  ]);
  return { document, manifests: [] };
}

/** The content of the file `oci-layout`. */
export function layoutMarker(): Uint8Array {
  return encodeUtf8(JSON.stringify({ imageLayoutVersion: LAYOUT_VERSION }));
}

/** @throws OciError `OCI_LAYOUT_INVALID` unless the marker has the one version there is */
export function assertLayoutMarker(bytes: Uint8Array, name: string): void {
  const document = readJson(bytes, name, 'oci-layout');
  const version = document.get('imageLayoutVersion');
  if (version !== LAYOUT_VERSION) {
    throw invalidLayout(name, `version is ${String(version)}, expected ${LAYOUT_VERSION}`);
  }
}

/** @throws OciError `OCI_LAYOUT_INVALID` */
export function parseIndex(bytes: Uint8Array, name: string): LayoutIndex {
  const document = readJson(bytes, name, 'index.json');
  assertNoLookAlike(document, INDEX_KEYS, (key) =>
    invalidLayout(
      name,
      `property ${quoted(key)} of index.json differs from a known one by case only`,
    ),
  );
  if (document.get('schemaVersion') !== 2) {
    throw invalidLayout(name, 'schemaVersion of index.json is not 2');
  }
  const list: JsonValue | undefined = document.get('manifests') ?? [];
  if (!Array.isArray(list) || list.length > MAX_ENTRIES) {
    throw invalidLayout(name, `index.json has no list of at most ${MAX_ENTRIES} manifests`);
  }
  try {
    const manifests = list.map((item: JsonValue, at: number) =>
      readDescriptor(item, `manifests[${at}]`),
    );
    return { document, manifests };
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalidLayout(name, `index.json: ${cause.message}`, cause);
  }
}

/**
 * The index with a manifest added, as bytes. A tag moves to the manifest from wherever it was; a
 * manifest that is there already is not listed twice.
 */
export function encodeIndexWith(
  { document, manifests }: LayoutIndex,
  added: Descriptor,
  tag?: string,
): Uint8Array {
  const untagged = manifests.flatMap((entry) => {
    if (tag === undefined || entry.annotations?.[REF_NAME] !== tag) return [entry];
    return entry.digest === added.digest ? [] : [withoutTag(entry)];
  });
  const isListed = untagged.some((entry) => entry.digest === added.digest);
  const entry = tag === undefined ? added : withTag(added, tag);
  const entries = isListed && tag === undefined ? untagged : [...untagged, entry];
  const plain = { ...plainObject(document), manifests: entries.map(descriptorToJson) };
  return encodeUtf8(JSON.stringify(plain));
}

/** The index without a manifest, under whatever tags it was there, as bytes. */
export function encodeIndexWithout(
  { document, manifests }: LayoutIndex,
  digest: string,
): Uint8Array {
  const entries = manifests.filter((entry) => entry.digest !== digest);
  const plain = { ...plainObject(document), manifests: entries.map(descriptorToJson) };
  return encodeUtf8(JSON.stringify(plain));
}

function withTag(descriptor: Descriptor, tag: string): Descriptor {
  return { ...descriptor, annotations: { ...descriptor.annotations, [REF_NAME]: tag } };
}

function withoutTag({ annotations, ...descriptor }: Descriptor): Descriptor {
  const kept = Object.entries(annotations ?? {}).filter(([key]) => key !== REF_NAME);
  return kept.length === 0 ? descriptor : { ...descriptor, annotations: Object.fromEntries(kept) };
}

function readJson(bytes: Uint8Array, name: string, file: string): JsonObject {
  try {
    const document = parseJson(bytes, { maxBytes: MAX_INDEX_BYTES, maxItems: MAX_ITEMS });
    if (document instanceof Map) return document;
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalidLayout(name, `${file}: ${cause.message}`, cause);
  }
  throw invalidLayout(name, `${file} is not a JSON object`);
}
