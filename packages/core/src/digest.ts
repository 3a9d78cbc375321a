import type { HashName } from './crypto/port.ts';
import { CoreError } from './errors.ts';
import { quoted } from './quoted.ts';

/** Digest algorithms of OCI content (image-spec 1.1.1, descriptor.md, registered algorithms). */
export type DigestAlgorithm = HashName;

/** A digest of content, as in `sha256:e3b0…`. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower case, exactly as long as the algorithm's output. */
  readonly hex: string;
}

const HEX_LENGTHS: ReadonlyMap<DigestAlgorithm, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/** Every algorithm that {@link parseDigest} accepts. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = [...HEX_LENGTHS.keys()];

const FORMS = Array.from(HEX_LENGTHS, ([algorithm, digits]) => `${algorithm}:[0-9a-f]{${digits}}`);
const DIGEST = new RegExp(`^(?:${FORMS.join('|')})$`);

/**
 * Reads `algorithm:hex` (image-spec 1.1.1, descriptor.md, digests). Upper-case digits are refused:
 * two spellings of one digest would be two names of one content.
 * @throws CoreError `DIGEST_INVALID`
 */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, Math.max(colon, 0));
  const hex = text.slice(colon + 1);
  if (!isAlgorithm(algorithm)) fail(text, 'expected sha256, sha384 or sha512');
  const digits = HEX_LENGTHS.get(algorithm);
  if (hex.length !== digits || !/^[0-9a-f]*$/.test(hex))
    fail(text, `expected ${digits} lower-case hexadecimal digits after ${algorithm}:`);
  return { algorithm, hex };
}

/** Writes `algorithm:hex`. */
export function formatDigest(digest: Digest): string {
  return `${digest.algorithm}:${digest.hex}`;
}

/** Whether {@link parseDigest} accepts the text. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

function isAlgorithm(text: string): text is DigestAlgorithm {
  return DIGEST_ALGORITHMS.some((name) => name === text);
}

function fail(text: string, expected: string): never {
  throw new CoreError('DIGEST_INVALID', `${quoted(text)} is not a digest: ${expected}`, {
    data: { digest: text },
  });
}
