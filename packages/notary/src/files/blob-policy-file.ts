import { NotaryError } from '../errors.ts';
import { type BlobTrustPolicy, parseBlobTrustPolicy } from '../policy/blob-policy.ts';
import { policyOctets } from '../policy/policy-octets.ts';
import { type NotationPaths, notationFiles } from './paths.ts';
import { type PolicyFile, parsePolicyFile, readPolicyIfPresent } from './policy-file.ts';
import { writeFileAtomic } from './write-file.ts';

/**
 * The blob trust policy file, `trustpolicy.blob.json`.
 *
 * @throws NotaryError `NOTARY_POLICY_NOT_FOUND`, `NOTARY_FILE_*`
 */
export async function readBlobTrustPolicyFile(paths: NotationPaths): Promise<PolicyFile> {
  const path = notationFiles(paths).blobTrustPolicy;
  const bytes = await readPolicyIfPresent(path);
  if (bytes !== undefined) return { path, bytes, warnings: [] };
  throw new NotaryError('NOTARY_POLICY_NOT_FOUND', `no blob trust policy at ${path}`, {
    data: { path, policy: 'blob' },
    hint: 'make a blob trust policy with "nv2 blob policy init", or import one with "nv2 blob policy import"',
  });
}

/**
 * Reads and validates the blob trust policy.
 *
 * @throws NotaryError as {@link readBlobTrustPolicyFile} and {@link parseBlobTrustPolicy}
 */
export async function loadBlobTrustPolicy(
  paths: NotationPaths,
): Promise<PolicyFile & { readonly policy: BlobTrustPolicy }> {
  const file = await readBlobTrustPolicyFile(paths);
  return { ...file, policy: parsePolicyFile(file, parseBlobTrustPolicy) };
}

/**
 * Stores the bytes of a blob trust policy unchanged, after validating them.
 *
 * @returns the path of the file
 * @throws NotaryError `NOTARY_POLICY_MALFORMED`, `NOTARY_POLICY_INVALID`, `NOTARY_FILE_*`
 */
export async function saveBlobTrustPolicy(
  paths: NotationPaths,
  bytes: Uint8Array,
): Promise<{ readonly path: string }> {
  parseBlobTrustPolicy(bytes);
  const path = notationFiles(paths).blobTrustPolicy;
  await writeFileAtomic(path, policyOctets(bytes), { subject: 'trust policy' });
  return { path };
}
