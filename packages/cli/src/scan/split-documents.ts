import { beginsObject, JsonObjectEnd } from './json-object-end.ts';
import { type Line, readLines } from './lines.ts';

/** Of one document: a list of all pods of a large cluster. */
export const MAX_DOCUMENT_BYTES: number = 8 * 1024 * 1024;

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** The text of one document of a stream. */
export interface DocumentText {
  /** Its first line. */
  readonly line: number;
  /** Absent where it is too large. */
  readonly bytes?: Uint8Array;
}

/**
 * The documents of a stream: a line `---` begins one, and so does the `{` that a line begins with
 * after an object of JSON. Nothing is left out: what follows a document belongs to it, or begins the next.
 * @see https://yaml.org/spec/1.2.2/ 9.1.2: a line that begins with --- is a marker whatever it stands in
 */
export async function* splitDocuments(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<DocumentText> {
  let line = 1;
  let lines: Uint8Array[] = [];
  let length = 0;
  let hasContent = false;
  let object = new JsonObjectEnd();
  const document = (): DocumentText =>
    length > MAX_DOCUMENT_BYTES ? { line } : { line, bytes: Buffer.concat(lines) };
  for await (const { number, bytes } of linesAfterMark(chunks)) {
    const start = bytes === undefined ? 'x' : Buffer.from(bytes.subarray(0, 4)).toString('latin1');
    const isMarker = /^---(?:[ \t]|$)/.test(start) && hasContent;
    const isNext = object.isReached && bytes !== undefined && beginsObject(bytes);
    if (isMarker || isNext) {
      yield document();
      [line, lines, length] = [number, [], 0];
      object = new JsonObjectEnd();
    }
    object.add(bytes);
    // directives belong to the document after them
    hasContent ||= !/^(?:[%#]|$)/.test(start);
    length += bytes === undefined ? MAX_DOCUMENT_BYTES + 1 : bytes.length + 1;
    if (length > MAX_DOCUMENT_BYTES) lines = [];
    else if (bytes !== undefined) lines.push(bytes, Buffer.from('\n'));
  }
  if (length > 0) yield document();
}

// What is a byte order mark where the stream begins is a character anywhere else.
async function* linesAfterMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  for await (const line of readLines(chunks, { maxLineBytes: MAX_DOCUMENT_BYTES })) {
    const { number, bytes } = line;
    const isMarked = number === 1 && bytes && BYTE_ORDER_MARK.equals(bytes.subarray(0, 3));
    yield isMarked ? { ...line, bytes: bytes.subarray(3) } : line;
  }
}
