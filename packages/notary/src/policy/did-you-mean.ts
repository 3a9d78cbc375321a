/** The end of a message about a word that nothing is called, where it is known what was meant. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : `; did you mean ${word}?`;
}
