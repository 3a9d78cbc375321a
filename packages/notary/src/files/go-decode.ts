import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import { type GoJson, type GoJsonObject, type GoJsonOptions, parseGoJson } from './go-json.ts';

/** Something in a configuration file that the reference reads without a word, and a person should know. */
export interface FileNote {
  readonly note: 'duplicate-key' | 'unknown-key' | 'trailing-data';
  /** Where: `trustPolicies[0].signatureVerification.level`; empty for the whole document. */
  readonly path: string;
}

/** What decoders share: where to report, and with which code to refuse. */
export interface DecodeContext {
  readonly code: NotaryErrorCode;
  readonly notes: FileNote[];
}

/**
 * Reads a JSON value the way Go's encoding/json reads it into a variable that holds `previous`:
 * `null` leaves text as it is, objects merge, lists are overwritten element by element. This
 * matters only where a key is given twice.
 */
export type Decoder<T> = (value: GoJson, previous: T, at: string, context: DecodeContext) => T;

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
    return value.map((item, i) => element(item, previous[i] ?? zero, `${at}[${i}]`, context));
  };
}

/** A map from any text to text; keys are case-sensitive, `null` makes it empty. */
export const goTextMap: Decoder<ReadonlyMap<string, string>> = (value, previous, at, context) => {
  if (value === null) return new Map();
  if (!isObject(value)) throw wrongType(context, at, 'an object');
  const map = new Map(previous);
  const seen = new Set<string>();
  for (const [key, item] of value.members) {
    const path = `${at}.${key}`;
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
    for (const [key, item] of value.members) {
      const name = byFolded.get(fold(key));
      const path = at === '' ? key : `${at}.${key}`;
      if (name === undefined) {
        context.notes.push({ note: 'unknown-key', path });
        continue;
      }
      if (seen.has(name)) context.notes.push({ note: 'duplicate-key', path });
      seen.add(name);
      result[name] = fields[name](item, result[name], path, context);
    }
    return result;
  };
}

/**
 * Decodes one of notation's configuration files as the reference decodes it.
 *
 * @throws NotaryError `options.code`
 */
export function decodeGoJson<T>(
  bytes: Uint8Array,
  decoder: Decoder<T>,
  options: GoJsonOptions & { readonly zero: T; readonly allowTrailingData: boolean },
): { readonly value: T; readonly notes: readonly FileNote[] } {
  const { value, trailing } = parseGoJson(bytes, options);
  if (trailing && !options.allowTrailingData) {
    throw new NotaryError(options.code, 'not JSON: data after the first value');
  }
  const context: DecodeContext = { code: options.code, notes: [] };
  const decoded = decoder(value, options.zero, '', context);
  if (trailing) context.notes.push({ note: 'trailing-data', path: '' });
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

/** The value that `parse` makes of a file; an error names the file. */
export function parseNamed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    const { code, message, data, hint } = cause;
    throw new NotaryError(code, `${path}: ${message}`, { cause, data: { ...data, path }, hint });
  }
}

function wrongType(context: DecodeContext, at: string, expected: string): NotaryError {
  const where = at === '' ? 'the document' : at;
  return new NotaryError(context.code, `${where} is not ${expected}`, { data: { path: at } });
}
