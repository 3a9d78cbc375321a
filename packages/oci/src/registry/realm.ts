import type { BlockList } from 'node:net';
import { bareHost, isLoopbackHost, maskUrl } from '@nv2/http';
import { OciError } from '../errors.ts';

/**
 * The token service that a registry names, if credentials may go there: on https; on the registry's
 * own host also on http where the registry itself is spoken to so; never, from elsewhere, at an
 * address of this machine or its network.
 * @throws OciError `OCI_AUTH_REALM_REFUSED`
 */
export function acceptRealm(realm: string, registry: URL): URL {
  const url = URL.parse(realm);
  const problem = url === null ? 'not a URL' : whyRefused(url, registry);
  if (url !== null && problem === undefined) return url;
  const shown = url === null ? JSON.stringify(realm.slice(0, 200)) : maskUrl(url);
  throw new OciError(
    'OCI_AUTH_REALM_REFUSED',
    `${registry.host} names ${shown} as its token service: ${problem}`,
    {
      hint: 'check that the address of the registry is right; its operator has to mend its realm',
      data: { registry: registry.host, realm: shown, problem },
    },
  );
}

function whyRefused(realm: URL, registry: URL): string | undefined {
  if (realm.protocol !== 'https:' && realm.protocol !== 'http:') return 'neither http nor https';
  if (realm.username !== '' || realm.password !== '') return 'a URL with a user name';
  const bothLoopback = isLoopback(realm) && isLoopback(registry);
  const sameHost = realm.hostname === registry.hostname;
  if (realm.protocol === 'http:') {
    if (registry.protocol === 'https:') return 'http, though the registry speaks https';
    if (!sameHost && !bothLoopback) return 'http on another host';
  }
  if (!sameHost && !bothLoopback && isLocal(realm)) return 'an address of the local machine';
  return undefined;
}

function isLoopback(url: URL): boolean {
  return isLoopbackHost(bareHost(url));
}

function isLocal(url: URL): boolean {
  const host = bareHost(url);
  if (isLoopbackHost(host) || host.endsWith('.localhost')) return true;
  const version = net().isIP(host);
  return version !== 0 && localAddresses().check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Addresses at which no public token service can be, only services meant for this machine. */
function localAddresses(): BlockList {
  const { BlockList } = net();
  const list = new BlockList();
  list.addSubnet('0.0.0.0', 8);
  list.addSubnet('127.0.0.0', 8);
  list.addSubnet('169.254.0.0', 16);
  // metadata services of clouds outside of the link-local range
  list.addAddress('100.100.100.200');
  list.addAddress('168.63.129.16');
  list.addSubnet('fd00:ec2::', 32, 'ipv6');
  list.addSubnet('fd20:ce::', 32, 'ipv6');
  list.addSubnet('::', 127, 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  return list;
}

// loaded for a realm on another host alone
function net(): typeof import('node:net') {
  return process.getBuiltinModule('node:net');
}
