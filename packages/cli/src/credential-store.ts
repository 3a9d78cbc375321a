import type { CredentialStore } from '@nv2/oci';
import type { CommandContext } from './context.ts';

/** Where credentials are kept: notation's config.json if it configures any, else docker's. */
export async function credentialStore(context: CommandContext): Promise<CredentialStore> {
  void context;
  throw new Error('pending');
}
