/** Escapes of RFC 8259 section 7 that stand for one character. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * The inside of a JSON string literal with its escapes resolved; `fail` is called with the index
 * in `raw` of an escape that is malformed, or that is half a surrogate pair.
 */
export function unescapeJson(raw: string, fail: (message: string, index: number) => never): string {
  let out = '';
  let copied = 0;
  let at = raw.indexOf('\\');
  while (at >= 0) {
    out += raw.slice(copied, at);
    const short = SHORT_ESCAPES.get(raw.charAt(at + 1));
    if (short !== undefined) {
      out += short;
      copied = at + 2;
    } else {
      const character = unicodeEscape(raw, at);
      if (character === undefined) fail('malformed escape in a string', at);
      if (character === '') fail('a surrogate without its other half', at);
      out += character;
      copied = at + 6 * character.length;
    }
    at = raw.indexOf('\\', copied);
  }
  return out + raw.slice(copied);
}

/** The character of `\uXXXX`, or of a pair of them; '' for half a pair; undefined if malformed. */
function unicodeEscape(raw: string, at: number): string | undefined {
  const unit = escapedUnit(raw, at);
  if (unit === undefined) return undefined;
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  const low = unit < 0xdc00 ? escapedUnit(raw, at + 6) : undefined;
  if (low === undefined || low < 0xdc00 || low > 0xdfff) return '';
  return String.fromCharCode(unit, low);
}

function escapedUnit(raw: string, at: number): number | undefined {
  if (raw.charCodeAt(at) !== 0x5c || raw.charCodeAt(at + 1) !== 0x75) return undefined;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const value = hexValue(raw.charCodeAt(i));
    if (value < 0) return undefined;
    unit = unit * 16 + value;
  }
  return unit;
}

function hexValue(digit: number): number {
  if (digit >= 0x30 && digit <= 0x39) return digit - 0x30;
  const lower = digit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * The double that a number literal (of JSON's grammar) stands for, if it holds it: at most
 * 2^53 - 1 in magnitude, and its shortest decimal form is the same number as the literal.
 */
export function exactNumber(literal: string): number | undefined {
  const value = Number(literal);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined;
  return decimal(literal) === decimal(String(value)) ? value : undefined;
}

/** One spelling per decimal number: significant digits without zeros around them, and exponent. */
function decimal(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  let length = digits.length;
  while (length > 0 && digits.charCodeAt(length - 1) === 0x30) length--;
  if (length === 0) return '0';
  return `${digits.slice(0, length)}e${Number(exponent) - fraction.length + digits.length - length}`;
}
