import type { Server, ServerOptions } from 'node:http';
import { withDefaults } from '@nv2/core';
import { HttpError } from '../errors.ts';
import { nodeHttp } from '../node-http.ts';
import type { Handler } from './handler.ts';
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { type ListenerOptions, nodeListener } from './listener.ts';

/** Options of {@link serve}. */
export interface ServeOptions extends ListenerOptions {
  /** Name or address to listen on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Serves HTTPS with this certificate chain and key, both PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A server that accepts connections. */
export interface RunningServer {
  /** Where it listens: the port is the real one. */
  readonly url: URL;
  /**
   * Accepts nothing more, lets running requests end within `closeGraceMs`, then cuts them off.
   * Resolves when every connection is closed.
   */
  close(): Promise<void>;
}

/**
 * Serves a handler over HTTP/1.1; resolves once connections are accepted.
 * @throws HttpError `HTTP_LISTEN_FAILED`
 */
export async function serve(handler: Handler, options: ServeOptions): Promise<RunningServer> {
  const limits = withDefaults(DEFAULT_SERVER_LIMITS, options.limits);
  const server = createServer(options, limits);
  const answer = nodeListener(handler, options);
  const listener: typeof answer = (message, response) => {
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    answer(message, response);
  };
  server.on('request', listener);
  // answered by the listener once the handler wants the body
  server.on('checkContinue', listener);
  server.maxConnections = limits.maxConnections;
  await listen(server, options);
  return {
    url: new URL(`${options.tls ? 'https' : 'http'}://${authority(server, options.host)}/`),
    close: () => close(server, limits.closeGraceMs),
  };
}

function createServer(options: ServeOptions, limits: ServerLimits): Server {
  const settings: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
    // a body may take as long as it needs, at the pace that the listener enforces
    requestTimeout: 0,
    keepAliveTimeout: 30_000,
    noDelay: true,
  };
  if (options.tls === undefined) return nodeHttp().createServer(settings);
  const { certificate, key } = options.tls;
  return process
    .getBuiltinModule('node:https')
    .createServer({ ...settings, cert: certificate, key });
}

function listen(server: Server, options: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new HttpError(
          'HTTP_LISTEN_FAILED',
          `cannot listen on ${options.host} port ${options.port}: ${cause.code ?? cause.message}`,
          {
            cause,
            hint: 'choose an address of this machine and a port that no other program uses',
            data: { host: options.host, port: options.port, reason: cause.code },
          },
        ),
      );
    });
    server.listen({ host: options.host, port: options.port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function authority(server: Server, host: string): string {
  const address = server.address();
  const { port, address: bound } =
    address !== null && typeof address === 'object' ? address : { port: 0, address: host };
  // without a name it listens everywhere, and is named by what it is bound to
  const name = host || bound;
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
