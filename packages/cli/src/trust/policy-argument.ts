import { resolve } from 'node:path';
import { directoryTrustStore, readOciTrustPolicyFile, type TrustStore } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { type LoadedPolicy, readPolicy, readPolicyFile } from './policy-file.ts';
import { ownPolicyFile, trustStoreDirectory } from './trust.ts';

/**
 * The policy file that a command names, or the one that verifications go by.
 *
 * @param read what makes a policy of the octets of a file that is named
 */
export async function policyArgument(
  { io, environment }: Pick<CommandContext, 'io' | 'environment'>,
  file: string | undefined,
  read: typeof readPolicy = readPolicy,
): Promise<LoadedPolicy> {
  if (file !== undefined) return readPolicyFile(resolve(io.cwd, file), file, read);
  const own = await ownPolicyFile({ environment });
  if (own !== undefined) return readPolicyFile(own);
  const { bytes, path } = await readOciTrustPolicyFile(environment.paths);
  return readPolicy(bytes, path);
}

/** The trust stores of `--trust-dir`, or the configured ones. */
export function trustStoreArgument(context: CommandContext): TrustStore {
  return directoryTrustStore(trustStoreDirectory(context));
}
