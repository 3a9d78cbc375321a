import { basename, dirname, resolve } from 'node:path';
import { decodeUtf8, Nv2Error } from '@nv2/core';
import {
  compileOwnPolicy,
  MAX_POLICY_BYTES,
  NotaryError,
  parseOciTrustPolicy,
  readRegularFile,
  type TrustStatement,
  type ValuePath,
} from '@nv2/notary';

/** A trust policy of either format, and the file that it is from. */
export interface LoadedPolicy {
  readonly statements: readonly TrustStatement[];
  readonly format: 'nv2' | 'notation';
  readonly path: string;
  /** What messages call the file: as the user named it, else its name alone. */
  readonly name: string;
  /** `line:column` of a statement in the file, by its place from 0. */
  readonly placeOf: (index: number) => Promise<string | undefined>;
}

/**
 * Reads a trust policy: JSON with the version 1.0 is notation's format, everything else nv2's own.
 *
 * @param name what messages call the file
 * @throws NotaryError `NOTARY_FILE_*`, `NOTARY_POLICY_*`, `NOTARY_OWN_POLICY_INVALID`
 */
export async function readPolicyFile(path: string, name?: string): Promise<LoadedPolicy> {
  const bytes = await readRegularFile(path, {
    subject: 'trust policy',
    maxBytes: MAX_POLICY_BYTES,
    followLinks: true,
  });
  return readPolicy(bytes, path, name);
}

/** As {@link readPolicyFile}, from octets. */
export async function readPolicy(
  bytes: Uint8Array,
  path: string,
  name: string = basename(path),
): Promise<LoadedPolicy> {
  if (isNotationPolicy(bytes, name)) {
    const { statements } = parseOciTrustPolicy(bytes);
    const placeOf = (index: number) => notationPlace(bytes, name, index);
    return { statements, format: 'notation', path, name, placeOf };
  }
  const { statements, place } = await readOwnPolicy(bytes, path, name);
  const placeOf = async (index: number) => place(['statements', index]);
  return { statements, format: 'nv2', path, name, placeOf };
}

/** A policy in nv2's own format, whatever the file is called. */
export async function readOwnPolicy(
  bytes: Uint8Array,
  path: string,
  file: string = basename(path),
): Promise<{
  readonly statements: readonly TrustStatement[];
  readonly place: (path: ValuePath) => string;
}> {
  const { placed, readYaml } = await import('./yaml-document.ts');
  const document = readYaml(textOf(bytes, file), file);
  try {
    const { statements } = compileOwnPolicy(document.value);
    return { statements: statements.map((one) => placedBy(one, path)), place: document.place };
  } catch (error) {
    throw placed(error, file, document);
  }
}

// Where answers about revocation are kept is said from where the policy is.
function placedBy(statement: TrustStatement, path: string): TrustStatement {
  const { revocation } = statement;
  if (revocation?.offline === undefined) return statement;
  const directory = resolve(dirname(path), revocation.offline.directory);
  const offline = { ...revocation.offline, directory };
  return { ...statement, revocation: { ...revocation, offline } };
}

// notation reads much that is no document of one meaning; of that no place is known.
async function notationPlace(
  bytes: Uint8Array,
  file: string,
  index: number,
): Promise<string | undefined> {
  const { readYaml } = await import('./yaml-document.ts');
  try {
    return readYaml(textOf(bytes, file), file).place(['trustPolicies', index]);
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    return undefined;
  }
}

// Whoever writes notation's format writes its version; what has neither is told what nv2's own needs.
function isNotationPolicy(bytes: Uint8Array, file: string): boolean {
  try {
    parseOciTrustPolicy(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    if (error.code === 'NOTARY_POLICY_MALFORMED') return false;
    const { rule } = error.data;
    if (rule === 'version-missing' || rule === 'version-unsupported') return false;
    const { code, message, data, hint } = error;
    throw new NotaryError(code, `${file}: ${message}`, {
      cause: error,
      data: { ...data, file },
      hint,
    });
  }
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return decodeUtf8(bytes).replace(/^\uFEFF/, '');
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw new NotaryError('NOTARY_OWN_POLICY_INVALID', `${file}: the file is not UTF-8 text`, {
      cause,
      data: { path: [], file },
      hint: 'save the file as UTF-8',
    });
  }
}
