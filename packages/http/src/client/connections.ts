import type http from 'node:http';
import type https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { nodeHttp } from '../node-http.ts';
import { AddressGuard, type AddressRule } from './address-rule.ts';
import { AUTHENTIC } from './authentic.ts';
import type { CertificateSources } from './ca-bundle.ts';
import { systemClock } from './clock.ts';
import { DEFAULT_MAX_CONNECTIONS_PER_HOST } from './limits.ts';
import { bareHost } from './loopback.ts';
import { type ProxySettings, proxyFor } from './proxy.ts';
import type { Clock } from './types.ts';

/** How {@link Connections} connects. */
export interface ConnectionOptions {
  readonly certificates?: CertificateSources;
  readonly proxy?: ProxySettings;
  /** Connections to one host at the same time. */
  readonly maxConnectionsPerHost?: number;
  /** Until a connection stands, TLS and proxies included. Default 10 s. */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
  /**
   * Connect to public addresses only, and to the hosts that the rule allows by name: for services,
   * which take URLs from certificates, registries and requests. A proxy is exempt, and who connects
   * to names through one is the proxy: it must have such a rule itself. Default: any address.
   */
  readonly publicAddressesOnly?: AddressRule;
  /** How names are resolved. Default: as the system does. */
  readonly lookup?: LookupFunction;
}

/** The default of {@link ConnectionOptions.connectTimeoutMs}. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

type RequestOptions = http.RequestOptions;

/**
 * Pools of kept-alive connections: one for plain HTTP, one for TLS, one for each proxy. What TLS
 * and proxies need is loaded when the first request needs it.
 */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #agentOptions: AgentOptions;
  readonly #guard: AddressGuard | undefined;
  #plain: http.Agent | undefined;
  #proxied: http.Agent | undefined;
  #tls: Promise<TlsKit> | undefined;
  readonly #tunnels: Map<string, https.Agent> = new Map();

  /** @throws HttpError `HTTP_ALLOWED_HOST_INVALID` */
  constructor(options: ConnectionOptions) {
    const { publicAddressesOnly: rule, lookup } = options;
    this.#options = options;
    this.#guard = rule && new AddressGuard({ ...rule, lookup });
    this.#agentOptions = {
      keepAlive: true,
      maxSockets: options.maxConnectionsPerHost ?? DEFAULT_MAX_CONNECTIONS_PER_HOST,
      scheduling: 'lifo',
      ...(lookup && { lookup }),
    };
  }

  /** A request that is ready to be written to. */
  async request(url: URL, options: RequestOptions): Promise<http.ClientRequest> {
    this.#guard?.assertHost(bareHost(url));
    const proxy = proxyFor(url, this.#options.proxy ?? {});
    if (url.protocol === 'http:') {
      return proxy === undefined
        ? nodeHttp().request({ ...options, ...addressOf(url), agent: this.#plainAgent() })
        : await this.#throughProxy(url, proxy, options);
    }
    this.#tls ??= openTls(this.#options.certificates, {
      direct: this.#directOptions(),
      proxied: this.#agentOptions,
    });
    const tls = await this.#tls.catch((error: unknown) => {
      this.#tls = undefined;
      throw error;
    });
    const agent = proxy === undefined ? tls.agent : await this.#tunnel(proxy, tls);
    return tls.request({ ...options, ...addressOf(url), agent });
  }

  /** Closes idle and open connections. */
  close(): void {
    this.#plain?.destroy();
    this.#proxied?.destroy();
    for (const agent of this.#tunnels.values()) agent.destroy();
    this.#tls?.then((tls) => tls.agent.destroy()).catch(() => undefined);
  }

  #plainAgent(): http.Agent {
    this.#plain ??= new (nodeHttp().Agent)(this.#directOptions());
    return this.#plain;
  }

  /** Of connections to hosts themselves. */
  #directOptions(): AgentOptions {
    return { ...this.#agentOptions, ...(this.#guard && { lookup: this.#guard.lookup }) };
  }

  async #throughProxy(url: URL, proxy: URL, options: RequestOptions): Promise<http.ClientRequest> {
    const { requestThroughProxy } = await import('./proxy-connection.ts');
    // a pool of its own: a connection to the proxy was not held to the rule for addresses
    this.#proxied ??= new (nodeHttp().Agent)(this.#agentOptions);
    return requestThroughProxy(url, { proxy, options, agent: this.#proxied });
  }

  async #tunnel(proxy: URL, tls: TlsKit): Promise<https.Agent> {
    const known = this.#tunnels.get(proxy.href);
    if (known) return known;
    const { openTunnel } = await import('./proxy-connection.ts');
    const agent = tls.newAgent();
    agent.createConnection = (connection, callback) => {
      const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, clock = systemClock } = this.#options;
      const { lookup } = this.#options;
      openTunnel(proxy, connection, { connectTimeoutMs, clock, lookup }).then(
        (socket) => callback?.(null, socket),
        (error: Error) => callback?.(error, undefined as unknown as Duplex),
      );
      return undefined;
    };
    this.#tunnels.set(proxy.href, agent);
    return agent;
  }
}

/** Where a request goes. Node takes a URL apart for this too, into more than it needs. */
function addressOf(url: URL): RequestOptions {
  const { protocol, port, pathname, search } = url;
  return { protocol, hostname: bareHost(url), port, path: `${pathname}${search}` };
}

/** An agent gives all its options to the connection, this one among them. */
type AgentOptions = http.AgentOptions & { readonly lookup?: LookupFunction };

interface TlsKit {
  readonly agent: https.Agent;
  readonly newAgent: () => https.Agent;
  readonly request: (options: RequestOptions) => http.ClientRequest;
}

async function openTls(
  sources: CertificateSources | undefined,
  agentOptions: { readonly direct: AgentOptions; readonly proxied: AgentOptions },
): Promise<TlsKit> {
  const [https, tls, { loadCaBundle }] = await Promise.all([
    import('node:https'),
    import('node:tls'),
    import('./ca-bundle.ts'),
  ]);
  const ca = await loadCaBundle(sources);
  const context = ca && tls.createSecureContext({ ca: [...ca] });
  const secure = { ...AUTHENTIC, ...(context && { secureContext: context }) };
  return {
    agent: new https.Agent({ ...agentOptions.direct, ...secure }),
    newAgent: () => new https.Agent({ ...agentOptions.proxied, ...secure }),
    request: (options) => https.request(options),
  };
}
