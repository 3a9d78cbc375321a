import { type Digest, formatDigest, isDigest, parseDigest, quoted } from '@nv2/core';
import { assertRepository, isTag } from '@nv2/oci';
import { RegistryError } from './errors.ts';

// Where things are kept. Parts that begin with `_` cannot be parts of a repository's name.
//
//   blobs/<algorithm>/<hex>                                  every blob once, for sharing
//   uploads/<repository's hash>-<uuid>                       blobs on their way in
//   repositories/<name>/_blobs/<algorithm>/<hex>             the blobs of a repository
//   repositories/<name>/_manifests/<algorithm>/<hex>         its manifests, byte for byte
//   repositories/<name>/_tags/<tag>                          a digest as text
//   repositories/<name>/_referrers/<algorithm>/<hex>/<algorithm>-<hex>   a descriptor as JSON

/** Longest name that can be stored; clients count the host too and stop at 255. */
const MAX_NAME_LENGTH = 255;

/** @throws RegistryError `REGISTRY_NAME_INVALID` */
export function checkRepository(name: string): string {
  try {
    if (name.length > MAX_NAME_LENGTH) throw new RangeError('too long');
    assertRepository(name);
    return name;
  } catch (cause) {
    throw new RegistryError(
      'REGISTRY_NAME_INVALID',
      `${JSON.stringify(name.slice(0, 64))} is not the name of a repository`,
      { cause, hint: 'use lower-case letters, digits and . _ - / between them, at most 255' },
    );
  }
}

/** Reads a digest of a request. @throws RegistryError `REGISTRY_DIGEST_INVALID` */
export function checkDigest(text: string | null): Digest {
  if (text !== null && isDigest(text)) return parseDigest(text);
  throw new RegistryError(
    'REGISTRY_DIGEST_INVALID',
    text === null ? 'the digest parameter is missing' : `${quoted(text)} is not a digest`,
    { hint: 'use sha256:, sha384: or sha512: and lower-case hexadecimal digits' },
  );
}

/** @throws RegistryError `REGISTRY_TAG_INVALID` */
export function checkTag(text: string): string {
  if (isTag(text)) return text;
  throw new RegistryError('REGISTRY_TAG_INVALID', `${quoted(text)} is not a tag`, {
    hint: 'use at most 128 letters, digits, _ . -',
  });
}

/** Where any repository's blob can be found by all others. */
export function sharedBlobKey(digest: Digest): string {
  return `${SHARED_BLOBS}/${digest.algorithm}/${digest.hex}`;
}

export function blobKey(repository: string, digest: Digest): string {
  return `${repositoryKey(repository)}/_blobs/${digest.algorithm}/${digest.hex}`;
}

export function manifestKey(repository: string, digest: Digest): string {
  return `${repositoryKey(repository)}/_manifests/${digest.algorithm}/${digest.hex}`;
}

export function tagsKey(repository: string): string {
  return `${repositoryKey(repository)}/_tags`;
}

export function tagKey(repository: string, tag: string): string {
  return `${tagsKey(repository)}/${tag}`;
}

export function referrersKey(repository: string, subject: Digest): string {
  return `${repositoryKey(repository)}/_referrers/${subject.algorithm}/${subject.hex}`;
}

export function referrerKey(repository: string, subject: Digest, referrer: Digest): string {
  return `${referrersKey(repository, subject)}/${digestName(referrer)}`;
}

export function repositoryKey(repository: string): string {
  return `${REPOSITORIES}/${repository}`;
}

/** A digest as a file name. */
export function digestName(digest: Digest): string {
  return formatDigest(digest).replace(':', '-');
}

/** The digest of a {@link digestName}, or undefined if it is none. */
export function digestOfName(name: string): Digest | undefined {
  const text = name.replace('-', ':');
  return isDigest(text) ? parseDigest(text) : undefined;
}

export const SHARED_BLOBS = 'blobs';
export const UPLOADS = 'uploads';
export const REPOSITORIES = 'repositories';
