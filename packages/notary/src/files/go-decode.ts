import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import { formatPath, type ValuePath } from '../value-path.ts';
import { type GoJson, type GoJsonObject, type GoJsonOptions, parseGoJson } from './go-json.ts';

/** Something in a configuration file that the reference reads without a word, and a person should know. */
export interface FileNote {
  readonly note: 'duplicate-key' | 'unknown-key' | 'trailing-data';
  /** Leads to the key, the last step as it is written; empty for the whole document. */
  readonly path: ValuePath;
  /** Of an unknown key: the fields that there are in its place. Of a field that is given twice: it. */
  readonly fields?: readonly string[];
}

/** What decoders share: where to report, and with which code to refuse. */
export interface DecodeContext {
  readonly code: NotaryErrorCode;
  readonly notes: FileNote[];
  /** Is told of each item and member that says something: the `number`-th of what holds it. */
  readonly trace?: (at: ValuePath, within: GoJson, number: number) => void;
}

/**
 * Reads a JSON value the way Go's encoding/json reads it into a variable that holds `previous`:
 * `null` leaves text as it is, objects merge, lists are overwritten element by element. This
 * matters only where a key is given twice.
 *
 * @param at leads to the value by the names that fields have, however they are written
 * @throws NotaryError `context.code` with `data.path`
 */
export type Decoder<T> = (value: GoJson, previous: T, at: ValuePath, context: DecodeContext) => T;

/** Text; `null` leaves it unchanged. */
export const goText: Decoder<string> = (value, previous, at, context) => {
  if (value === null) return previous;
  if (typeof value === 'string') return value;
  throw wrongType(context, at, 'a string');
};

/** Text that may be absent; `null` makes it absent. */
export const goOptionalText: Decoder<string | undefined> = (value, previous, at, context) =>
  value === null ? undefined : goText(value, previous ?? '', at, context);

/** A truth value; `null` leaves it unchanged. */
export const goBool: Decoder<boolean> = (value, previous, at, context) => {
  if (value === null) return previous;
  if (typeof value === 'boolean') return value;
  throw wrongType(context, at, 'true or false');
};

/** A list; `null` makes it empty. */
export function goList<T>(element: Decoder<T>, zero: T): Decoder<readonly T[]> {
  return (value, previous, at, context) => {
    if (value === null) return [];
    if (!isList(value)) throw wrongType(context, at, 'an array');
    return value.map((item, i) => {
      const where = {
        path: [...at, i],
        within: value,
        number: i,
        context,
        isSecond: i in previous,
      };
      return readTold(element, item, previous[i] ?? zero, where);
    });
  };
}

/** A map from any text to text; keys are case-sensitive, `null` makes it empty. */
export const goTextMap: Decoder<ReadonlyMap<string, string>> = (value, previous, at, context) => {
  if (value === null) return new Map();
  if (!isObject(value)) throw wrongType(context, at, 'an object');
  const map = new Map(previous);
  const seen = new Set<string>();
  for (const [i, [key, item]] of value.members.entries()) {
    const path = [...at, key];
    context.trace?.(path, value, i);
    if (seen.has(key)) context.notes.push({ note: 'duplicate-key', path });
    seen.add(key);
    map.set(key, goText(item, '', path, context));
  }
  return map;
};

/** An object with known fields. Keys match without regard to case, others are noted and ignored. */
export function goStruct<T extends object>(
  fields: {
    readonly [K in keyof T & string]-?: Decoder<T[K]>;
  },
): Decoder<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const byFolded = new Map(names.map((name) => [fold(name), name]));
  return (value, previous, at, context) => {
    if (value === null) return previous;
    if (!isObject(value)) throw wrongType(context, at, 'an object');
    const result = { ...previous };
    const seen = new Set<string>();
    for (const [i, [key, item]] of value.members.entries()) {
      const name = byFolded.get(fold(key));
      const path = [...at, name ?? key];
      if (name === undefined) {
        context.trace?.(path, value, i);
        context.notes.push({ note: 'unknown-key', path, fields: names });
        continue;
      }
      const isSecond = seen.has(name);
      if (isSecond) {
        context.notes.push({ note: 'duplicate-key', path: [...at, key], fields: [name] });
      }
      seen.add(name);
      const where = { path, within: value, number: i, context, isSecond };
      result[name] = readTold(fields[name], item, result[name], where);
    }
    return result;
  };
}

/** Reads a value, and tells of it unless it is a null that leaves an earlier one as it is. */
function readTold<T>(
  decoder: Decoder<T>,
  item: GoJson,
  previous: T,
  where: {
    readonly path: ValuePath;
    readonly within: GoJson;
    readonly number: number;
    readonly context: DecodeContext;
    /** Whether there was an earlier one. */
    readonly isSecond: boolean;
  },
): T {
  const { path, within, number, context, isSecond } = where;
  const mayLeave = item === null && isSecond;
  if (!mayLeave) context.trace?.(path, within, number);
  const read = decoder(item, previous, path, context);
  if (mayLeave && read !== previous) context.trace?.(path, within, number);
  return read;
}

/** How {@link decodeGoJson} reads. */
export interface GoDecodeOptions<T> extends GoJsonOptions {
  /** What is read from a document that says nothing. */
  readonly zero: T;
  readonly allowTrailingData: boolean;
}

/**
 * Decodes one of notation's configuration files as the reference decodes it.
 *
 * @throws NotaryError `options.code`; with `data.path` where a value is of another type, as
 *   {@link parseGoJson} where it is not JSON
 */
export function decodeGoJson<T>(
  bytes: Uint8Array,
  decoder: Decoder<T>,
  options: GoDecodeOptions<T>,
): { readonly value: T; readonly notes: readonly FileNote[] } {
  const { value, trailing } = parseGoJson(bytes, options);
  if (trailing !== undefined && !options.allowTrailingData) {
    throw new NotaryError(options.code, 'not JSON: data after the first value', {
      data: { ...trailing },
    });
  }
  const context: DecodeContext = { code: options.code, notes: [] };
  const decoded = decoder(value, options.zero, [], context);
  if (trailing !== undefined) context.notes.push({ note: 'trailing-data', path: [] });
  return { value: decoded, notes: context.notes };
}

// Go compares keys under Unicode simple folding, where two letters outside ASCII meet s and k.
function fold(key: string): string {
  return key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}

function isList(value: GoJson): value is readonly GoJson[] {
  return Array.isArray(value);
}

function isObject(value: GoJson): value is GoJsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** The value that `parse` makes of a file; an error names the file, in `data.file` too. */
export function parseNamed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    const { code, message, data, hint } = cause;
    const named = { ...data, file: path };
    throw new NotaryError(code, `${path}: ${message}`, { cause, data: named, hint });
  }
}

/** The error for a value that is not what a decoder reads. */
export function wrongType(
  context: DecodeContext,
  at: ValuePath,
  expected: string,
  cause?: unknown,
): NotaryError {
  const where = at.length === 0 ? 'the document' : formatPath(at);
  return new NotaryError(context.code, `${where} is not ${expected}`, {
    cause,
    data: { path: at },
  });
}
