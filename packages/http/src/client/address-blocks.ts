import { BlockList, isIP } from 'node:net';

/** What is not global in the IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast. */
const IPV4_KINDS: Readonly<Record<string, readonly string[]>> = {
  unspecified: ['0.0.0.0/8'],
  loopback: ['127.0.0.0/8'],
  'link-local': ['169.254.0.0/16'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  multicast: ['224.0.0.0/4'],
  // the last is Azure's, public by number, and reached from inside its machines alone
  reserved: [
    ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24'],
    ...['203.0.113.0/24', '240.0.0.0/4', '168.63.129.16/32'],
  ],
};

const IPV6_KINDS: Readonly<Record<string, readonly string[]>> = {
  unspecified: ['::/128'],
  loopback: ['::1/128'],
  'link-local': ['fe80::/10'],
  private: ['fc00::/7', 'fec0::/10', '64:ff9b:1::/48'],
  multicast: ['ff00::/8'],
  // Teredo and others of RFC 2928, documentation (RFC 3849, RFC 9637)
  reserved: ['2001::/23', '2001:db8::/32', '3fff::/20'],
};

/** Global unicast (RFC 4291 2.4), IPv4-mapped (2.5.5.2) and NAT64 (RFC 6052 2.1): nothing else is. */
const IPV6_PUBLIC = ['2000::/3', '::ffff:0:0/96', '64:ff9b::/96'];

/** Tells public addresses from others. */
export class AddressBlocks {
  readonly #kinds: readonly (readonly [string, BlockList])[] = Object.keys(IPV4_KINDS).map(
    (kind) => [kind, blockList(blocksOf(kind))],
  );
  readonly #public6: BlockList = blockList(IPV6_PUBLIC);

  /** What kind of address it is, if it is not a public one. */
  kindOf(address: string): string | undefined {
    const [plain = ''] = address.split('%', 1);
    const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
    const found = this.#kinds.find(([, blocks]) => blocks.check(plain, family));
    if (found !== undefined) return found[0];
    return family === 'ipv4' || this.#public6.check(plain, family) ? undefined : 'reserved';
  }
}

function blocksOf(kind: string): readonly string[] {
  const ipv4 = IPV4_KINDS[kind] ?? [];
  return [...ipv4, ...ipv4.flatMap(embedded), ...(IPV6_KINDS[kind] ?? [])];
}

/** The same block inside IPv6: IPv4-mapped, NAT64, and 6to4 (RFC 3056 2). */
function embedded(block: string): readonly string[] {
  const [address = '', bits = ''] = block.split('/');
  const hex = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const sixToFour = `2002:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::/${16 + Number(bits)}`;
  const inLast32 = `${address}/${96 + Number(bits)}`;
  return [`::ffff:${inLast32}`, `64:ff9b::${inLast32}`, sixToFour];
}

function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
