const KEY = {
  ctrlC: 0x03,
  ctrlD: 0x04,
  backspace: 0x08,
  delete: 0x7f,
  lf: 0x0a,
  cr: 0x0d,
} as const;

/** A line that is typed on a terminal in raw mode, where every key arrives as it is. */
export type TypedLine = {
  readonly state: 'typing' | 'done' | 'interrupted';
  readonly bytes: readonly number[];
};

/** A line of which nothing was typed yet. */
export const EMPTY_LINE: TypedLine = { state: 'typing', bytes: [] };

/** The line after one more byte was typed; what follows its end is dropped. */
export function typeByte(line: TypedLine, byte: number): TypedLine {
  if (line.state !== 'typing') return line;
  const { bytes } = line;
  switch (byte) {
    case KEY.lf:
    case KEY.cr:
    case KEY.ctrlD:
      return { state: 'done', bytes };
    case KEY.ctrlC:
      return { state: 'interrupted', bytes: [] };
    case KEY.backspace:
    case KEY.delete:
      return { state: 'typing', bytes: withoutLast(bytes) };
    default:
      return { state: 'typing', bytes: [...bytes, byte] };
  }
}

// A character is one to four bytes; the continuation bytes are 10xxxxxx (RFC 3629 3).
function withoutLast(bytes: readonly number[]): readonly number[] {
  return bytes.slice(
    0,
    Math.max(
      0,
      bytes.findLastIndex((byte) => (byte & 0xc0) !== 0x80),
    ),
  );
}
