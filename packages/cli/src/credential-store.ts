import { delimiter, join } from 'node:path';
import { notationFiles } from '@nv2/notary';
import { type CredentialStore, openCredentialStore, spawnHelper } from '@nv2/oci';
import type { CommandContext } from './context.ts';

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
