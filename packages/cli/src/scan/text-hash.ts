import { randomFillSync } from 'node:crypto';

/** As many characters as a reference has at most. */
const KEY_LENGTH = 4096;

/** Of a text, 32 bits without a sign. */
export type TextHash = (text: string) => number;

/**
 * A hash with a key of its own, so that nobody can choose texts whose hashes are equal: of two texts in
 * ASCII that do not end with NUL, the upper 25 bits are with a chance of 2^-25. Characters beyond the
 * key do not count.
 * @see Lemire, Kaser: Strongly universal string hashing is fast (2014), MULTILINEAR
 */
export function keyedTextHash(): TextHash {
  const key = randomFillSync(new Uint32Array(KEY_LENGTH));
  return (text) => {
    let sum = 0;
    for (let at = 0; at < text.length; at++) {
      sum = (sum + Math.imul(key[at] ?? 0, text.charCodeAt(at))) | 0;
    }
    return sum >>> 0;
  };
}
