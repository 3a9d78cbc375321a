import type { JsonObject, JsonValue } from '@nv2/core';

/** A parsed object as a plain one, for writing it again; also for keys such as `__proto__`. */
export function plainObject(object: JsonObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Array.from(object, ([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map((item: JsonValue) => plainValue(item));
  return value instanceof Map ? plainObject(value) : value;
}
