import { RecentlyUsed } from '@nv2/core';
import { type ArtifactSource, openRegistry, type Reference, type Registry } from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { type HttpAccess, registryOptions } from '../registry-access.ts';

/** Of which credentials and tokens are kept. */
const MAX_REGISTRIES = 64;

/** Opens repositories, each registry once: they share connections, credentials and tokens. */
export function registriesOf(
  context: CommandContext,
  { client }: Pick<HttpAccess, 'client'>,
): (reference: Reference) => Promise<ArtifactSource> {
  const kept = new RecentlyUsed<string, Promise<Registry>>(MAX_REGISTRIES);
  const open = async (name: string): Promise<Registry> =>
    openRegistry(name, await registryOptions(context, name, { client }));
  return async ({ registry, repository }) => {
    const opening = kept.get(registry) ?? open(registry);
    kept.set(registry, opening);
    return (await opening).repository(repository);
  };
}
