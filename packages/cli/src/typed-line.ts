const KEY = {
  ctrlC: 0x03,
  ctrlD: 0x04,
  tab: 0x09,
  ctrlU: 0x15,
  ctrlW: 0x17,
  escape: 0x1b,
  /** After Escape: what follows is a control sequence, or one more byte. */
  csi: 0x5b,
  ss3: 0x4f,
  backspace: 0x08,
  delete: 0x7f,
  lf: 0x0a,
  cr: 0x0d,
} as const;

/** A line that is typed on a terminal in raw mode, where every key arrives as it is. */
export type TypedLine = {
  /** `ended`: Ctrl-D where nothing was typed. */
  readonly state: 'typing' | 'done' | 'ended' | 'interrupted';
  readonly bytes: readonly number[];
  /** The sequence that a key like an arrow sends, where one is under way: its first byte, or its rest. */
  readonly sequence?: 'escape' | 'control' | 'last';
};

/** A line of which nothing was typed yet. */
export const EMPTY_LINE: TypedLine = { state: 'typing', bytes: [] };

/** The line after one more byte was typed; what follows its end is dropped. */
export function typeByte(line: TypedLine, byte: number): TypedLine {
  if (line.state !== 'typing') return line;
  const { bytes, sequence } = line;
  // a key within a sequence was typed after the Escape key
  if (sequence === undefined || isControl(byte)) return typeKey(bytes, byte);
  if (sequence === 'last') return { state: 'typing', bytes };
  if (sequence === 'control') {
    // ECMA-48 5.4: the final byte is 04/00 to 07/14
    return byte >= 0x40 ? { state: 'typing', bytes } : line;
  }
  if (byte === KEY.csi) return { ...line, sequence: 'control' };
  return byte === KEY.ss3 ? { ...line, sequence: 'last' } : typeKey(bytes, byte);
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === KEY.delete;
}

function typeKey(bytes: readonly number[], byte: number): TypedLine {
  switch (byte) {
    case KEY.lf:
    case KEY.cr:
      return { state: 'done', bytes };
    case KEY.ctrlD:
      return { state: bytes.length === 0 ? 'ended' : 'done', bytes };
    case KEY.ctrlC:
      return { state: 'interrupted', bytes: [] };
    case KEY.ctrlU:
      return EMPTY_LINE;
    case KEY.ctrlW:
      return { state: 'typing', bytes: withoutLastWord(bytes) };
    case KEY.escape:
      return { state: 'typing', bytes, sequence: 'escape' };
    case KEY.backspace:
    case KEY.delete:
      return { state: 'typing', bytes: withoutLast(bytes) };
    case KEY.tab:
      return { state: 'typing', bytes: [...bytes, byte] };
    default:
      // any other control key, as Ctrl-Z, means nothing here and is no part of a secret
      return { state: 'typing', bytes: isControl(byte) ? bytes : [...bytes, byte] };
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

// As a terminal has it: the blanks at the end, and what is before them up to the next blank.
function withoutLastWord(bytes: readonly number[]): readonly number[] {
  const end = bytes.findLastIndex((byte) => !isBlank(byte));
  return bytes.slice(0, 1 + bytes.slice(0, Math.max(0, end)).findLastIndex(isBlank));
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === KEY.tab;
}
