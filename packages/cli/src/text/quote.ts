const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);
// Everything that Go's strconv.IsPrint refuses, except the ASCII blank.
const NOT_PRINTABLE = /[\p{C}\p{Z}]/u;

/** The text in double quotes as Go's `%q` prints it; what is not printable becomes an escape. */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of text) {
    quoted +=
      SHORT_ESCAPES.get(character) ?? (isPlain(character) ? character : escapeCharacter(character));
  }
  return `${quoted}"`;
}

function isPlain(character: string): boolean {
  return character === ' ' || !NOT_PRINTABLE.test(character);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
