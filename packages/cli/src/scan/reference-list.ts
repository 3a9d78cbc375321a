import { decodeUtf8, Nv2Error } from '@nv2/core';
import { type Found, unreadable } from './found.ts';
import { type Line, readLines } from './lines.ts';

/** Longer than any reference can be, with the blanks around it. */
const MAX_LINE_BYTES = 8192;
const MAX_SHOWN = 80;

/** What ends a line for some readers, so that a comment ends there and a reference begins. */
const DISPUTED = /[\r\v\f\u0085\u2028\u2029]/;

/**
 * The references of a list, one a line; empty lines and those that begin with # are for readers. A comment
 * that may hide a reference, as it goes on after what ends a line for some, cannot be read.
 */
export async function* readReferenceList(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Found> {
  for await (const line of readLines(chunks, { maxLineBytes: MAX_LINE_BYTES })) {
    const found = readLine(line, source);
    if (found !== undefined) yield found;
  }
}

function readLine({ number, bytes }: Line, source: string): Found | undefined {
  const place = { source, line: number };
  if (bytes === undefined) {
    return unreadable(place, `the line is longer than ${MAX_LINE_BYTES} bytes`);
  }
  try {
    const text = decodeUtf8(bytes)
      .replace(/^\uFEFF/, '')
      .trim();
    if (text.startsWith('#') && DISPUTED.test(text)) {
      const problem = 'a character within the comment ends a line, for some readers of text alone';
      return unreadable(place, problem, {
        text: text.slice(0, MAX_SHOWN),
        hint: 'end the line there, or take the character out',
      });
    }
    return text === '' || text.startsWith('#') ? undefined : { place, text };
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    const text = new TextDecoder().decode(bytes.subarray(0, MAX_SHOWN));
    return unreadable(place, 'the line is not UTF-8 text', { text, cause });
  }
}
