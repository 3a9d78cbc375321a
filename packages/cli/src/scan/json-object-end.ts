const [TAB, BLANK, QUOTE, BACKSLASH, HASH] = Buffer.from('\t "\\#');
const MARKER = Buffer.from('---');
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = Buffer.from('{}[]');

/** Whether the first character of the line, after blanks, is `{`. */
export function beginsObject(line: Uint8Array): boolean {
  return line.find(isInked) === OPEN_OBJECT;
}

/**
 * Follows text line by line to where an object of JSON ends that begins and ends with a line. It does not
 * judge what is between brackets.
 */
export class JsonObjectEnd {
  #state: 'before' | 'within' | 'end' | 'other' = 'before';
  #depth = 0;

  /** Whether there was an object, and it is at its end. */
  get isReached(): boolean {
    return this.#state === 'end';
  }

  /** @param line undefined if it was too long to be kept */
  add(line: Uint8Array | undefined): void {
    if (line === undefined) this.#state = 'other';
    else if (this.#state === 'within') this.#follow(line);
    else if (this.#state === 'before' && beginsObject(line)) this.#follow(line);
    else if (this.#state === 'before' && !isOutside(line)) this.#state = 'other';
  }

  // no string goes over the end of a line
  #follow(line: Uint8Array): void {
    this.#state = 'within';
    for (let at = 0; at < line.length; at += 1) {
      const octet = line[at];
      if (octet === QUOTE) at = endOfString(line, at);
      else if (octet === OPEN_OBJECT || octet === OPEN_ARRAY) this.#depth += 1;
      else if (octet === CLOSE_OBJECT || octet === CLOSE_ARRAY) this.#depth -= 1;
      if (this.#depth > 0 || !isInked(octet)) continue;
      this.#state = line.subarray(at + 1).some(isInked) ? 'other' : 'end';
      return;
    }
  }
}

/** The place of the quote that ends what begins at another, or the end of the line. */
function endOfString(line: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < line.length && line[at] !== QUOTE) at += line[at] === BACKSLASH ? 2 : 1;
  return at;
}

// A marker, a comment or nothing.
function isOutside(line: Uint8Array): boolean {
  const isMarker = Buffer.from(line.subarray(0, 3)).equals(MARKER);
  const first = line.subarray(isMarker ? 3 : 0).find(isInked);
  return first === undefined || first === HASH;
}

function isInked(octet: number | undefined): boolean {
  return octet !== BLANK && octet !== TAB;
}
