import { type Descriptor, plainDescriptor } from './descriptor.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/**
 * The entry of a manifest in the list of its subject's referrers: with the manifest's annotations
 * and its artifact type, which for an image without one is its config's media type.
 * @returns undefined if the manifest has no subject
 * @see distribution-spec 1.1.1, listing referrers
 */
export function referrerEntry(
  bytes: Uint8Array,
  descriptor: Descriptor,
): { readonly subject: Descriptor; readonly entry: Descriptor } | undefined {
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.subject === undefined) return undefined;
  const artifactType = artifactTypeOf(manifest);
  const { annotations } = manifest;
  const entry = {
    ...plainDescriptor(descriptor),
    ...(annotations && { annotations }),
    ...(artifactType !== undefined && { artifactType }),
  };
  return { subject: manifest.subject, entry };
}

/** What kind of artifact a manifest describes, or undefined if it does not say. */
export function artifactTypeOf(manifest: Manifest): string | undefined {
  if (manifest.artifactType !== undefined) return manifest.artifactType;
  return manifest.kind === 'image' ? manifest.config.mediaType : undefined;
}
