import type { CommandContext } from '../context.ts';

/** notation's words for a key that became the default. */
export function markedAsDefault(name: string): string {
  return `${name}: marked as default`;
}

/** Says what a key command did, as text or JSON. */
export function reportKeys(
  { flags, printer }: CommandContext,
  { text, json }: { readonly text: string; readonly json: Readonly<Record<string, unknown>> },
): void {
  if (flags.string('output') === 'json') printer.json(json);
  else printer.line(text);
}
