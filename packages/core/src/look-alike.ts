/** Names that a reader acts on, and what they become when case is ignored. */
export interface ActedOn {
  readonly names: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
}

/** The {@link ActedOn} of these names. */
export function actedOn(names: readonly string[]): ActedOn {
  return { names: new Set(names), folded: new Set(names.map(foldCase)) };
}

/**
 * Refuses a key that is not one of the names but becomes one when case is ignored. The reference
 * reads JSON members without regard to case, so such a key would mean something to it and nothing
 * here: two verifiers would see two different things under one signature.
 */
export function assertNoLookAlike(
  object: ReadonlyMap<string, unknown>,
  { names, folded }: ActedOn,
  errorFor: (key: string) => Error,
): void {
  for (const key of object.keys()) {
    if (!names.has(key) && folded.has(foldCase(key))) throw errorFor(key);
  }
}

/** Simple case folding as Go's `encoding/json` does it: the long s and the Kelvin sign included. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}
