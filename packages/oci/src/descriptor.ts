import {
  type ActedOn,
  actedOn,
  assertNoLookAlike,
  CoreError,
  decodeBase64,
  encodeBase64,
  isDigest,
  type JsonObject,
  type JsonValue,
  type Nv2Error,
  quoted,
} from '@nv2/core';
import { OciError } from './errors.ts';

/** String to string, as written in manifests and descriptors. */
export type Annotations = Readonly<Record<string, string>>;

/**
 * What identifies content: where it is named, its bytes have this size and digest or are refused.
 * @see OCI image-spec 1.1.1, descriptor.md
 */
export interface Descriptor {
  readonly mediaType: string;
  /** `algorithm:lower-case hex`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Annotations;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
  /** The content itself, embedded. */
  readonly data?: Uint8Array;
  readonly platform?: Platform;
}

/** What an image of an index runs on. */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly osVersion?: string;
}

const MAX_ANNOTATIONS = 1000;
const MAX_URLS = 100;
// RFC 6838 4.2, without parameters
const MEDIA_TYPE_FORM =
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

const DESCRIPTOR_KEYS = actedOn([
  'mediaType',
  'digest',
  'size',
  'annotations',
  'artifactType',
  'urls',
  'data',
  'platform',
]);
const PLATFORM_KEYS = actedOn([
  'architecture',
  'os',
  'os.version',
  'os.features',
  'variant',
  'features',
]);

/** Whether both name the same content: media type, digest and size agree. */
export function sameContent(a: Descriptor, b: Descriptor): boolean {
  return a.digest === b.digest && a.size === b.size && a.mediaType === b.mediaType;
}

/** The descriptor reduced to what identifies the content. */
export function plainDescriptor(descriptor: Descriptor): Descriptor {
  const { mediaType, digest, size } = descriptor;
  return { mediaType, digest, size };
}

/**
 * Reads a descriptor out of a parsed document. Unknown properties are ignored, as the
 * specification demands; known ones have their type and form or the descriptor is refused. So is one
 * with a name that differs from a known one by case only: another reader could take other content.
 * @param where what is being read, for the message, as in `layers[0]`
 * @throws OciError `OCI_DESCRIPTOR_INVALID`, `OCI_MANIFEST_AMBIGUOUS`
 */
export function readDescriptor(value: JsonValue | undefined, where: string): Descriptor {
  const object = asObject(value, where);
  assertOneMeaning(object, DESCRIPTOR_KEYS, where);
  const data = readData(object, where);
  const size = readSize(object, where);
  if (data !== undefined && data.length !== size) {
    throw invalid(where, `data of ${data.length} bytes does not match size ${size}`);
  }
  const annotations = readAnnotations(object, where);
  const artifactType = readArtifactType(object, where);
  const urls = readStrings(object, where, 'urls');
  const platform = readPlatform(object, where);
  return {
    mediaType: readMediaType(object, where),
    digest: readDigest(object, where),
    size,
    ...(annotations && { annotations }),
    ...(artifactType !== undefined && { artifactType }),
    ...(urls && { urls }),
    ...(data && { data }),
    ...(platform && { platform }),
  };
}

/**
 * An entry of a list that others add to. Whatever cannot be read beyond media type, digest and size
 * is left out: the entry stays on the list, to be judged by the content that it names, and what
 * somebody wrote into one entry does not hide the others.
 * @throws OciError `OCI_DESCRIPTOR_INVALID`
 */
export function readListedDescriptor(value: JsonValue | undefined, where: string): Descriptor {
  try {
    return readDescriptor(value, where);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const object = asObject(value, where);
    const artifactType = object.get('artifactType');
    return {
      mediaType: readMediaType(object, where),
      digest: readDigest(object, where),
      size: readSize(object, where),
      ...(typeof artifactType === 'string' && artifactType !== '' && { artifactType }),
    };
  }
}

/** The descriptor as JSON, properties in the order of the reference implementation. */
export function descriptorToJson(descriptor: Descriptor): Readonly<Record<string, unknown>> {
  const { platform } = descriptor;
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    urls: descriptor.urls,
    annotations: descriptor.annotations,
    data: descriptor.data && encodeBase64(descriptor.data),
    platform: platform && {
      architecture: platform.architecture,
      os: platform.os,
      'os.version': platform.osVersion,
      variant: platform.variant,
    },
    artifactType: descriptor.artifactType,
  };
}

/** @throws OciError `OCI_DESCRIPTOR_INVALID` */
export function readAnnotations(object: JsonObject, where: string): Annotations | undefined {
  const value = object.get('annotations');
  if (value === undefined || value === null) return undefined;
  const map = asObject(value, `${where}.annotations`);
  if (map.size > MAX_ANNOTATIONS) {
    throw invalid(where, `${map.size} annotations, at most ${MAX_ANNOTATIONS} are read`);
  }
  for (const [key, text] of map) {
    if (typeof text !== 'string') throw invalid(where, `annotation ${quoted(key)} is not a string`);
  }
  return Object.fromEntries(map as ReadonlyMap<string, string>);
}

/**
 * An artifact type, of any form: what others call their artifacts must not hide ours in a list.
 * Empty counts as absent.
 * @throws OciError `OCI_DESCRIPTOR_INVALID`
 */
export function readArtifactType(object: JsonObject, where: string): string | undefined {
  const text = readString(object, where, 'artifactType');
  return text === '' ? undefined : text;
}

/** @throws OciError `OCI_DESCRIPTOR_INVALID` */
export function asObject(value: JsonValue | undefined, where: string): JsonObject {
  if (value instanceof Map) return value;
  throw invalid(where, value === undefined ? 'is missing' : 'is not an object');
}

function readMediaType(object: JsonObject, where: string): string {
  const text = required(readString(object, where, 'mediaType'), where, 'mediaType');
  if (!MEDIA_TYPE_FORM.test(text)) throw invalid(where, 'mediaType is not a media type');
  return text;
}

function readSize(object: JsonObject, where: string): number {
  const size = object.get('size');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(where, 'size is not a whole number of bytes');
  }
  return size;
}

function readDigest(object: JsonObject, where: string): string {
  const digest = required(readString(object, where, 'digest'), where, 'digest');
  if (!isDigest(digest)) throw invalid(where, 'digest is malformed or of an unsupported algorithm');
  return digest;
}

function readData(object: JsonObject, where: string): Uint8Array | undefined {
  const text = readString(object, where, 'data');
  if (text === undefined) return undefined;
  try {
    return decodeBase64(text);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid(where, 'data is not base64', cause);
  }
}

function readPlatform(object: JsonObject, where: string): Platform | undefined {
  const value = object.get('platform');
  if (value === undefined || value === null) return undefined;
  const platform = asObject(value, `${where}.platform`);
  assertOneMeaning(platform, PLATFORM_KEYS, `${where}.platform`);
  const variant = readString(platform, where, 'variant');
  const osVersion = readString(platform, where, 'os.version');
  return {
    architecture: readString(platform, where, 'architecture') ?? '',
    os: readString(platform, where, 'os') ?? '',
    ...(variant !== undefined && { variant }),
    ...(osVersion !== undefined && { osVersion }),
  };
}

function readStrings(object: JsonObject, where: string, key: string): string[] | undefined {
  const value = object.get(key);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length > MAX_URLS) {
    throw invalid(where, `${key} is not a list of at most ${MAX_URLS}`);
  }
  return value.map((item: JsonValue) => {
    if (typeof item !== 'string') throw invalid(where, `${key} holds something else than strings`);
    return item;
  });
}

function readString(object: JsonObject, where: string, key: string): string | undefined {
  const value = object.get(key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(where, `${key} is not a string`);
  return value;
}

function required<T>(value: T | undefined, where: string, key: string): T {
  if (value === undefined) throw invalid(where, `${key} is missing`);
  return value;
}

function assertOneMeaning(object: JsonObject, known: ActedOn, where: string): void {
  assertNoLookAlike(object, known, (key) =>
    ambiguous(`property ${quoted(key)} of ${where} differs from a known one by case only`),
  );
}

/** The error for a document that two readers could take for two things. */
export function ambiguous(problem: string, cause?: Nv2Error): OciError {
  return new OciError('OCI_MANIFEST_AMBIGUOUS', `ambiguous manifest: ${problem}`, {
    hint: 'have the artifact pushed again by a tool that writes one kind of manifest',
    cause,
  });
}

function invalid(where: string, problem: string, cause?: unknown): OciError {
  return new OciError('OCI_DESCRIPTOR_INVALID', `${where}: ${problem}`, { cause, data: { where } });
}
