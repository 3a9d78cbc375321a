import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import { placesIn, type TextPlace } from './text-place.ts';

/** A JSON object with every member as written: order, case and duplicates are kept. */
export interface GoJsonObject {
  readonly members: readonly (readonly [key: string, value: GoJson])[];
}

/** A JSON value as {@link parseGoJson} reads it. */
export type GoJson = null | boolean | number | string | readonly GoJson[] | GoJsonObject;

/** How {@link parseGoJson} reports and what it refuses. */
export interface GoJsonOptions {
  /** The code of the error that malformed input is refused with. */
  readonly code: NotaryErrorCode;
  readonly maxBytes: number;
  /** Is told where everything is, where that is asked for. */
  readonly marks?: GoJsonMarks;
}

/** Where a member of an object is in the text, or an item of a list, which is its own key. */
export interface GoJsonMark {
  readonly key: number;
  readonly value: number;
}

/** What is in each object and each list, in order. */
export type GoJsonMarks = Map<GoJson, readonly GoJsonMark[]>;

/** Deeper nesting than this is refused; notation's files use five levels. */
export const MAX_GO_JSON_DEPTH = 64;

/**
 * Reads the first JSON value of notation's own configuration files, as tolerant as the reference
 * implementation and no more: invalid UTF-8 and lone surrogates become U+FFFD, members with equal
 * keys are all kept, and what follows the value is reported rather than refused. For these files
 * only; everything else in nv2 is read with the strict parser of `@nv2/core`.
 *
 * @returns the value, and where anything but blanks follows it
 * @throws NotaryError `options.code`; where it is not JSON, with `data.line`, `data.column` and in
 *   `data.message` the message without them
 */
export function parseGoJson(
  bytes: Uint8Array,
  options: GoJsonOptions,
): { readonly value: GoJson; readonly trailing: TextPlace | undefined } {
  if (bytes.length > options.maxBytes) {
    throw new NotaryError(
      options.code,
      `${bytes.length} bytes are more than the limit of ${options.maxBytes}`,
    );
  }
  assertUtf8(bytes, options.code);
  const { code, marks } = options;
  const cursor: Cursor = { text: goJsonText(bytes), offset: 0, code, marks };
  const value = readValue(cursor, 0);
  skipSpace(cursor);
  const { text, offset } = cursor;
  return { value, trailing: offset < text.length ? placesIn(text)(offset) : undefined };
}

/** The text that offsets are counted in. */
export function goJsonText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const BRACE = 0x7b;

// What an editor may have saved instead; the reference refuses it without saying why.
function assertUtf8(bytes: Uint8Array, code: NotaryErrorCode): void {
  const [first, second, third] = bytes;
  const isUtf16 =
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    (first === 0 && second === BRACE) ||
    (first === BRACE && second === 0);
  const hasMark = first === 0xef && second === 0xbb && third === 0xbf;
  if (!isUtf16 && !hasMark) return;
  const got = isUtf16 ? 'UTF-16' : 'UTF-8 with a byte order mark';
  throw new NotaryError(code, `not JSON: ${got}, expected UTF-8 without a byte order mark`, {
    data: { encoding: got },
    hint: 'save the file as UTF-8 without a byte order mark',
  });
}

interface Cursor {
  readonly text: string;
  readonly code: NotaryErrorCode;
  readonly marks: GoJsonMarks | undefined;
  offset: number;
}

const SPACE = /[ \t\r\n]*/y;
const LITERAL = /true|false|null/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\p{Cc}]+|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const LITERALS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function readValue(cursor: Cursor, depth: number): GoJson {
  if (depth > MAX_GO_JSON_DEPTH) throw malformed(cursor, `nested deeper than ${MAX_GO_JSON_DEPTH}`);
  skipSpace(cursor);
  const first = cursor.text[cursor.offset];
  if (first === '{') return readObject(cursor, depth);
  if (first === '[') return readArray(cursor, depth);
  if (first === '"') return readString(cursor);
  const literal = match(cursor, LITERAL);
  if (literal !== undefined) return LITERALS[literal] ?? null;
  const number = match(cursor, NUMBER);
  if (number !== undefined) return Number(number);
  throw malformed(cursor, 'expected a value');
}

function readObject(cursor: Cursor, depth: number): GoJsonObject {
  const members: (readonly [string, GoJson])[] = [];
  const object = { members };
  const marks = marksOf(cursor, object);
  cursor.offset += 1;
  if (takeIf(cursor, '}')) return object;
  do {
    skipSpace(cursor);
    const { offset } = cursor;
    const key = readString(cursor);
    if (!takeIf(cursor, ':')) throw malformed(cursor, 'expected a colon');
    skipSpace(cursor);
    marks?.push({ key: offset, value: cursor.offset });
    members.push([key, readValue(cursor, depth + 1)]);
  } while (takeIf(cursor, ','));
  if (!takeIf(cursor, '}')) throw malformed(cursor, 'expected a comma or the end of an object');
  return object;
}

function readArray(cursor: Cursor, depth: number): readonly GoJson[] {
  const items: GoJson[] = [];
  const marks = marksOf(cursor, items);
  cursor.offset += 1;
  if (takeIf(cursor, ']')) return items;
  do {
    skipSpace(cursor);
    marks?.push({ key: cursor.offset, value: cursor.offset });
    items.push(readValue(cursor, depth + 1));
  } while (takeIf(cursor, ','));
  if (!takeIf(cursor, ']')) throw malformed(cursor, 'expected a comma or the end of an array');
  return items;
}

function readString(cursor: Cursor): string {
  const token = match(cursor, STRING);
  if (token === undefined) throw malformed(cursor, 'expected a string');
  // The token has the exact grammar of a JSON string, so this only unescapes it.
  return String(JSON.parse(token)).replace(/\p{Surrogate}/gu, '\uFFFD');
}

function marksOf({ marks }: Cursor, value: GoJson): GoJsonMark[] | undefined {
  if (marks === undefined) return undefined;
  const within: GoJsonMark[] = [];
  marks.set(value, within);
  return within;
}

function takeIf(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.offset] !== character) return false;
  cursor.offset += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  match(cursor, SPACE);
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.offset;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.offset += found?.length ?? 0;
  return found;
}

function malformed(cursor: Cursor, what: string): NotaryError {
  const { line, column } = placesIn(cursor.text)(cursor.offset);
  const message = `not JSON: ${what}`;
  return new NotaryError(cursor.code, `${message} at line ${line} column ${column}`, {
    data: { message, offset: cursor.offset, line, column },
    hint: 'correct the file at that place',
  });
}
