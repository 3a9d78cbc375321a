import type { CallOptions } from '../artifact.ts';
import { type RegistryOptions, RegistrySession } from './session.ts';

/**
 * Asks a registry whether it is one and lets the given credentials in: what a login checks.
 * @throws OciError `OCI_UNAUTHORIZED` if the credentials are wrong, `OCI_CREDENTIAL_MISSING` if it
 *   asks for some and none are given
 * @see distribution-spec 1.1.1, determining support
 */
export async function pingRegistry(
  registry: string,
  options: RegistryOptions & CallOptions,
): Promise<void> {
  const { signal, ...registryOptions } = options;
  const session = new RegistrySession(registry, registryOptions);
  const request = { method: 'GET', url: '/v2/', scopes: [] };
  const response = await session.expect(request, [200], signal ? { signal } : {});
  await response.discard();
}
