// What Go's encoding/json escapes beyond JSON's own rules, and what a terminal must not see raw.
const ESCAPED = /[<>&\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** JSON with two blanks of indentation and a line feed at the end, escaped as Go's encoder does. */
export function formatJson(value: unknown): string {
  return escaped(JSON.stringify(value, undefined, 2));
}

/** The same in one line. */
export function formatJsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

function escaped(text: string): string {
  return `${text.replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`;
}

/** The entries as an object with its keys in order of their code units, as Go prints a map. */
export function sortedObject<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted);
}
