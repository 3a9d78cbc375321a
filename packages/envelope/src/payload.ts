import {
  type ActedOn,
  actedOn,
  assertNoLookAlike,
  decodeBase64,
  encodeUtf8,
  isDigest,
  type JsonObject,
  type JsonValue,
  parseJson,
  quoted,
} from '@nv2/core';
import { type EnvelopeContent, type EnvelopeMediaType, JWS_MEDIA_TYPE } from './content.ts';
import { EnvelopeError, readingPart } from './errors.ts';
import { encodeGoJson, sortMembers } from './go-json.ts';
import { ENVELOPE_LIMITS } from './limits.ts';

/** Content type of the only payload that the Notary Project defines. */
export const PAYLOAD_MEDIA_TYPE = 'application/vnd.cncf.notary.payload.v1+json';

/** The descriptor of what is signed: the part of an OCI descriptor that a signature covers. */
export interface TargetArtifact {
  readonly mediaType: string;
  /** `sha256:…`, `sha384:…` or `sha512:…`, lower-case hex. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Metadata of the signer; the prefix `io.cncf.notary` is reserved. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A decoded Notary Project payload. */
export interface NotaryPayload {
  readonly targetArtifact: TargetArtifact;
}

const isText = (value: JsonValue): boolean => typeof value === 'string';

/** Members of an OCI descriptor that are not acted on, but that other readers want of their type. */
const UNUSED_MEMBERS: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  artifactType: isText,
  urls: (value) => Array.isArray(value) && value.every(isText),
  data: (value) => typeof value === 'string' && isBase64(value),
  platform: (value) => value instanceof Map,
};

const DESCRIPTOR_NAMES = actedOn([
  'mediaType',
  'digest',
  'size',
  'annotations',
  ...Object.keys(UNUSED_MEMBERS),
]);

const PAYLOAD_NAMES = actedOn(['targetArtifact']);

/**
 * The payload of an envelope, after a check that its content type is the Notary Project's. As
 * believable as the content it comes from.
 * @throws EnvelopeError `ENVELOPE_PAYLOAD_INVALID`
 */
export function payloadOf(content: EnvelopeContent): NotaryPayload {
  if (content.payloadType !== PAYLOAD_MEDIA_TYPE) {
    throw invalid(
      `payload of type ${quoted(content.payloadType)}, expected ${PAYLOAD_MEDIA_TYPE}`,
      {
        payloadType: content.payloadType,
      },
    );
  }
  return parsePayload(content.payload);
}

/**
 * Decodes a Notary Project payload.
 *
 *     {"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json",
 *      "digest":"sha256:73c8…c333","size":16724,"annotations":{"io.example.buildId":"123"}}}
 *
 * Members that the specification does not name are ignored, as the reference and OCI descriptors
 * have it (`artifactType`, `urls`, …), but for their type. Duplicate members, names that differ from
 * a known one in case only and numbers that are not written as integers are refused, since two
 * readers could take two different artifacts from them.
 * @throws EnvelopeError `ENVELOPE_PAYLOAD_INVALID`, `ENVELOPE_LIMIT_EXCEEDED`
 * @see specifications/specs/signature-specification.md, "Payload"
 */
export function parsePayload(bytes: Uint8Array): NotaryPayload {
  const payload = object(
    readingPart('payload', 'ENVELOPE_PAYLOAD_INVALID', () =>
      parseJson(bytes, {
        maxBytes: ENVELOPE_LIMITS.maxPayloadBytes,
        maxDepth: ENVELOPE_LIMITS.maxNestingLevels,
        maxItems: ENVELOPE_LIMITS.maxItems,
        wholeNumbers: true,
      }),
    ),
    { name: 'payload', members: PAYLOAD_NAMES },
  );
  const descriptor = object(payload.get('targetArtifact'), {
    name: 'targetArtifact',
    members: DESCRIPTOR_NAMES,
  });
  for (const [name, isOfType] of Object.entries(UNUSED_MEMBERS)) {
    const value = descriptor.get(name) ?? null;
    if (value !== null && !isOfType(value))
      throw invalid(`${name} is not what it is in a descriptor`);
  }
  const annotations = descriptor.get('annotations');
  const targetArtifact = {
    mediaType: text(descriptor.get('mediaType'), 'mediaType'),
    digest: text(descriptor.get('digest'), 'digest'),
    size: integer(descriptor.get('size')),
    ...(annotations === undefined ? {} : { annotations: readAnnotations(annotations) }),
  };
  assertTarget(targetArtifact);
  return { targetArtifact };
}

/**
 * Encodes a payload to the very bytes that the reference signs in this format. They differ: in a JWS
 * envelope every object has its members sorted, in a COSE envelope the descriptor keeps the order
 * mediaType, digest, size, annotations. Annotations that are empty are left out.
 * @throws EnvelopeError `ENVELOPE_PAYLOAD_INVALID`, `ENVELOPE_REQUEST_INVALID` for half a surrogate
 */
export function encodePayload(target: TargetArtifact, mediaType: EnvelopeMediaType): Uint8Array {
  assertTarget(target);
  const annotations = Object.entries(target.annotations ?? {});
  const descriptor = new Map<string, JsonValue>([
    ['mediaType', target.mediaType],
    ['digest', target.digest],
    ['size', target.size],
  ]);
  if (annotations.length > 0) descriptor.set('annotations', sortMembers(new Map(annotations)));
  const payload: JsonValue = new Map([['targetArtifact', descriptor]]);
  return encodeUtf8(encodeGoJson(mediaType === JWS_MEDIA_TYPE ? sortMembers(payload) : payload));
}

function object(
  value: JsonValue | undefined,
  expected: { readonly name: string; readonly members: ActedOn },
): JsonObject {
  if (!(value instanceof Map)) throw invalid(`${expected.name} must be a JSON object`);
  const members: JsonObject = value;
  assertNoLookAlike(members, expected.members, (key) =>
    invalid(`member ${quoted(key)} differs from a known one in upper and lower case only`),
  );
  return members;
}

function isBase64(text: string): boolean {
  try {
    decodeBase64(text);
    return true;
  } catch {
    return false;
  }
}

function text(value: JsonValue | undefined, name: string): string {
  if (typeof value !== 'string') throw invalid(`${name} must be text`);
  return value;
}

function integer(value: JsonValue | undefined): number {
  if (typeof value !== 'number') throw invalid('size must be a number');
  return value;
}

function readAnnotations(value: JsonValue): Readonly<Record<string, string>> {
  if (!(value instanceof Map)) throw invalid('annotations must be a JSON object');
  const annotations: JsonObject = value;
  return Object.fromEntries(
    [...annotations].map(([key, item]) => [key, text(item, `annotation ${quoted(key)}`)]),
  );
}

function assertTarget({ mediaType, digest, size }: TargetArtifact): void {
  if (mediaType === '') throw invalid('mediaType is empty');
  if (!isDigest(digest)) {
    throw invalid(`digest ${quoted(digest)} is not a sha256, sha384 or sha512 digest`);
  }
  if (!Number.isSafeInteger(size) || size < 0) {
    throw invalid(`size ${size} is not a number of bytes`);
  }
}

function invalid(message: string, data?: Readonly<Record<string, unknown>>): EnvelopeError {
  return new EnvelopeError('ENVELOPE_PAYLOAD_INVALID', message, { data });
}
