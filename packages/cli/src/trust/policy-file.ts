import { basename, dirname, resolve } from 'node:path';
import {
  compileOwnPolicy,
  type FileNote,
  type LintFinding,
  MAX_POLICY_BYTES,
  NotaryError,
  type OciTrustPolicy,
  ociTrustPolicyPlaces,
  type PlaceFinder,
  parseOciTrustPolicy,
  readRegularFile,
  type TrustStatement,
  type ValuePath,
} from '@nv2/notary';
import { correctionOf, inPolicyFile, type ReadFrom } from './policy-mistake.ts';

/** A trust policy of either format, and the file that it is from. */
export interface LoadedPolicy {
  readonly statements: readonly TrustStatement[];
  readonly format: 'nv2' | 'notation';
  /** Of notation's other policy. */
  readonly about?: 'blobs';
  readonly path: string;
  /** What messages call the file: as the user named it, else its name alone. */
  readonly name: string;
  /** What notation ignores in its format and a person should know. */
  readonly notes: readonly FileNote[];
  /** `line:column` of what a finding about the policy is about. */
  readonly placeOf: (finding: Pick<LintFinding, 'index' | 'path'>) => string;
}

/**
 * Reads a trust policy: what notation reads, or was written for it, is notation's format, everything
 * else nv2's own.
 *
 * @param name what messages call the file; without it, it is the one that verifications go by
 * @param read what makes a policy of the octets
 * @throws NotaryError `NOTARY_FILE_*`, `NOTARY_POLICY_*`, `NOTARY_OWN_POLICY_INVALID`
 */
export async function readPolicyFile(
  path: string,
  name?: string,
  read: typeof readPolicy = readPolicy,
): Promise<LoadedPolicy> {
  const bytes = await readRegularFile(path, {
    subject: 'trust policy',
    maxBytes: MAX_POLICY_BYTES,
    followLinks: true,
  });
  return read(bytes, path, name);
}

/** As {@link readPolicyFile}, from octets. */
export async function readPolicy(
  bytes: Uint8Array,
  path: string,
  given?: string,
): Promise<LoadedPolicy> {
  const name = given ?? basename(path);
  const file: ReadFrom = { name, configured: given === undefined ? path : undefined };
  const policy = readNotationPolicy(bytes, file);
  if (policy !== undefined) {
    const { statements, notes } = policy;
    return {
      statements,
      notes,
      format: 'notation',
      path,
      name,
      placeOf: placesOf(() => ociTrustPolicyPlaces(bytes)),
    };
  }
  const { statements, place } = await readOwnPolicy(bytes, path, file);
  const placeOf: LoadedPolicy['placeOf'] = ({ index = 0 }) => place(['statements', index]);
  return { statements, notes: [], format: 'nv2', path, name, placeOf };
}

/** A policy in nv2's own format, whatever the file is called. */
export async function readOwnPolicy(
  bytes: Uint8Array,
  path: string,
  from: ReadFrom = { name: basename(path) },
): Promise<{
  readonly statements: readonly TrustStatement[];
  readonly place: (path: ValuePath) => string;
}> {
  const { placed, readYaml } = await import('./yaml-document.ts');
  const file = { name: from.name, path: from.configured, correction: correctionOf(from) };
  const document = readYaml(bytes, file);
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

/** Places in a policy of notation's format, which are looked for once the first is asked for. */
export function placesOf(find: () => PlaceFinder): LoadedPolicy['placeOf'] {
  let places: PlaceFinder | undefined;
  return ({ index = 0, path }) => {
    places ??= find();
    const { line, column } =
      path === undefined ? places(['trustPolicies', index]) : places(path, 'key');
    return `${line}:${column}`;
  };
}

function readNotationPolicy(bytes: Uint8Array, file: ReadFrom): OciTrustPolicy | undefined {
  try {
    return parseOciTrustPolicy(bytes);
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    if (!isMeantForNotation(bytes, error)) return undefined;
    throw inPolicyFile(error, file, 'nv2');
  }
}

/** Whether a policy is one in notation's format, valid or not. */
export function isForNotation(bytes: Uint8Array): boolean {
  try {
    parseOciTrustPolicy(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    return isMeantForNotation(bytes, error);
  }
}

// A version that notation reads says it, else a document in braces that says nothing of nv2's own format.
function isMeantForNotation(bytes: Uint8Array, { code, data }: NotaryError): boolean {
  if (code === 'NOTARY_POLICY_INVALID' && !String(data['rule']).startsWith('version')) return true;
  const text = new TextDecoder().decode(bytes);
  // the mark of UTF-16 reads as what stands for no character
  return /^[\s\0\uFFFD]*\{/.test(text) && !OWN_FIELD.test(text);
}

/** A field that only nv2's own format has, or its version. Takes time in proportion to the text. */
const OWN_FIELD =
  /(?:^|[{,])[ \t]*["']?(?:statements["']?[ \t]*:|version["']?[ \t]*:[ \t]*["']?nv2\/)/m;
