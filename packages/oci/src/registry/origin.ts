import { isLoopbackHost } from '@nv2/http';
import { DOCKER_HUB_HOSTS } from '../docker-hub.ts';
import { assertRegistry, registryHost } from '../reference.ts';

const DOCKER_HUB_ADDRESS = 'https://index.docker.io/v1/';

/** Where a registry is reached: scheme and host, the path `/`. */
export function registryOrigin(registry: string, plainHttp: boolean): URL {
  assertRegistry(registry);
  return new URL(`${plainHttp ? 'http' : 'https'}://${registryHost(registry)}/`);
}

/** The name under which credentials of a registry are kept. */
export function serverAddressOf(registry: string): string {
  return DOCKER_HUB_HOSTS.includes(registry) ? DOCKER_HUB_ADDRESS : registry;
}

/**
 * Whether a registry is spoken to without TLS where nobody asked for it: `localhost` with a port,
 * and unless switched off, a loopback address with a port. Any other host needs TLS.
 */
export function isPlainHttpByDefault(
  registry: string,
  options: { readonly loopbackAddresses?: boolean } = {},
): boolean {
  const match = /^(.+):[0-9]{1,5}$/.exec(registry);
  const host = (match?.[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost') return true;
  return (options.loopbackAddresses ?? true) && isLoopbackHost(host);
}
