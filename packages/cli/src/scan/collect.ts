import { Nv2Error } from '@nv2/core/errors';
import { formatReference } from '@nv2/oci';
import { readRegistryName } from '../artifact-reference.ts';
import { CliError } from '../errors.ts';
import { CommandFailure } from '../failure.ts';
import type { Found } from './found.ts';
import { ReferenceTable } from './reference-table.ts';

/** What is scanned in one run at most. */
const MAX_REFERENCES = 1_000_000;

/** References to verify, each once. */
export interface Collected {
  /** In their one form. */
  readonly references: ReferenceTable;
  /** How many stood somewhere else too. */
  readonly duplicates: number;
}

/** A reference that cannot be read, and why. */
export interface BadReference extends Found {
  readonly problem: Nv2Error;
}

/**
 * Reads all references before any is verified: then it is known how many there are, and where each
 * stands. One that is none goes to `onBad`, and the others go on.
 *
 * @throws CliError `CLI_FILE_TOO_LARGE`, and what the sources throw
 */
export async function collectReferences(
  sources: AsyncIterable<Found>,
  onBad: (bad: BadReference) => Promise<void>,
): Promise<Collected> {
  const references = new ReferenceTable();
  let duplicates = 0;
  for await (const found of sources) {
    const read = found.error ?? readReference(found.text);
    if (typeof read !== 'string') {
      await onBad({ ...found, problem: read });
      continue;
    }
    if (!references.add(read, found.place)) duplicates += 1;
    else if (references.size > MAX_REFERENCES) throw tooMany();
  }
  return { references, duplicates };
}

function readReference(text: string): string | Nv2Error {
  try {
    return formatReference(readRegistryName(text).reference);
  } catch (error) {
    const cause = error instanceof CommandFailure ? error.error : error;
    if (cause instanceof Nv2Error) return cause;
    throw error;
  }
}

function tooMany(): CliError {
  return new CliError('CLI_FILE_TOO_LARGE', `there are more than ${MAX_REFERENCES} references`, {
    data: { maxReferences: MAX_REFERENCES },
    hint: 'scan them in parts',
  });
}
