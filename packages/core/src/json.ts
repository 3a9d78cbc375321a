import { decodeUtf8, isWellFormed } from './bytes.ts';
import { CoreError } from './errors.ts';
import { JsonParser } from './json-parser.ts';
import type { JsonValue } from './json-types.ts';

/** The most octets of text that {@link parseJson} reads where the caller names no other number. */
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** How deep arrays and objects may nest where the caller names no other number. */
const DEFAULT_MAX_DEPTH = 64;

/**
 * How many elements and members a text may have where the caller names no other number. In memory
 * an empty object is seventy times as large as in the text, which a limit of octets alone allows.
 */
const DEFAULT_MAX_ITEMS = 500_000;

/** No caller gets deeper than this, because the parser recurses. */
const HARD_MAX_DEPTH = 512;

/** Limits of {@link parseJson}, and what it refuses besides. */
export interface ParseJsonOptions {
  readonly maxBytes?: number;
  readonly maxDepth?: number;
  /** Elements of arrays and members of objects, at all depths together. */
  readonly maxItems?: number;
  /**
   * Refuses numbers written with a fraction or an exponent, `1.0` and `1e3` as well: for documents
   * whose other readers want integers.
   */
  readonly wholeNumbers?: boolean;
}

/**
 * Reads one JSON text (RFC 8259) and refuses what parsers disagree on: equal keys (after escapes
 * are resolved), octets that are not UTF-8, a byte order mark, surrogates without their other half,
 * and numbers that a double does not hold as written: beyond 2^53 - 1 in magnitude, or with digits
 * that do not come back out of it.
 *
 * An error's `data` has `offset` (octets into a Uint8Array, UTF-16 units into a string), `line` and
 * `column` (both from 1; columns in UTF-16 units). `maxDepth` is 64 where not given, and never more
 * than 512; `maxBytes` counts UTF-8 octets and is 4 MiB where not given;
 * `maxItems` is 500,000 where not given.
 *
 * @throws CoreError `JSON_INVALID`, `JSON_DUPLICATE_KEY`, `LIMIT_EXCEEDED`
 */
export function parseJson(input: Uint8Array | string, options: ParseJsonOptions = {}): JsonValue {
  const { wholeNumbers, maxItems = DEFAULT_MAX_ITEMS } = options;
  const maxDepth = Math.min(options.maxDepth ?? DEFAULT_MAX_DEPTH, HARD_MAX_DEPTH);
  checkSize(input, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const limits = { maxDepth, maxItems, wholeNumbers };
  if (typeof input !== 'string')
    return new JsonParser(decodeText(input), { ...limits, countsBytes: true }).document();
  const parser = new JsonParser(input, { ...limits, countsBytes: false });
  if (!isWellFormed(input))
    parser.fail('a surrogate without its other half', input.search(/\p{Surrogate}/u));
  return parser.document();
}

function checkSize(input: Uint8Array | string, maxBytes: number): void {
  let length = input.length;
  // A UTF-16 unit is at most three octets, so that most strings need no count.
  if (typeof input === 'string' && length <= maxBytes && length * 3 > maxBytes)
    length = new TextEncoder().encode(input).length;
  if (!(length <= maxBytes))
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
    const parser = new JsonParser(before, { maxDepth: 0, maxItems: 0, countsBytes: true });
    return parser.fail('octets that are not UTF-8', before.length);
  }
}
