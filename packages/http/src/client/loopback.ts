const IPV4_LOOPBACK = /^127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}$/;

/** Whether the host (without brackets) is `localhost` or a loopback address. */
export function isLoopbackHost(host: string): boolean {
  // not node:net's isIP: every command asks this, and to load node:net takes longer than most
  return host === 'localhost' || host === '::1' || IPV4_LOOPBACK.test(host);
}

/** The host of a URL, an IPv6 address without brackets. */
export function bareHost(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}
