import { printable } from './printable.ts';

const PLAIN = /^[A-Za-z0-9_@:,./+-]+$/;

/**
 * The text as one word of a POSIX shell, in characters that a terminal prints.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html 2.2.4
 */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  const octets = Array.from(Buffer.from(text), (octet) => octet.toString(8).padStart(3, '0'));
  return `$'${octets.map((octet) => `\\${octet}`).join('')}'`;
}
