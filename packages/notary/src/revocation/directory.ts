import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoPort, defaultCrypto, encodeHex, encodeUtf8, Nv2Error } from '@nv2/core';
import { MAX_CRL_BYTES } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { fileError, readRegularFile } from '../files/read-file.ts';
import type { OfflineAnswers, OfflineRevocation, RevocationChecker } from './finding.ts';
import { KeptAnswers } from './kept-answers.ts';
import { offlineStatus } from './offline.ts';

/** A directory of answers with more files than this is refused. */
export const MAX_OFFLINE_FILES = 1000;

/** A directory of answers with more bytes than this is refused, all files together. */
export const MAX_OFFLINE_BYTES: number = 2 * MAX_CRL_BYTES;

const NOTHING_ELSE = 'keep nothing else in that directory';

interface Contents {
  readonly kept: KeptAnswers;
  readonly digest: string;
}

/**
 * CRLs and OCSP responses in directories, each read when it is first asked for and once only: make this
 * anew for a new look. Every file whose name does not begin with a dot must hold answers, DER or PEM.
 *
 * @see policy.md "Revocation"
 */
export function directoryRevocation(
  options: { readonly crypto?: CryptoPort } = {},
): OfflineRevocation {
  const { crypto } = options;
  const read = new Map<string, Promise<Contents>>();
  const contents = (directory: string): Promise<Contents> => {
    const found = read.get(directory) ?? readDirectory(directory, crypto ?? defaultCrypto);
    read.set(directory, found);
    return found;
  };
  return {
    summary: async (directory) => {
      const { kept, digest } = await contents(directory);
      return { digest, answers: kept.count };
    },
    checker: (offline) => checkerOf(offline, { contents, crypto }),
  };
}

function checkerOf(
  offline: OfflineAnswers,
  by: {
    readonly contents: (directory: string) => Promise<Contents>;
    readonly crypto: CryptoPort | undefined;
  },
): RevocationChecker {
  return async (chain, when) => {
    const { kept } = await by.contents(offline.directory);
    const context = { ...offline, kept, crypto: by.crypto };
    const asked = chain.slice(0, -1).map((certificate, index) => {
      const issuer = chain[index + 1];
      if (issuer === undefined) throw new TypeError('a certificate without an issuer');
      return offlineStatus({ certificate, issuer }, when, context);
    });
    return await Promise.all(asked);
  };
}

async function readDirectory(directory: string, crypto: CryptoPort): Promise<Contents> {
  const kept = new KeptAnswers();
  const digests: string[] = [];
  let left = MAX_OFFLINE_BYTES;
  for (const name of fileNames(directory)) {
    const path = join(directory, name);
    const bytes = await readFile(path, left);
    left -= bytes.length;
    try {
      kept.add(path, bytes);
    } catch (cause) {
      if (!(cause instanceof Nv2Error)) throw cause;
      const expected = `expected CRLs or OCSP responses, DER or PEM, in ${path}`;
      throw unreadable(path, `${expected}: ${cause.message}`, { cause, hint: NOTHING_ELSE });
    }
    digests.push(encodeHex(await crypto.digest('sha256', bytes)));
  }
  const all = await crypto.digest('sha256', encodeUtf8(digests.join('\n')));
  return { kept, digest: `sha256:${encodeHex(all)}` };
}

// Synchronous for the reason that readRegularFile gives.
function fileNames(directory: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    const { message, hint } = fileError(cause, directory, 'directory of revocation answers');
    throw unreadable(directory, message, { cause, hint });
  }
  if (names.length > MAX_OFFLINE_FILES) {
    throw unreadable(
      directory,
      `${directory} has ${names.length} files, at most ${MAX_OFFLINE_FILES} are read`,
      { hint: 'keep the newest answers alone' },
    );
  }
  return names.filter((name) => !name.startsWith('.')).toSorted();
}

async function readFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    // where a directory is mounted from a cluster, its files are links
    return await readRegularFile(path, {
      subject: 'revocation answer',
      maxBytes,
      followLinks: true,
    });
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    const problem =
      cause.code === 'NOTARY_FILE_TOO_LARGE'
        ? `with ${path} the answers of its directory have more than ${MAX_OFFLINE_BYTES} bytes`
        : cause.message;
    const hint = cause.code === 'NOTARY_FILE_NOT_REGULAR' ? NOTHING_ELSE : cause.hint;
    throw unreadable(path, problem, { cause, hint });
  }
}

function unreadable(
  path: string,
  message: string,
  details: { readonly cause?: unknown; readonly hint?: string | undefined },
): NotaryError {
  return new NotaryError('NOTARY_REVOCATION_OFFLINE_UNREADABLE', message, {
    ...details,
    data: { path },
  });
}
