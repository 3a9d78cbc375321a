/** Texts in words, of bounded length: `a, b, c and 4 more`. */
export function listSome(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return `${texts.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
