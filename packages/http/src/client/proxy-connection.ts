import type http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { HttpError } from '../errors.ts';
import { nodeHttp } from '../node-http.ts';
import { AUTHENTIC } from './authentic.ts';
import { bareHost } from './loopback.ts';
import { effectivePort } from './proxy.ts';
import { maskUrl } from './secrets.ts';
import type { Clock } from './types.ts';

/** Asks a proxy for an http URL (RFC 9112 3.2.2, absolute form). */
export function requestThroughProxy(
  url: URL,
  context: {
    readonly proxy: URL;
    readonly options: http.RequestOptions;
    readonly agent: http.Agent;
  },
): http.ClientRequest {
  const { proxy, options, agent } = context;
  const secure = proxy.protocol === 'https:';
  const request = secure ? https.request : nodeHttp().request;
  return request({
    ...options,
    protocol: proxy.protocol,
    host: bareHost(proxy),
    port: effectivePort(proxy),
    path: url.href.slice(0, url.href.length - url.hash.length),
    headers: { ...options.headers, host: url.host, ...authorization(proxy) },
    ...AUTHENTIC,
    ...(!secure && { agent }),
  });
}

/** How {@link openTunnel} reaches the proxy, and how long it tries. */
export interface TunnelOptions {
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly lookup?: LookupFunction | undefined;
}

/**
 * A TLS connection to the host of `target` through a proxy (RFC 9110 9.3.6, CONNECT). Nothing is
 * left open on failure.
 * @throws HttpError `HTTP_PROXY_FAILED`, `HTTP_TIMEOUT`
 */
export async function openTunnel(
  proxy: URL,
  target: https.RequestOptions,
  options: TunnelOptions,
): Promise<Duplex> {
  const host = target.host ?? target.hostname ?? '';
  const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
  const open: ProxyConnection['open'] = [];
  const { connectTimeoutMs, clock, lookup } = options;
  let stop = (): void => undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    stop = clock.setTimer(() => reject(slow(proxy, authority, connectTimeoutMs)), connectTimeoutMs);
  });
  try {
    return await Promise.race([
      connectThrough(proxy, target, { authority, host, open, lookup }),
      tooSlow,
    ]);
  } catch (error) {
    for (const one of open) one.destroy();
    throw error;
  } finally {
    stop();
  }
}

interface ProxyConnection extends Pick<TunnelOptions, 'lookup'> {
  readonly authority: string;
  /** What is to be destroyed on failure. */
  readonly open: { destroy(): unknown }[];
}

async function connectThrough(
  proxy: URL,
  target: https.RequestOptions,
  to: ProxyConnection & { readonly host: string },
): Promise<Duplex> {
  const socket = await connect(proxy, to);
  to.open.push(socket);
  return await new Promise((resolve, reject) => {
    // an agent hands on what it was made with, the TLS options among it
    const options = target as tls.ConnectionOptions;
    const servername = target.servername ?? to.host;
    const secured = tls.connect({ ...options, ...AUTHENTIC, socket, servername });
    to.open.push(secured);
    secured.once('secureConnect', () => {
      secured.off('error', reject);
      resolve(secured);
    });
    secured.once('error', reject);
  });
}

function connect(proxy: URL, { authority, open, lookup }: ProxyConnection): Promise<Duplex> {
  const request = proxy.protocol === 'https:' ? https.request : nodeHttp().request;
  return new Promise((resolve, reject) => {
    const connecting = request({
      protocol: proxy.protocol,
      host: bareHost(proxy),
      port: effectivePort(proxy),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization(proxy) },
      agent: false,
      lookup,
      ...AUTHENTIC,
    });
    open.push(connecting);
    connecting.once('connect', (response, socket, head) => {
      if (response.statusCode === 200 && head.length === 0) return resolve(socket);
      socket.destroy();
      reject(refused(proxy, `answered ${response.statusCode} to CONNECT ${authority}`));
    });
    connecting.once('response', (response) => {
      response.destroy();
      reject(refused(proxy, `answered ${response.statusCode} to CONNECT ${authority}`));
    });
    connecting.on('error', (cause) => {
      reject(refused(proxy, `could not be reached: ${cause.message}`, cause));
    });
    connecting.end();
  });
}

function slow(proxy: URL, authority: string, limitMs: number): HttpError {
  const url = maskUrl(proxy);
  return new HttpError(
    'HTTP_TIMEOUT',
    `proxy ${url}: no connection to ${authority} within ${limitMs} ms`,
    {
      hint: 'check the proxy, and HTTPS_PROXY, HTTP_PROXY and NO_PROXY',
      data: { proxy: url, phase: 'connect', limitMs },
    },
  );
}

function authorization(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '' && proxy.password === '') return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

function refused(proxy: URL, problem: string, cause?: unknown): HttpError {
  return new HttpError('HTTP_PROXY_FAILED', `proxy ${maskUrl(proxy)} ${problem}`, {
    hint: 'check HTTPS_PROXY, HTTP_PROXY and NO_PROXY',
    cause,
    data: { proxy: maskUrl(proxy) },
  });
}
