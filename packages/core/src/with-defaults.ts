/**
 * The defaults, with what is given in their place. A field that is given as `undefined` is not given: who
 * hands on options of their own may have nothing to say in one.
 */
export function withDefaults<T extends object>(
  defaults: T,
  given?: { readonly [K in keyof T]?: T[K] | undefined } | null,
): T {
  const said = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(said) };
}
