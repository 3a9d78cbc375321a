/** A value of strict JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object: a Map in the order of the text, because its keys come from outside. */
export type JsonObject = ReadonlyMap<string, JsonValue>;
