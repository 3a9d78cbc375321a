import { delimiter, join } from 'node:path';
import { notationFiles } from '@nv2/notary';
import { type CredentialStore, openCredentialStore, spawnHelper } from '@nv2/oci';
import type { CommandContext } from './context.ts';
import { prefixed } from './failure.ts';

/** Where credentials are kept: as notation's config.json says, else docker's, else the system. */
export function credentialStore({ environment }: CommandContext): Promise<CredentialStore> {
  const { knownPaths, dockerConfig, childEnv } = environment;
  return openCredentialStore({
    ...(knownPaths !== undefined && { notationConfig: notationFiles(knownPaths).configFile }),
    ...(dockerConfig !== undefined && { dockerConfig: join(dockerConfig, 'config.json') }),
    searchPath: (childEnv['PATH'] ?? '').split(delimiter),
    runHelper: spawnHelper({ environment: childEnv }),
  });
}

/** The same, for who needs it in any case and can say so before anything is asked of a registry. */
export function neededCredentialStore(context: CommandContext): Promise<CredentialStore> {
  return prefixed('failed to get credentials store', () => credentialStore(context));
}
