import { type JsonObject, Nv2Error, parseJson, quoted } from '@nv2/core';
import { isManifestMediaType, type Manifest, MEDIA_TYPE, parseManifest } from '@nv2/oci';
import { RegistryError } from './errors.ts';

/**
 * Reads a manifest as it is pushed. What it says it is, what it looks like and its `Content-Type`
 * must agree, so that its bytes alone tell its media type ever after.
 * @throws RegistryError `REGISTRY_MANIFEST_INVALID`
 */
export function readPushedManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const announced = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  try {
    const manifest = readStoredManifest(bytes);
    if (announced === undefined || announced === '' || announced === manifest.mediaType) {
      return manifest;
    }
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalid(cause.message, cause);
  }
  throw invalid(`content does not agree with its Content-Type ${quoted(announced)}`);
}

/** Reads a manifest that {@link readPushedManifest} has accepted. */
export function readStoredManifest(bytes: Uint8Array): Manifest {
  return parseManifest(bytes, mediaTypeOf(bytes));
}

/** The media type of a manifest: the one it names, else that of OCI for what it holds. */
function mediaTypeOf(bytes: Uint8Array): string {
  const document = parseJson(bytes);
  if (!(document instanceof Map)) throw invalid('a manifest is a JSON object');
  const named = (document as JsonObject).get('mediaType');
  if (typeof named === 'string' && named !== '') {
    if (isManifestMediaType(named)) return named;
    throw invalid(`${quoted(named)} is not a supported manifest`);
  }
  if (document.has('manifests')) return MEDIA_TYPE.imageIndex;
  return document.has('blobs') ? MEDIA_TYPE.artifactManifest : MEDIA_TYPE.imageManifest;
}

function invalid(problem: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_MANIFEST_INVALID', `the manifest is refused: ${problem}`, {
    cause,
    hint: 'push an image manifest, an image index, or their Docker forms, with their media type',
  });
}
