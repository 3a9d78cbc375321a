/**
 * Refuses a key that is not one of `names` but becomes one when case is ignored. The reference
 * reads JSON members without regard to case, so such a key would mean something to it and nothing
 * here: two verifiers would see two different things under one signature.
 */
export function assertNoLookAlike(
  object: ReadonlyMap<string, unknown>,
  names: readonly string[],
  errorFor: (key: string) => Error,
): void {
  for (const key of object.keys()) {
    if (!names.includes(key) && names.some((name) => foldCase(name) === foldCase(key))) {
      throw errorFor(key);
    }
  }
}

/** Simple case folding as Go's `encoding/json` does it: the long s and the Kelvin sign included. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}
