import { NotaryError } from '../errors.ts';
import type { ValuePath } from '../value-path.ts';
import type { DecodeContext, Decoder, GoDecodeOptions } from './go-decode.ts';
import { type GoJsonMark, type GoJsonMarks, goJsonText, parseGoJson } from './go-json.ts';
import { placesIn, type TextPlace } from './text-place.ts';

/**
 * Finds the place of the value that a path leads to, or of its key: of equal keys that of the one
 * whose value was read. Where nothing is there, the innermost thing on the way to it.
 */
export type PlaceFinder = (path: ValuePath, part?: 'key' | 'value') => TextPlace;

/**
 * Where everything is in a text that `decodeGoJson` reads with the same decoder and options, as far
 * as it can be read. It is read once more for that, so that reading costs nothing where no place is
 * asked for.
 *
 * @throws NotaryError `options.code` if it is not JSON
 */
export function placesInGoJson<T>(
  bytes: Uint8Array,
  decoder: Decoder<T>,
  options: GoDecodeOptions<T>,
): PlaceFinder {
  const marks: GoJsonMarks = new Map();
  const { value } = parseGoJson(bytes, { ...options, marks });
  const text = goJsonText(bytes);
  const start = text.search(/[^ \t\r\n]/);
  const found = new Map<string, GoJsonMark>([[keyOf([]), { key: start, value: start }]]);
  const trace: DecodeContext['trace'] = (at, within, number) => {
    const mark = marks.get(within)?.[number];
    if (mark !== undefined) found.set(keyOf(at), mark);
  };
  try {
    decoder(value, options.zero, [], { code: options.code, notes: [], trace });
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
  }
  const placeAt = placesIn(text);
  return (path, part = 'value') => placeAt(innermost(found, path, part));
}

function innermost(
  found: ReadonlyMap<string, GoJsonMark>,
  path: ValuePath,
  part: 'key' | 'value',
): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const mark = found.get(keyOf(path.slice(0, length)));
    if (mark !== undefined) return mark[length === path.length ? part : 'value'];
  }
  return 0;
}

function keyOf(path: ValuePath): string {
  return JSON.stringify(path);
}
