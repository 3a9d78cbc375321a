import { quoted } from '@nv2/core';
import type { Descriptor, Platform } from './descriptor.ts';
import { OciError } from './errors.ts';

const PLATFORM = /^([a-z0-9]+)\/([a-z0-9_-]+)(?:\/([a-z0-9.]+))?$/;

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

/** Other names of architectures, and the variant that a name includes, as container runtimes know them. */
const ARCHITECTURES: ReadonlyMap<string, readonly [name: string, variant?: string]> = new Map([
  ['i386', ['386', '']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

/** The variant that is meant where none is named. */
const USUAL_VARIANT: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
  ['arm', 'v7'],
]);

/**
 * The manifests of an index that are for a platform. Without a variant any variant matches, unless the
 * name of the architecture includes one; `v8` of arm64 is the same as none. Names are taken as runtimes take them, who would run what goes by another.
 */
export function manifestsFor(
  platform: Platform,
  manifests: readonly Descriptor[],
): readonly Descriptor[] {
  const wanted = canonical(platform);
  return manifests.filter(({ platform: has }) => {
    if (has === undefined) return false;
    const { os, architecture, variant } = canonical(has);
    if (os !== wanted.os || architecture !== wanted.architecture) return false;
    return !wanted.isNamed || variant === wanted.variant;
  });
}

/**
 * The one manifest of an index that is for a platform. One of which the index does not say the system
 * might be taken for it as well.
 * @throws OciError `OCI_PLATFORM_NOT_FOUND` if there is none, or more than one
 */
export function selectPlatform(platform: Platform, manifests: readonly Descriptor[]): Descriptor {
  const [found, ...others] = manifestsFor(platform, manifests);
  const ofAnySystem = manifests.filter((one) => one.platform?.os === '');
  const more = [...others, ...manifestsFor({ ...platform, os: '' }, ofAnySystem)];
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

interface Canonical extends Required<Pick<Platform, 'os' | 'architecture' | 'variant'>> {
  /** Whether a variant is written, or part of the name of the architecture. */
  readonly isNamed: boolean;
}

function canonical(platform: Platform): Canonical {
  const os = platform.os.toLowerCase();
  const name = platform.architecture.toLowerCase();
  const [architecture, included] = ARCHITECTURES.get(name) ?? [name];
  const written = (platform.variant ?? '').toLowerCase().replace(/^v?(\d+)(?:\.0)?$/, 'v$1');
  const named = included ?? written;
  const variant = named || (USUAL_VARIANT.get(architecture) ?? '');
  return { os: os === 'macos' ? 'darwin' : os, architecture, variant, isNamed: named !== '' };
}
