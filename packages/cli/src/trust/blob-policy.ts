import { basename } from 'node:path';
import {
  BLOB_POLICY_FILE,
  type BlobTrustPolicy,
  type BlobTrustStatement,
  blobTrustPolicyPlaces,
  IMAGE_POLICY_FILES,
  NotaryError,
  parseBlobTrustPolicy,
  type TrustStatement,
} from '@nv2/notary';
import { type LoadedPolicy, placesOf, readPolicy } from './policy-file.ts';
import { inPolicyFile } from './policy-mistake.ts';

/**
 * As {@link readPolicy}, and also a policy about blobs. It is known by its name, or by a statement that
 * is global unless the name is that of a policy about images: without scopes alone, it may be one that
 * lacks them.
 *
 * @throws NotaryError as {@link readPolicy}
 */
export async function readAnyPolicy(
  bytes: Uint8Array,
  path: string,
  given?: string,
): Promise<LoadedPolicy> {
  try {
    return await readPolicy(bytes, path, given);
  } catch (error) {
    if (!(error instanceof NotaryError) || error.data['rule'] !== 'scopes-missing') throw error;
    const name = given ?? basename(path);
    const { statements, notes } = parseNamed(bytes, name);
    if (!isAboutBlobs(basename(path), statements)) throw error;
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
}

function isAboutBlobs(file: string, statements: readonly BlobTrustStatement[]): boolean {
  if (file === BLOB_POLICY_FILE) return true;
  const isOfImages = IMAGE_POLICY_FILES.some((name) => name === file);
  return !isOfImages && statements.some(({ globalPolicy }) => globalPolicy);
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
