import { quoted } from '@nv2/core';
import type { Descriptor, Platform } from './descriptor.ts';
import { OciError } from './errors.ts';

const PLATFORM = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9.]+))?$/;

/** Reads `os/architecture` or `os/architecture/variant`; undefined if it is neither. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = PLATFORM.exec(text) ?? [];
  if (os === undefined || architecture === undefined) return undefined;
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** As {@link parsePlatform} reads it. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join(
    '/',
  );
}

/**
 * The manifests of an index that are for a platform. Without a variant any variant matches; `v8` of
 * arm64 is the same as none.
 */
export function manifestsFor(
  platform: Platform,
  manifests: readonly Descriptor[],
): readonly Descriptor[] {
  return manifests.filter(({ platform: has }) => {
    if (has?.os !== platform.os || has.architecture !== platform.architecture) return false;
    return variantOf(platform) === '' || variantOf(platform) === variantOf(has);
  });
}

/**
 * The one manifest of an index that is for a platform.
 * @throws OciError `OCI_PLATFORM_NOT_FOUND` if there is none, or more than one
 */
export function selectPlatform(platform: Platform, manifests: readonly Descriptor[]): Descriptor {
  const [found, ...more] = manifestsFor(platform, manifests);
  if (found !== undefined && more.every(({ digest }) => digest === found.digest)) return found;
  const held = manifests.flatMap(({ platform: one }) => (one ? [formatPlatform(one)] : []));
  const wanted = formatPlatform(platform);
  throw new OciError(
    'OCI_PLATFORM_NOT_FOUND',
    found === undefined
      ? `the index has no manifest for ${wanted}; it has ${held.map(named).join(', ') || 'none with a platform'}`
      : `the index has ${more.length + 1} manifests for ${wanted}`,
    {
      hint: 'name a platform of the index with its variant, or the digest of the manifest',
      data: { platform: wanted, held },
    },
  );
}

// A platform of an index is whatever its author wrote.
function named(platform: string): string {
  return parsePlatform(platform) === undefined ? quoted(platform) : platform;
}

function variantOf({ architecture, variant = '' }: Platform): string {
  return architecture === 'arm64' && variant === 'v8' ? '' : variant;
}
