import { encodeUtf8 } from '@nv2/core';
import {
  type Descriptor,
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  type Platform,
} from '@nv2/oci';
import type { MemoryTarget } from '@nv2/testkit';

const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);

/** Adds an image, which its note makes another one. */
export function image(target: MemoryTarget, note: string): Descriptor {
  const mediaType = MEDIA_TYPE.imageManifest;
  const annotations = { note };
  const layers: Descriptor[] = [];
  const bytes = encodeManifest({ kind: 'image', mediaType, config, layers, annotations });
  return target.add(bytes, { mediaType });
}

/** Adds an index. */
export function index(
  target: MemoryTarget,
  manifests: readonly Descriptor[],
  tag?: string,
): Descriptor {
  const mediaType = MEDIA_TYPE.imageIndex;
  const bytes = encodeManifest({ kind: 'index', mediaType, manifests });
  return target.add(bytes, { mediaType, ...(tag !== undefined && { tag }) });
}

/** As an index lists it for a platform of Linux. */
export const on = (descriptor: Descriptor, architecture: string, variant?: string): Descriptor => {
  const platform: Platform = { os: 'linux', architecture, ...(variant && { variant }) };
  return { ...descriptor, platform };
};
