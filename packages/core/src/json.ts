import { decodeUtf8, isWellFormed } from './bytes.ts';
import { CoreError, type CoreErrorCode } from './errors.ts';
import { exactNumber, unescapeJson } from './json-scalars.ts';

/** A value of strict JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object: a Map in the order of the text, because its keys come from outside. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** The most octets of text that {@link parseJson} reads where the caller names no other number. */
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** How deep arrays and objects may nest where the caller names no other number. */
const DEFAULT_MAX_DEPTH = 64;

/** No caller gets deeper than this, because the parser recurses. */
const HARD_MAX_DEPTH = 512;

/**
 * Reads one JSON text (RFC 8259) and refuses what parsers disagree on: equal keys (after escapes
 * are resolved), octets that are not UTF-8, a byte order mark, surrogates without their other half,
 * and numbers that a double does not hold as written: beyond 2^53 - 1 in magnitude, or with digits
 * that do not come back out of it.
 *
 * An error's `data` has `offset` (octets into a Uint8Array, UTF-16 units into a string), `line` and
 * `column` (both from 1; columns in UTF-16 units). `maxDepth` is 64 where not given, and never more
 * than 512; `maxBytes` counts UTF-8 octets and is 4 MiB where not given.
 *
 * @throws CoreError `JSON_INVALID`, `JSON_DUPLICATE_KEY`, `LIMIT_EXCEEDED`
 */
export function parseJson(
  input: Uint8Array | string,
  options: { readonly maxBytes?: number; readonly maxDepth?: number } = {},
): JsonValue {
  const maxDepth = Math.min(options.maxDepth ?? DEFAULT_MAX_DEPTH, HARD_MAX_DEPTH);
  checkSize(input, options.maxBytes ?? DEFAULT_MAX_BYTES);
  if (typeof input !== 'string') return new Parser(decodeText(input), maxDepth, true).document();
  const parser = new Parser(input, maxDepth, false);
  if (!isWellFormed(input))
    parser.fail('a surrogate without its other half', input.search(/\p{Surrogate}/u));
  return parser.document();
}

function checkSize(input: Uint8Array | string, maxBytes: number): void {
  let length = input.length;
  // A UTF-16 unit is at most three octets, so that most strings need no count.
  if (typeof input === 'string' && length <= maxBytes && length * 3 > maxBytes)
    length = new TextEncoder().encode(input).length;
  if (length > maxBytes)
    throw new CoreError('LIMIT_EXCEEDED', `JSON: text is longer than ${maxBytes} bytes`, {
      data: { maxBytes, offset: maxBytes },
    });
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    const offset = error instanceof CoreError ? Number(error.data['offset']) : 0;
    const before = decodeUtf8(bytes.subarray(0, offset));
    const parser = new Parser(before, 0, true);
    return parser.fail('octets that are not UTF-8', before.length, 'JSON_INVALID');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** A recursive-descent parser of RFC 8259 over UTF-16 units; positions are indexes of `#text`. */
class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #countsBytes: boolean;
  #at = 0;

  constructor(text: string, maxDepth: number, countsBytes: boolean) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#countsBytes = countsBytes;
  }

  document(): JsonValue {
    if (this.#text.charCodeAt(0) === 0xfeff) this.fail('byte order mark', 0);
    const value = this.#value(0);
    if (this.#next() >= 0) this.fail('text after the value', this.#at);
    return value;
  }

  fail(message: string, at: number, code: CoreErrorCode = 'JSON_INVALID'): never {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    const offset = this.#countsBytes ? new TextEncoder().encode(before).length : at;
    throw new CoreError(code, `JSON: ${message} at line ${line}, column ${column}`, {
      data: { offset, line, column },
    });
  }

  /** Steps over white space; the unit that stands there, or -1 at the end. */
  #next(): number {
    const text = this.#text;
    let at = this.#at;
    let unit = text.charCodeAt(at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09)
      unit = text.charCodeAt(++at);
    this.#at = at;
    return at < text.length ? unit : -1;
  }

  #value(depth: number): JsonValue {
    const unit = this.#next();
    switch (unit) {
      case QUOTE:
        return this.#string();
      case 0x7b:
        return this.#object(depth + 1);
      case 0x5b:
        return this.#array(depth + 1);
      case 0x74:
        return this.#literal('true', true);
      case 0x66:
        return this.#literal('false', false);
      case 0x6e:
        return this.#literal('null', null);
      default:
        return this.#number(unit);
    }
  }

  #object(depth: number): JsonObject {
    this.#open(depth);
    const object = new Map<string, JsonValue>();
    let unit = this.#next();
    if (unit === CLOSE_OBJECT) {
      this.#at++;
      return object;
    }
    for (;;) {
      if (unit !== QUOTE) this.fail('expected a key in double quotes', this.#at);
      const at = this.#at;
      const key = this.#string();
      if (object.has(key)) this.fail(`key ${quote(key)} a second time`, at, 'JSON_DUPLICATE_KEY');
      if (this.#next() !== COLON) this.fail('expected a colon after the key', this.#at);
      this.#at++;
      object.set(key, this.#value(depth));
      unit = this.#next();
      if (unit !== COMMA) break;
      this.#at++;
      unit = this.#next();
    }
    if (unit !== CLOSE_OBJECT) this.fail('expected a comma or }', this.#at);
    this.#at++;
    return object;
  }

  #array(depth: number): readonly JsonValue[] {
    this.#open(depth);
    const array: JsonValue[] = [];
    let unit = this.#next();
    if (unit === CLOSE_ARRAY) {
      this.#at++;
      return array;
    }
    for (;;) {
      array.push(this.#value(depth));
      unit = this.#next();
      if (unit !== COMMA) break;
      this.#at++;
    }
    if (unit !== CLOSE_ARRAY) this.fail('expected a comma or ]', this.#at);
    this.#at++;
    return array;
  }

  #open(depth: number): void {
    if (depth > this.#maxDepth)
      this.fail(`nesting deeper than ${this.#maxDepth}`, this.#at, 'LIMIT_EXCEEDED');
    this.#at++;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    let escaped = false;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) break;
      if (unit === BACKSLASH) {
        escaped = true;
        at++;
      } else if (!(unit >= 0x20)) {
        // NaN, beyond the end, lands here too.
        this.fail(at < text.length ? 'control character in a string' : 'string without end', at);
      }
      at++;
    }
    this.#at = at + 1;
    const raw = text.slice(start, at);
    return escaped ? unescapeJson(raw, (message, index) => this.fail(message, start + index)) : raw;
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.fail('unexpected character', this.#at);
    this.#at += word.length;
    return value;
  }

  #number(first: number): number {
    const text = this.#text;
    const start = this.#at;
    // Nearly every number is a short integer: no fraction, nothing to lose.
    let at = start;
    let value = 0;
    let unit = first;
    while (unit >= 0x30 && unit <= 0x39) {
      value = value * 10 + unit - 0x30;
      unit = text.charCodeAt(++at);
    }
    const digits = at - start;
    const whole = unit !== 0x2e && unit !== 0x45 && unit !== 0x65;
    if (whole && digits >= 1 && digits <= 15 && (first !== 0x30 || digits === 1)) {
      this.#at = at;
      return value;
    }
    return this.#longNumber(start);
  }

  /** RFC 8259 section 6, any number. */
  #longNumber(start: number): number {
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = start;
    const literal = pattern.exec(this.#text)?.[0];
    if (literal === undefined) {
      this.fail(start < this.#text.length ? 'unexpected character' : 'unexpected end', start);
    }
    const value = exactNumber(literal);
    if (value === undefined) this.fail('a number that a double does not hold exactly', start);
    this.#at = start + literal.length;
    // 01, 1.e5, -: what follows belongs to the number, and makes it malformed.
    if (/^[0-9.eE+-]/.test(this.#text.charAt(this.#at))) this.fail('malformed number', start);
    return value;
  }
}

function quote(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key);
}
