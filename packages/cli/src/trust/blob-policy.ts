import { basename } from 'node:path';
import {
  type BlobTrustPolicy,
  type BlobTrustStatement,
  blobTrustPolicyPlaces,
  isAboutBlobs,
  parseBlobTrustPolicy,
  type TrustStatement,
} from '@nv2/notary';
import { type LoadedPolicy, placesOf, readPolicy } from './policy-file.ts';
import { inPolicyFile } from './policy-mistake.ts';

/**
 * As {@link readPolicy}, and also a policy about blobs, where {@link isAboutBlobs} says that it is one.
 *
 * @throws NotaryError as {@link readPolicy}
 */
export async function readAnyPolicy(
  bytes: Uint8Array,
  path: string,
  given?: string,
): Promise<LoadedPolicy> {
  if (!isAboutBlobs(bytes, basename(path))) return readPolicy(bytes, path, given);
  const name = given ?? basename(path);
  const { statements, notes } = parseNamed(bytes, name);
  return {
    statements: statements.map(scoped),
    notes,
    format: 'notation',
    about: 'blobs',
    path,
    name,
    placeOf: placesOf(() => blobTrustPolicyPlaces(bytes)),
  };
}

function parseNamed(bytes: Uint8Array, name: string): BlobTrustPolicy {
  try {
    return parseBlobTrustPolicy(bytes);
  } catch (error) {
    throw inPolicyFile(error, { name }, 'nv2');
  }
}

function scoped(statement: BlobTrustStatement): TrustStatement {
  return { ...statement, scopes: statement.globalPolicy ? [{ kind: 'any' }] : [] };
}
