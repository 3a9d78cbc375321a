import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { HttpError } from '../errors.ts';
import { AddressBlocks } from './address-blocks.ts';

/** To which addresses a client connects that takes its URLs from strangers. */
export interface AddressRule {
  /**
   * Hosts that may be anywhere, as they stand in URLs, without port: those that the operator named.
   * All others must be at public addresses.
   */
  readonly allowedHosts?: readonly string[];
}

/** What {@link AddressGuard} goes by. */
export interface AddressGuardOptions extends AddressRule {
  /** How names are resolved. Default: as the system does. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Lets connections be made to public addresses only. It judges the addresses themselves, on the way
 * from the resolver to the connection: not how a URL spells them, and not what a name resolved to at
 * another time.
 */
export class AddressGuard {
  readonly #allowed: ReadonlySet<string>;
  readonly #resolve: LookupFunction;
  readonly #blocks: AddressBlocks = new AddressBlocks();

  /** @throws HttpError `HTTP_ALLOWED_HOST_INVALID` */
  constructor({ allowedHosts = [], lookup }: AddressGuardOptions) {
    this.#allowed = new Set(allowedHosts.map(asInUrl));
    this.#resolve = lookup ?? systemLookup;
  }

  /**
   * Judges a host that is an address by itself; a name is left to {@link AddressGuard.lookup}.
   * @param host without brackets
   * @throws HttpError `HTTP_ADDRESS_REFUSED`
   */
  assertHost(host: string): void {
    if (isIP(host) === 0 || this.#allowed.has(host)) return;
    const kind = this.#blocks.kindOf(host);
    if (kind !== undefined) throw refused(host, host, kind);
  }

  /** Resolves a name to those of its addresses that may be connected to; fails if there is none. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const all = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const usable = this.#allowed.has(host)
        ? all
        : all.filter(({ address }) => this.#blocks.kindOf(address) === undefined);
      const [first] = usable;
      if (first === undefined) {
        // never before the request has its listeners, which a resolver that answers at once could be
        setImmediate(callback, this.#noneOf(host, all[0]?.address), '');
        return;
      }
      if (options.all === true) callback(null, [...usable]);
      else callback(null, first.address, first.family);
    });
  };

  #noneOf(host: string, address: string | undefined): Error {
    if (address === undefined) return new Error(`${host} has no address`);
    return refused(host, address, this.#blocks.kindOf(address) ?? 'reserved');
  }
}

function refused(host: string, address: string, kind: string): HttpError {
  const where = host === address ? host : `${host} is at ${address}, which`;
  return new HttpError(
    'HTTP_ADDRESS_REFUSED',
    `${where} is a ${kind} address, expected a public one`,
    {
      hint: 'check where the URL comes from; a host inside the network is asked only if the operator of this service allowed it by name',
      data: { host, address, kind },
    },
  );
}

/** A host as `URL` spells it, without brackets. */
function asInUrl(host: string): string {
  const isIPv6 = isIP(host) === 6;
  const url = URL.parse(`http://${isIPv6 ? `[${host}]` : host}/`);
  const isHost = url?.href === `http://${url?.hostname}/` && (isIPv6 || !host.includes(':'));
  if (url !== null && isHost) {
    return url.hostname.replace(/^\[|\]$/g, '');
  }
  throw new HttpError(
    'HTTP_ALLOWED_HOST_INVALID',
    `expected a host without port, got ${JSON.stringify(host)}`,
    { hint: 'write the host as it is in the URL, such as ocsp.example.com', data: { host } },
  );
}
