import { type JsonValue, nearestWord, quoted } from '@nv2/core';
import { NotaryError } from '../../errors.ts';
import { formatPath, type ValuePath } from '../../value-path.ts';
import { didYouMean } from '../did-you-mean.ts';

/** A JSON Schema (draft 2020-12), as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a value may be: how it is read, and its JSON Schema for editors. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /** @throws NotaryError `NOTARY_OWN_POLICY_INVALID` with `data.path` */
  readonly read: (value: JsonValue, at: ValuePath) => T;
}

/**
 * The error for a mistake in a document of nv2's own format, at a place in it; who knows the file says
 * that it is to be corrected, where no hint says how.
 */
export function mistake(at: ValuePath, message: string, hint?: string): NotaryError {
  const where = formatPath(at);
  return new NotaryError(
    'NOTARY_OWN_POLICY_INVALID',
    where === '' ? message : `${where}: ${message}`,
    { data: { path: at, message }, hint },
  );
}

/** Text that a pattern or a test describes; `what` names it in errors. */
export function text(
  what: string,
  is: RegExp | ((value: string) => boolean) = /^[^\p{Cc}]+$/u,
): Shape<string> {
  const isPattern = is instanceof RegExp;
  return {
    schema: { type: 'string', description: what, ...(isPattern && { pattern: is.source }) },
    read: (value, at) => {
      if (typeof value !== 'string') throw mistake(at, `expected ${what}, got ${kindOf(value)}`);
      if (isPattern ? is.test(value) : is(value)) return value;
      throw mistake(at, `expected ${what}, got ${quoted(value)}`);
    },
  };
}

/** One of some words. */
export function word<const T extends string>(words: readonly T[]): Shape<T> {
  return {
    schema: { enum: words },
    read: (value, at) => {
      const found = words.find((one) => one === value);
      if (found !== undefined) return found;
      const got = typeof value === 'string' ? quoted(value) : kindOf(value);
      throw mistake(at, `expected one of ${words.join(', ')}, got ${got}${meant(value, words)}`);
    },
  };
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number): Shape<number> {
  return {
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (value, at) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
        return value;
      }
      const got = typeof value === 'number' ? value : kindOf(value);
      throw mistake(at, `expected a whole number from ${min} to ${max}, got ${got}`);
    },
  };
}

/** `true`, where saying so is the point. */
export const yes: Shape<true> = {
  schema: { const: true },
  read: (value, at) => {
    if (value === true) return true;
    throw mistake(at, `expected true, got ${kindOf(value)}`);
  },
};

/** A list of one item at least, unless `min` says otherwise. */
export function list<T>(
  item: Shape<T>,
  { min = 1, max }: { readonly min?: 0 | 1; readonly max: number },
): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema, minItems: min, maxItems: max },
    read: (value, at) => {
      if (!isList(value)) throw mistake(at, `expected a list, got ${kindOf(value)}`);
      if (value.length < min) throw mistake(at, 'expected at least one item, got an empty list');
      if (value.length > max) {
        throw mistake(at, `expected at most ${max} items, got ${value.length}`);
      }
      return value.map((one, i) => item.read(one, [...at, i]));
    },
  };
}

/** A map from text to text. */
export function textMap(what: string): Shape<ReadonlyMap<string, string>> {
  const item = text(what, /^[^\p{Cc}]*$/u);
  return {
    schema: { type: 'object', additionalProperties: item.schema },
    read: (value, at) => {
      const members = membersOf(value, at);
      return new Map([...members].map(([key, one]) => [key, item.read(one, [...at, key])]));
    },
  };
}

/** The fields of an object by their names; each reads what is there, or says what absence means. */
export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

/** One field of an object. */
export type Field<T> =
  | { readonly shape: Shape<T>; readonly required: true }
  | { readonly shape: Shape<T & {}>; readonly required: false };

/** A field that must be there. */
export function required<T>(shape: Shape<T>): Field<T> {
  return { shape, required: true };
}

/** A field that may be absent. */
export function optional<T extends {}>(shape: Shape<T>): Field<T | undefined> {
  return { shape, required: false } as Field<T | undefined>;
}

/** An object of known fields: a field that is none of them is a mistake. */
export function fields<T>(known: Fields<T>, description: string): Shape<T> {
  const names = Object.keys(known) as (keyof T & string)[];
  return {
    schema: {
      type: 'object',
      description,
      properties: Object.fromEntries(names.map((name) => [name, known[name].shape.schema])),
      required: names.filter((name) => known[name].required),
      additionalProperties: false,
    },
    read: (value, at) => {
      const members = membersOf(value, at);
      for (const key of members.keys()) {
        if ((names as readonly string[]).includes(key)) continue;
        const problem = `${quoted(key)} is no field of ${description}`;
        throw mistake([...at, key], `${problem}${meant(key, names) || `: ${names.join(', ')}`}`);
      }
      const read = names.flatMap((name) => {
        const member = members.get(name);
        if (member !== undefined) return [[name, known[name].shape.read(member, [...at, name])]];
        if (!known[name].required) return [];
        throw mistake(at, `the field ${name} is missing from ${description}`);
      });
      return Object.fromEntries(read) as T;
    },
  };
}

/**
 * The one field that is there of some of which one is to be.
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`
 */
export function onlyOne<const K extends string>(
  written: Readonly<Partial<Record<K, unknown>>>,
  names: readonly K[],
  at: ValuePath,
): K {
  const [first, second] = names.filter((name) => written[name] !== undefined);
  if (first === undefined) throw mistake(at, `expected one of ${names.join(', ')}`);
  if (second === undefined) return first;
  throw mistake(
    [...at, second],
    `expected one of ${names.join(', ')}, got both ${first} and ${second}`,
  );
}

/** A value of one of two shapes, told apart by whether it is an object. */
export function either<A, B>(scalar: Shape<A>, object: Shape<B>): Shape<A | B> {
  return {
    schema: { anyOf: [scalar.schema, object.schema] },
    read: (value, at) => (value instanceof Map ? object.read(value, at) : scalar.read(value, at)),
  };
}

/** What one shape reads, turned into something else; the turning may find mistakes too. */
export function mapped<A, B>(shape: Shape<A>, turn: (value: A, at: ValuePath) => B): Shape<B> {
  return { schema: shape.schema, read: (value, at) => turn(shape.read(value, at), at) };
}

function meant(got: unknown, words: readonly string[]): string {
  return didYouMean(typeof got === 'string' ? nearestWord(got, words) : undefined);
}

function kindOfDocument(value: JsonValue): string {
  if (value === null) return 'an empty document';
  // a document that is nothing but text is another file, and may be a private key
  return typeof value === 'string' ? 'text' : kindOf(value);
}

function membersOf(value: JsonValue, at: ValuePath): ReadonlyMap<string, JsonValue> {
  if (value instanceof Map) return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    throw mistake(at, 'expected a Map for an object', 'read the text with parseJson of @nv2/core');
  }
  const got = at.length === 0 ? kindOfDocument(value) : kindOf(value);
  throw mistake(at, `expected an object, got ${got}`);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'an object';
  return typeof value === 'string' ? `string ${quoted(value)}` : `${typeof value} ${value}`;
}
