const LINE_FEED = 0x0a;

/** A line of a text, counted from 1; `bytes` is absent where there were too many. */
export interface Line {
  readonly number: number;
  /** Without the end of the line. */
  readonly bytes?: Uint8Array;
  /** How many octets of the text it takes, with its end. */
  readonly taken: number;
  /** Whether a line feed ends it: the text may break off in its last line. */
  readonly isEnded: boolean;
}

/** The lines of a text as it comes, without their ends. A line that is too long is not kept. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  { maxLineBytes }: { readonly maxLineBytes: number },
): AsyncGenerator<Line> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxLineBytes) parts = [];
    // the reader of a file may use its memory again
    else if (part.length > 0) parts.push(new Uint8Array(part));
  };
  const end = (isEnded: boolean): Line => {
    const bytes = length <= maxLineBytes ? withoutReturn(joined(parts)) : undefined;
    const taken = isEnded ? length + 1 : length;
    const line = { number, taken, isEnded, ...(bytes !== undefined && { bytes }) };
    number += 1;
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const at = chunk.indexOf(LINE_FEED, start);
      add(chunk.subarray(start, at < 0 ? chunk.length : at));
      if (at < 0) break;
      yield end(true);
      start = at + 1;
    }
  }
  if (length > 0) yield end(false);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first, second] = parts;
  return second === undefined && first !== undefined ? first : Buffer.concat(parts);
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes;
}
