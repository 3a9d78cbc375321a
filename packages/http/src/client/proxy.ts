import { BlockList, isIP } from 'node:net';
import { HttpError } from '../errors.ts';
import { bareHost, isLoopbackHost } from './loopback.ts';

/** Which proxy to use for what, as the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it. */
export interface ProxySettings {
  /** For http URLs; a scheme of http is assumed where there is none. */
  readonly http?: string;
  /** For https URLs. */
  readonly https?: string;
  /** Hosts to reach directly: comma-separated hosts, domains, addresses, CIDR blocks, or `*`. */
  readonly noProxy?: string;
}

/**
 * The proxy for a URL, or undefined to connect directly. Loopback hosts never go through a proxy.
 * The rules are those of Go (`golang.org/x/net/http/httpproxy`), which other registry clients use.
 * @throws HttpError `HTTP_PROXY_FAILED` if the proxy's address is unusable
 */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const text = url.protocol === 'https:' ? settings.https : settings.http;
  if (text === undefined || text === '') return undefined;
  const host = bareHost(url);
  if (isLoopbackHost(host)) return undefined;
  if (matchesNoProxy(host, effectivePort(url), settings.noProxy ?? '')) return undefined;
  return parseProxy(text);
}

/** The port of a URL, the scheme's own where none is written. */
export function effectivePort(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}

function parseProxy(text: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new HttpError('HTTP_PROXY_FAILED', 'the proxy is not an http or https URL', {
    hint: 'write HTTP_PROXY and HTTPS_PROXY as http://host:port',
  });
}

function matchesNoProxy(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== '' && matchesRule(host, port, rule));
}

function matchesRule(host: string, port: string, rule: string): boolean {
  if (rule === '*') return true;
  const block = parseCidr(rule);
  if (block) return isIP(host) !== 0 && block.check(host, family(host));
  const { ruleHost, rulePort } = splitRule(rule);
  if (ruleHost === '' || (rulePort !== undefined && rulePort !== port)) return false;
  if (isIP(ruleHost) !== 0) return sameAddress(host, ruleHost);
  // foo.com matches foo.com and below, .foo.com and *.foo.com only below
  const domain = ruleHost.startsWith('*.') ? ruleHost.slice(1) : ruleHost;
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

function splitRule(rule: string): { readonly ruleHost: string; readonly rulePort?: string } {
  if (isIP(rule) !== 0) return { ruleHost: rule };
  const match = /^(?:\[(?<six>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>\d+))?$/.exec(rule);
  const ruleHost = match?.groups?.['six'] ?? match?.groups?.['name'] ?? '';
  const rulePort = match?.groups?.['port'];
  return rulePort === undefined ? { ruleHost } : { ruleHost, rulePort };
}

function parseCidr(rule: string): BlockList | undefined {
  const [address = '', bits = '', ...rest] = rule.split('/');
  const version = isIP(address);
  if (rest.length > 0 || version === 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  if (Number(bits) > (version === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family(address));
  return list;
}

function sameAddress(host: string, address: string): boolean {
  if (isIP(host) === 0 || isIP(host) !== isIP(address)) return false;
  const list = new BlockList();
  list.addAddress(address, family(address));
  return list.check(host, family(host));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
