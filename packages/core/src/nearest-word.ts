/** Words further away than this are no slip of the keyboard. */
export const MAX_SLIP_DISTANCE = 2;

const MAX_COMPARED_CHARACTERS = 64;

/** The word that was probably meant: of those at most two edits away the nearest, the first of equals. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const word of words) {
    const distance = editDistance(typed, word);
    if (distance > MAX_SLIP_DISTANCE || distance >= word.length) continue;
    if (best === undefined || distance < best.distance) best = { word, distance };
  }
  return best?.word;
}

/**
 * The Levenshtein distance without regard to case, in two rows; the typed text is cut to 64
 * characters, words are taken to be short.
 */
export function editDistance(typed: string, word: string): number {
  const from = [...typed.slice(0, MAX_COMPARED_CHARACTERS).toLowerCase()];
  const to = word.toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  from.forEach((letter, i) => {
    const next = [i + 1];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (letter === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  });
  return row[to.length] ?? 0;
}
