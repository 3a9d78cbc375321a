/** What one valid signature counts for. */
export interface Vote {
  /** Of the key that signed. */
  readonly key: string;
  /** Names of the signers that the signature may be of. */
  readonly signers: readonly string[];
}

/** A vote, and what it would count for as well if that could be decided. */
export interface CastVote extends Vote {
  readonly undecided: readonly { readonly name: string; readonly error: unknown }[];
}

/**
 * For how many signers the votes are enough, when each signer needs a key of its own: the size of a
 * maximum matching of signers to keys. However often one key has signed, it counts once, and a
 * signature that may be of several signers counts for one of them.
 */
export function countSigners(votes: readonly Vote[]): number {
  const signersOf = new Map<string, Set<string>>();
  for (const { key, signers } of votes) {
    const known = signersOf.get(key) ?? new Set();
    for (const signer of signers) known.add(signer);
    signersOf.set(key, known);
  }
  const keyFor = new Map<string, string>();
  const place = (key: string, tried: Set<string>): boolean => {
    for (const signer of signersOf.get(key) ?? []) {
      if (tried.has(signer)) continue;
      tried.add(signer);
      const holder = keyFor.get(signer);
      // the signer is free, or its key can be used for another one
      if (holder === undefined || place(holder, tried)) {
        keyFor.set(signer, key);
        return true;
      }
    }
    return false;
  };
  for (const key of signersOf.keys()) place(key, new Set());
  return keyFor.size;
}
