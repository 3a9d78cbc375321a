import { createHash } from 'node:crypto';
import { parseDigest } from '@nv2/core';
import type { BlobContent } from '../blob/describe.ts';
import { assertNotDenied, type Denials } from './denials.ts';

/**
 * The same content; once it was read to the end, it is refused if any of its digests, of whichever
 * algorithm, is denied.
 *
 * @throws NotaryError `NOTARY_ARTIFACT_DENIED` while it is read
 */
export async function* withoutDenied(
  content: BlobContent,
  denials: Denials,
): AsyncGenerator<Uint8Array> {
  const algorithms = new Set([...denials.keys()].map((digest) => parseDigest(digest).algorithm));
  const hashers = [...algorithms].map((name) => ({ name, hash: createHash(name) }));
  for await (const chunk of content) {
    for (const { hash } of hashers) hash.update(chunk);
    yield chunk;
  }
  for (const { name, hash } of hashers) assertNotDenied(denials, `${name}:${hash.digest('hex')}`);
}
