const MAX_CHARACTERS = 160;

/** A text of somebody else for a message, of bounded length: 160 characters, then `…`. */
export function shortened(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/** The same as a JSON string, so that nothing in it reads as part of the message. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}
