import { basename } from 'node:path';
import { CoreError, parseDigest } from '@nv2/core';
import {
  type Denials,
  loadDenials,
  MAX_DENIALS_BYTES,
  NotaryError,
  notationFiles,
  readRegularFile,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CommandFailure } from '../failure.ts';
import { correctionOf } from './policy-mistake.ts';

/**
 * The denial list of the configuration, whoever else is trusted by the command line. The name notation
 * has none, as the program of that name; nor has who has no directory of configuration.
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`, `NOTARY_FILE_*`: nothing is verified then
 */
export async function configuredDenials(
  context: Pick<CommandContext, 'environment' | 'program'>,
): Promise<Denials> {
  const { environment, program } = context;
  const { knownPaths } = environment;
  if (program === 'notation' || knownPaths === undefined) return new Map();
  return withPlaces(context, () => loadDenials(knownPaths));
}

/** Does the work on the denial list; an error about what is in it says where in the file. */
export async function withPlaces<T>(
  { environment }: Pick<CommandContext, 'environment'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NotaryError) || error.code !== 'NOTARY_OWN_POLICY_INVALID') throw error;
    throw await inFile(error, notationFiles(environment.paths).denials);
  }
}

/** The digest that a command about the list is given. @throws CommandFailure `DIGEST_INVALID` */
export function givenDigest(text: string): string {
  try {
    parseDigest(text);
    return text;
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    const hint =
      'write sha256: and 64 hexadecimal digits; "nv2 list REFERENCE" shows the digests of an artifact and of its signatures';
    throw new CommandFailure({ hint }, { cause });
  }
}

async function inFile(error: NotaryError, path: string): Promise<unknown> {
  const name = basename(path);
  const file = { name, correction: correctionOf({ name: path }) };
  const { code, message, data } = error;
  // not JSON at all: the parser says where
  if (!Array.isArray(data['path'])) {
    return new NotaryError(code, `${name}: ${message}`, {
      cause: error,
      data,
      hint: file.correction,
    });
  }
  const { placed, readYaml } = await import('./yaml-document.ts');
  const bytes = await readRegularFile(path, {
    subject: 'denial list',
    maxBytes: MAX_DENIALS_BYTES,
  });
  return placed(error, file, readYaml(bytes, file));
}
