import { decodeBase64, encodeBase64 } from '@nv2/core';
import {
  type Decoder,
  goBool,
  goList,
  goOptionalText,
  goStruct,
  goText,
  goTextMap,
  wrongType,
} from '../files/go-decode.ts';
import type { GoJson } from '../files/go-json.ts';

/** A value as JSON that `JSON.stringify` writes. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Both ways between a value and its JSON in the plugin protocol; reads as Go's encoding/json does. */
export interface Codec<T> {
  /** What an absent member reads as. */
  readonly zero: T;
  readonly decode: Decoder<T>;
  /** `undefined` leaves the member out. */
  readonly encode: (value: T) => Json | undefined;
}

/** Text. */
export const text: Codec<string> = { zero: '', decode: goText, encode: (value) => value };

/** Text that is left out where it is empty. */
export const optionalText: Codec<string | undefined> = {
  zero: undefined,
  decode: goOptionalText,
  encode: (value) => (value === '' ? undefined : value),
};

/** `true` or `false`. */
export const bool: Codec<boolean> = {
  zero: false,
  decode: goBool,
  encode: (value) => value,
};

/** A whole number, 0 or more; left out where it is 0. */
export const count: Codec<number> = {
  zero: 0,
  decode: (value, previous, at, context) => {
    if (value === null) return previous;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw wrongType(context, at, 'a whole number');
  },
  encode: (value) => (value === 0 ? undefined : value),
};

/** Octets, as base64. */
export const octets: Codec<Uint8Array> = {
  zero: new Uint8Array(),
  decode: (value, previous, at, context) => {
    const encoded = goText(value, '', at, context);
    if (value === null) return previous;
    try {
      return decodeBase64(encoded);
    } catch (cause) {
      throw wrongType(context, at, 'base64', cause);
    }
  },
  encode: encodeBase64,
};

/** A list; `null` where it is empty, if the field says so. */
export function list<T>(
  element: Codec<T>,
  options: { readonly emptyIsNull?: boolean } = {},
): Codec<readonly T[]> {
  return {
    zero: [],
    decode: goList(element.decode, element.zero),
    encode: (values) => {
      if (values.length === 0 && options.emptyIsNull === true) return null;
      return values.map((value) => element.encode(value) ?? null);
    },
  };
}

/** A map from text to text, left out where it is empty; keys are written in order. */
export const textMap: Codec<ReadonlyMap<string, string>> = {
  zero: new Map(),
  decode: goTextMap,
  encode: (map) => (map.size === 0 ? undefined : Object.fromEntries([...map].sort(byKey))),
};

/** Any JSON, kept as it is. */
export const anything: Codec<Json> = {
  zero: null,
  decode: (value) => plain(value),
  encode: (value) => value,
};

/** An object with these members, written in this order. */
export function struct<T extends object>(
  fields: { readonly [K in keyof T & string]-?: Codec<T[K]> },
): Codec<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const each = <V>(pick: (name: keyof T & string) => V): Record<string, V> =>
    Object.fromEntries(names.map((name) => [name, pick(name)]));
  const decoders = each((name) => fields[name].decode) as unknown as {
    readonly [K in keyof T & string]-?: Decoder<T[K]>;
  };
  return {
    zero: each((name) => fields[name].zero) as T,
    decode: goStruct<T>(decoders),
    encode: (value) => {
      const members: Record<string, Json> = {};
      for (const name of names) {
        const member = fields[name].encode(value[name]);
        if (member !== undefined) members[name] = member;
      }
      return members;
    },
  };
}

/** A map from text to values of one kind; keys are case-sensitive. */
export function mapOf<T>(element: Codec<T>): Codec<ReadonlyMap<string, T>> {
  return {
    zero: new Map(),
    decode: (value, previous, at, context) => {
      if (value === null) return new Map();
      if (typeof value !== 'object' || !('members' in value)) {
        throw wrongType(context, at, 'an object');
      }
      const map = new Map(previous);
      const seen = new Set<string>();
      for (const [key, item] of value.members) {
        const path = [...at, key];
        if (seen.has(key)) context.notes.push({ note: 'duplicate-key', path });
        seen.add(key);
        // as in Go: null is no value, unless it is one of the element's own
        if (item === null && element.zero !== null) map.delete(key);
        else map.set(key, element.decode(item, element.zero, path, context));
      }
      return map;
    },
    encode: (map) =>
      Object.fromEntries(
        [...map].sort(byKey).map(([key, value]) => [key, element.encode(value) ?? null]),
      ),
  };
}

function plain(value: GoJson): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (!('members' in value)) return value.map(plain);
  return Object.fromEntries(value.members.map(([key, item]) => [key, plain(item)]));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
