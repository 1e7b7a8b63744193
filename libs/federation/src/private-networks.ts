import ipaddr from 'ipaddr.js';

type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number];

/** RFC 1918 and RFC 4193. Loopback, link-local (cloud metadata) and public addresses can never be named. */
const PRIVATE_SPACE: readonly Network[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map((range) => ipaddr.parseCIDR(range));

/**
 * Whether a text names a network that the guarded fetch may be opened to: a CIDR range inside private address space (RFC 1918, RFC 4193),
 * with no bits set behind the prefix.
 */
export function isPrivateNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/**
 * Several domains on networks of one machine (containers), for development and tests; a production configuration refuses it.
 * @param networks CIDR ranges, for example `172.30.0.0/24`
 * @returns whether an address, as a resolver returns it, lies in one of them; false for IPv6 forms that carry an IPv4 address
 * @throws Error for a range that `isPrivateNetwork` refuses
 */
export function privateNetworks(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map((text) => {
    const range = parseNetwork(text);
    if (range === undefined) throw new Error(`"${text}" is not a CIDR range of private addresses.`);
    return range;
  });
  return (text) => {
    if (!isAddress(text)) return false;
    const address = ipaddr.parse(text);
    return ranges.some((range) => isWithin(address, range));
  };
}

function parseNetwork(text: string): Network | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) return undefined;
  const network = ipaddr.parseCIDR(text);
  const [address, prefixLength] = network;
  const bytes = address.toByteArray();
  const hostBits = bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1)).slice(prefixLength);
  if (hostBits.includes(1)) return undefined;
  return PRIVATE_SPACE.some((space) => prefixLength >= space[1] && isWithin(address, space)) ? network : undefined;
}

function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes('%'));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, prefixLength]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, prefixLength);
}
