import http from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import type { CertificateSources } from './ca-bundle.ts';
import { systemClock } from './clock.ts';
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
  readonly #agentOptions: http.AgentOptions;
  #plain: http.Agent | undefined;
  #tls: Promise<TlsKit> | undefined;
  readonly #tunnels: Map<string, https.Agent> = new Map();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#agentOptions = {
      keepAlive: true,
      maxSockets: options.maxConnectionsPerHost ?? 16,
      scheduling: 'lifo',
    };
  }

  /** A request that is ready to be written to. */
  async request(url: URL, options: RequestOptions): Promise<http.ClientRequest> {
    const proxy = proxyFor(url, this.#options.proxy ?? {});
    if (url.protocol === 'http:') {
      return proxy === undefined
        ? http.request(url, { ...options, agent: this.#plainAgent() })
        : await this.#throughProxy(url, proxy, options);
    }
    this.#tls ??= openTls(this.#options.certificates, this.#agentOptions);
    const tls = await this.#tls.catch((error: unknown) => {
      this.#tls = undefined;
      throw error;
    });
    const agent = proxy === undefined ? tls.agent : await this.#tunnel(proxy, tls);
    return tls.request(url, { ...options, agent });
  }

  /** Closes idle and open connections. */
  close(): void {
    this.#plain?.destroy();
    for (const agent of this.#tunnels.values()) agent.destroy();
    this.#tls?.then((tls) => tls.agent.destroy()).catch(() => undefined);
  }

  #plainAgent(): http.Agent {
    this.#plain ??= new http.Agent(this.#agentOptions);
    return this.#plain;
  }

  async #throughProxy(url: URL, proxy: URL, options: RequestOptions): Promise<http.ClientRequest> {
    const { requestThroughProxy } = await import('./proxy-connection.ts');
    return requestThroughProxy(url, { proxy, options, agent: this.#plainAgent() });
  }

  async #tunnel(proxy: URL, tls: TlsKit): Promise<https.Agent> {
    const known = this.#tunnels.get(proxy.href);
    if (known) return known;
    const { openTunnel } = await import('./proxy-connection.ts');
    const agent = tls.newAgent();
    agent.createConnection = (connection, callback) => {
      const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, clock = systemClock } = this.#options;
      openTunnel(proxy, connection, { connectTimeoutMs, clock }).then(
        (socket) => callback?.(null, socket),
        (error: Error) => callback?.(error, undefined as unknown as Duplex),
      );
      return undefined;
    };
    this.#tunnels.set(proxy.href, agent);
    return agent;
  }
}

interface TlsKit {
  readonly agent: https.Agent;
  readonly newAgent: () => https.Agent;
  readonly request: (url: URL, options: RequestOptions) => http.ClientRequest;
}

async function openTls(
  sources: CertificateSources | undefined,
  agentOptions: http.AgentOptions,
): Promise<TlsKit> {
  const [https, tls, { loadCaBundle }] = await Promise.all([
    import('node:https'),
    import('node:tls'),
    import('./ca-bundle.ts'),
  ]);
  const ca = await loadCaBundle(sources);
  const context = ca && tls.createSecureContext({ ca: [...ca] });
  const newAgent = (): https.Agent =>
    new https.Agent({ ...agentOptions, ...(context && { secureContext: context }) });
  return {
    agent: newAgent(),
    newAgent,
    request: (url, options) => https.request(url, options),
  };
}
