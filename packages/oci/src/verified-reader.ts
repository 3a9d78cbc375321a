import { createHash, hash } from 'node:crypto';
import { concatBytes, type DigestAlgorithm, parseDigest } from '@nv2/core';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './errors.ts';

/** A bound on what is read, in bytes. */
export interface ReadLimits {
  /** Content that is, or says it is, larger is refused before it is read. */
  readonly maxBytes: number;
}

/**
 * All the bytes of a stream. After return they have the size and digest of `descriptor`; nothing is
 * returned otherwise. Reads at most one chunk beyond `descriptor.size`.
 * @throws OciError `OCI_CONTENT_TOO_LARGE`, `OCI_SIZE_MISMATCH`, `OCI_DIGEST_MISMATCH`
 */
export async function readVerified(
  stream: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  limits: ReadLimits,
): Promise<Uint8Array> {
  assertWithin(descriptor, limits);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size = sizeWith(chunk, size, descriptor);
    chunks.push(chunk);
  }
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : concatBytes(...chunks);
  assertContent(bytes, descriptor);
  return bytes;
}

/**
 * The chunks of a stream as they come, the last one held back until size and digest of the whole
 * are checked. A reader that sees the normal end has seen the content of `descriptor`; what it did
 * with earlier chunks it must undo when this throws.
 * @throws OciError `OCI_SIZE_MISMATCH`, `OCI_DIGEST_MISMATCH`
 */
export async function* verifiedReader(
  stream: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
): AsyncGenerator<Uint8Array> {
  const { algorithm, hex } = parseDigest(descriptor.digest);
  const hasher = createHash(algorithm);
  let size = 0;
  let heldBack: Uint8Array | undefined;
  for await (const chunk of stream) {
    size = sizeWith(chunk, size, descriptor);
    hasher.update(chunk);
    if (heldBack) yield heldBack;
    heldBack = chunk;
  }
  if (size !== descriptor.size) throw sizeMismatch(descriptor, String(size));
  const actual = hasher.digest('hex');
  if (actual !== hex) throw digestMismatch(descriptor, `${algorithm}:${actual}`);
  if (heldBack) yield heldBack;
}

/** The size of what has come with one more chunk. @throws OciError `OCI_SIZE_MISMATCH` */
function sizeWith(chunk: Uint8Array, before: number, descriptor: Descriptor): number {
  const size = before + chunk.length;
  if (size > descriptor.size) throw sizeMismatch(descriptor, `at least ${size}`);
  return size;
}

/** Checks bytes that are at hand against a descriptor. @throws as {@link readVerified} */
export function assertContent(bytes: Uint8Array, descriptor: Descriptor): void {
  if (bytes.length !== descriptor.size) throw sizeMismatch(descriptor, String(bytes.length));
  const actual = digestAs(bytes, descriptor);
  if (actual !== descriptor.digest) throw digestMismatch(descriptor, actual);
}

/** Whether bytes that are at hand have the size and digest of a descriptor. */
export function isContentOf(bytes: Uint8Array, descriptor: Descriptor): boolean {
  const { digest, size } = descriptor;
  return bytes.length === size && digestAs(bytes, descriptor) === digest;
}

function digestAs(bytes: Uint8Array, { digest }: Descriptor): string {
  return digestOf(bytes, parseDigest(digest).algorithm);
}

/** The digest of bytes as text, `sha256:…` unless another algorithm is named. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${hash(algorithm, bytes)}`;
}

/** The descriptor of bytes: their size and SHA-256 counted and hashed here. */
export function describeContent(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** @throws OciError `OCI_CONTENT_TOO_LARGE` if the descriptor says more than the limit */
export function assertWithin(descriptor: Descriptor, { maxBytes }: ReadLimits): void {
  if (descriptor.size <= maxBytes) return;
  const { digest, size } = descriptor;
  throw new OciError(
    'OCI_CONTENT_TOO_LARGE',
    `${digest} is said to have ${size} bytes, at most ${maxBytes} are read`,
    { data: { digest, size, maxBytes } },
  );
}

// of registries, directories and archives alike
const HINT =
  'the content was changed or cut where it is kept or on its way: get it from another place';

function sizeMismatch({ digest, size }: Descriptor, actual: string): OciError {
  return new OciError('OCI_SIZE_MISMATCH', `${digest} has ${actual} bytes, expected ${size}`, {
    hint: HINT,
    data: { digest, size, actual },
  });
}

function digestMismatch({ digest }: Descriptor, actual: string): OciError {
  return new OciError('OCI_DIGEST_MISMATCH', `content has digest ${actual}, expected ${digest}`, {
    hint: HINT,
    data: { digest, actual },
  });
}
