import { CliError } from '../errors.ts';
import { printable } from '../text/printable.ts';

/** Where a reference stands. */
export interface Place {
  /** The file as it was named, `standard input` or `command line`. */
  readonly source: string;
  /** From 1. */
  readonly line?: number;
  /** Within a document, as in `Deployment/web spec.template.spec.containers[0].image`. */
  readonly path?: string;
}

/** What a source holds: the text of a reference, or what should have been one and is not. */
export interface Found {
  readonly place: Place;
  readonly text: string;
  readonly error?: CliError;
}

/** The place in words. */
export function formatPlace({ source, line, path }: Place): string {
  const where = line === undefined ? source : `${source}:${line}`;
  return printable(path === undefined ? where : `${where}, ${path}`);
}

/** What should have been a reference, or have held some, and could not be read. */
export function unreadable(
  place: Place,
  problem: string,
  more: { readonly text?: string; readonly hint?: string; readonly cause?: unknown } = {},
): Required<Found> {
  const { text = '', hint = 'correct it at that place', cause } = more;
  const error = new CliError('CLI_SCAN_INPUT_INVALID', problem, { hint, cause });
  return { place, text, error };
}
