import { unlink } from 'node:fs/promises';
import { NotaryError } from '../errors.ts';
import { MAX_POLICY_BYTES, type ParsePolicyOptions } from '../policy/notation-policy.ts';
import { type OciTrustPolicy, parseOciTrustPolicy } from '../policy/oci-policy.ts';
import { policyOctets } from '../policy/policy-octets.ts';
import { parseNamed } from './go-decode.ts';
import { type NotationPaths, notationFiles } from './paths.ts';
import { fileError, readRegularFile, systemCode } from './read-file.ts';
import { writeFileAtomic } from './write-file.ts';

/** The bytes of a trust policy file and where they are from. */
export interface PolicyFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** `NOTARY_POLICY_LEGACY_FILE`: read from the deprecated `trustpolicy.json`. */
  readonly warnings: readonly 'NOTARY_POLICY_LEGACY_FILE'[];
}

/**
 * The OCI trust policy file: `trustpolicy.oci.json`, or the deprecated `trustpolicy.json` where the
 * former does not exist.
 *
 * @throws NotaryError `NOTARY_POLICY_NOT_FOUND`, `NOTARY_FILE_*`
 */
export async function readOciTrustPolicyFile(paths: NotationPaths): Promise<PolicyFile> {
  const { ociTrustPolicy, legacyTrustPolicy } = notationFiles(paths);
  const bytes = await readPolicyIfPresent(ociTrustPolicy);
  if (bytes !== undefined) return { path: ociTrustPolicy, bytes, warnings: [] };
  const legacy = await readPolicyIfPresent(legacyTrustPolicy);
  if (legacy !== undefined) {
    return { path: legacyTrustPolicy, bytes: legacy, warnings: ['NOTARY_POLICY_LEGACY_FILE'] };
  }
  throw new NotaryError('NOTARY_POLICY_NOT_FOUND', `no trust policy at ${ociTrustPolicy}`, {
    data: { path: ociTrustPolicy },
    hint: 'make a trust policy and import it with "nv2 policy import"',
  });
}

/**
 * Reads and validates the OCI trust policy.
 *
 * @throws NotaryError as {@link readOciTrustPolicyFile} and {@link parseOciTrustPolicy}
 */
export async function loadOciTrustPolicy(
  paths: NotationPaths,
): Promise<PolicyFile & { readonly policy: OciTrustPolicy }> {
  const file = await readOciTrustPolicyFile(paths);
  return { ...file, policy: parsePolicyFile(file, parseOciTrustPolicy) };
}

/**
 * Stores the bytes of a trust policy unchanged but for a byte order mark, which the reference does not
 * read, after validating them, and removes the deprecated
 * file, which would otherwise be shadowed.
 *
 * @returns whether a deprecated file was removed; `legacyError` if it could not be
 * @throws NotaryError `NOTARY_POLICY_MALFORMED`, `NOTARY_POLICY_INVALID`, `NOTARY_FILE_*`
 */
export async function saveOciTrustPolicy(
  paths: NotationPaths,
  bytes: Uint8Array,
): Promise<{
  readonly path: string;
  readonly legacyRemoved: boolean;
  readonly legacyError?: NotaryError;
}> {
  parseOciTrustPolicy(bytes);
  const { ociTrustPolicy, legacyTrustPolicy } = notationFiles(paths);
  await writeFileAtomic(ociTrustPolicy, policyOctets(bytes), { subject: 'trust policy' });
  try {
    await unlink(legacyTrustPolicy);
    return { path: ociTrustPolicy, legacyRemoved: true };
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return { path: ociTrustPolicy, legacyRemoved: false };
    const legacyError = fileError(cause, legacyTrustPolicy, 'trust policy');
    return { path: ociTrustPolicy, legacyRemoved: false, legacyError };
  }
}

/** The policy in a file as the reference reads it to verify; an error names the file. */
export function parsePolicyFile<Policy>(
  { path, bytes }: PolicyFile,
  parse: (bytes: Uint8Array, options: ParsePolicyOptions) => Policy,
): Policy {
  return parseNamed(path, () => parse(bytes, { allowTrailingData: true }));
}

/** The bytes of a policy file; undefined where there is none. @throws NotaryError `NOTARY_FILE_*` */
export async function readPolicyIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readRegularFile(path, { subject: 'trust policy', maxBytes: MAX_POLICY_BYTES });
  } catch (cause) {
    if (cause instanceof NotaryError && cause.code === 'NOTARY_FILE_NOT_FOUND') return undefined;
    throw cause;
  }
}
