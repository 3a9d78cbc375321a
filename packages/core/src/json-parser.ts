import { CoreError, type CoreErrorCode } from './errors.ts';
import { exactNumber, unescapeJson } from './json-scalars.ts';
import type { JsonObject, JsonValue } from './json-types.ts';
import { quoted } from './quoted.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Units after which a string is taken to be a long one. */
const LONG_STRING = 32;

/** RFC 8259 section 7: neither the end of a string, nor an escape, nor a control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const PLAIN = /[^"\\\u0000-\u001f]*/y;

/** The scales of a number with at most fifteen digits; doubles hold each exactly. */
const POWERS_OF_TEN: readonly number[] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

interface JsonParserOptions {
  readonly maxDepth: number;
  /** Elements of arrays and members of objects in the whole document. */
  readonly maxItems: number;
  /** Whether offsets in errors are octets of UTF-8. */
  readonly countsBytes: boolean;
  readonly wholeNumbers?: boolean | undefined;
}

/** A recursive-descent parser of RFC 8259 over UTF-16 units; positions are indexes of `#text`. */
export class JsonParser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxItems: number;
  readonly #countsBytes: boolean;
  readonly #wholeNumbers: boolean;
  #at = 0;
  #itemsLeft: number;

  constructor(text: string, options: JsonParserOptions) {
    this.#text = text;
    this.#maxDepth = options.maxDepth;
    this.#maxItems = options.maxItems;
    // the value of the document itself is no item
    this.#itemsLeft = options.maxItems + 1;
    this.#countsBytes = options.countsBytes;
    this.#wholeNumbers = options.wholeNumbers ?? false;
  }

  document(): JsonValue {
    if (this.#text.charCodeAt(0) === 0xfeff) this.fail('byte order mark', 0);
    const value = this.#value(0);
    if (this.#next() >= 0) this.fail('text after the value', this.#at);
    return value;
  }

  fail(message: string, at: number, code: CoreErrorCode = 'JSON_INVALID'): never {
    const before = this.#text.slice(0, at);
    let line = 1;
    // no list of the lines is made: there may be millions
    for (let end = before.indexOf('\n'); end >= 0; end = before.indexOf('\n', end + 1)) line += 1;
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
    if (!(--this.#itemsLeft >= 0))
      this.fail(`more than ${this.#maxItems} items`, this.#at, 'LIMIT_EXCEEDED');
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
        return this.#wholeNumbers ? this.#wholeNumber(unit) : this.#number(unit);
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
      if (object.has(key)) this.fail(`key ${quoted(key)} a second time`, at, 'JSON_DUPLICATE_KEY');
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
    if (!(depth <= this.#maxDepth))
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
      if (at - start === LONG_STRING) at = this.#plainUntil(at);
    }
    this.#at = at + 1;
    const raw = text.slice(start, at);
    return escaped ? unescapeJson(raw, (message, index) => this.fail(message, start + index)) : raw;
  }

  /** Where the units end that stand for themselves; on long strings three times as fast as a loop. */
  #plainUntil(at: number): number {
    PLAIN.lastIndex = at;
    PLAIN.test(this.#text);
    return PLAIN.lastIndex;
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.fail('unexpected character', this.#at);
    this.#at += word.length;
    return value;
  }

  /** RFC 8259 section 6: numbers of few digits and no exponent here, the others and faults below. */
  #number(first: number): number {
    const text = this.#text;
    const start = this.#at;
    const minus = first === 0x2d;
    if (minus) this.#at++;
    const whole = this.#digits();
    const wholeDigits = this.#at - start - (minus ? 1 : 0);
    let fraction = 0;
    let decimals = 0;
    if (text.charCodeAt(this.#at) === 0x2e) {
      const point = this.#at++;
      fraction = this.#digits();
      decimals = this.#at - point - 1;
      if (decimals === 0) return this.#longNumber(start);
    }
    const leadingZero = wholeDigits > 1 && text.charCodeAt(start + (minus ? 1 : 0)) === 0x30;
    // Fifteen digits come back out of any double.
    if (wholeDigits === 0 || leadingZero || wholeDigits + decimals > 15)
      return this.#longNumber(start);
    if ((text.charCodeAt(this.#at) | 0x20) === 0x65) return this.#longNumber(start);
    // Both operands are exact, so that IEEE division gives the double nearest to the literal.
    const scale = POWERS_OF_TEN[decimals] ?? 1;
    const value = decimals === 0 ? whole : (whole * scale + fraction) / scale;
    return minus ? -value : value;
  }

  #wholeNumber(first: number): number {
    const start = this.#at;
    const value = this.#number(first);
    if (/[.eE]/.test(this.#text.slice(start, this.#at)))
      this.fail('a number with a fraction or an exponent', start);
    return value;
  }

  /** Steps over a run of digits, possibly empty; the number they make, exact up to fifteen. */
  #digits(): number {
    const text = this.#text;
    let at = this.#at;
    let value = 0;
    let unit = text.charCodeAt(at);
    while (unit >= 0x30 && unit <= 0x39) {
      value = value * 10 + unit - 0x30;
      unit = text.charCodeAt(++at);
    }
    this.#at = at;
    return value;
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
    if (value === undefined)
      this.fail('a number beyond 2^53 - 1, or with more digits than a double keeps', start);
    this.#at = start + literal.length;
    // 01, 1.e5, -: what follows belongs to the number, and makes it malformed.
    if (/^[0-9.eE+-]/.test(this.#text.charAt(this.#at))) this.fail('malformed number', start);
    return value;
  }
}
