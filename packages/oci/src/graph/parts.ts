import type { Descriptor } from '../descriptor.ts';
import { isManifestMediaType, type Manifest } from '../manifest.ts';

const FOREIGN_LAYERS: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]);

/** What a manifest is made of. Its subject is no part of it. */
export interface Parts {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
  /** Layers that registries do not hold: who runs the image gets them from elsewhere. */
  readonly foreign: readonly Descriptor[];
}

/** The parts of a manifest. Whatever an index lists that is no manifest is a blob of it. */
export function partsOf(manifest: Manifest): Parts {
  const all = contentOf(manifest);
  const isChild = (part: Descriptor): boolean =>
    manifest.kind === 'index' && isManifestMediaType(part.mediaType);
  const isForeign = (part: Descriptor): boolean => FOREIGN_LAYERS.has(part.mediaType);
  return {
    manifests: all.filter(isChild),
    blobs: all.filter((part) => !isChild(part) && !isForeign(part)),
    foreign: all.filter((part) => !isChild(part) && isForeign(part)),
  };
}

function contentOf(manifest: Manifest): readonly Descriptor[] {
  switch (manifest.kind) {
    case 'image':
      return [manifest.config, ...manifest.layers];
    case 'index':
      return manifest.manifests;
    case 'artifact':
      return manifest.blobs;
  }
}

/** Two descriptors of one key are of the same bytes. */
export function bytesKey({ digest, size }: Descriptor): string {
  return `${digest} ${size}`;
}

/** Two descriptors of one key are of the same content, read in the same way. */
export function contentKey({ digest, size, mediaType }: Descriptor): string {
  return `${digest} ${size} ${mediaType}`;
}
