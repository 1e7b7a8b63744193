import ipaddr from 'ipaddr.js';

type Range = readonly [network: string, prefixLength: number];

/** IANA IPv4 Special-Purpose Address Registry, and addresses that cloud platforms answer themselves. */
const FORBIDDEN_IPV4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's WireServer: unicast to every library, the host's control plane from inside (security.md M2).
  ['168.63.129.16', 32],
];

/** Global unicast is `2000::/3` alone (RFC 4291 2.4, IANA); everything else, also what is merely unassigned, is no stranger's address. */
const GLOBAL_UNICAST_IPV6: Range = ['2000::', 3];

/** IANA IPv6 Special-Purpose Address Registry, as far as it lies inside `2000::/3`. */
const FORBIDDEN_IPV6: readonly Range[] = [
  // IETF protocol assignments, Teredo, benchmarking, ORCHIDs, drone identifiers.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4 carries any IPv4 address, private ones included.
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3ffe::', 16],
  ['3fff::', 20],
];

const forbiddenIpv4 = FORBIDDEN_IPV4.map(([network, prefixLength]) => ({ network: ipaddr.IPv4.parse(network), prefixLength }));
const forbiddenIpv6 = FORBIDDEN_IPV6.map(([network, prefixLength]) => ({ network: ipaddr.IPv6.parse(network), prefixLength }));
const globalUnicast = ipaddr.IPv6.parse(GLOBAL_UNICAST_IPV6[0]);

/**
 * Whether a connection to this address may leave the house for a stranger (protocol.md 8.2 A36; security.md M2).
 * @param ip an address as a resolver returns it: four decimal octets, or IPv6 without brackets
 * @returns true only for globally routable unicast addresses; false for every special range, for IPv6 forms that carry an IPv4
 *   address (mapped, compatible, NAT64, 6to4, Teredo), for addresses with a zone, and for text that is no address
 */
export function isPublicAddress(ip: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) {
    const address = ipaddr.IPv4.parse(ip);
    return address.range() === 'unicast' && !forbiddenIpv4.some(({ network, prefixLength }) => address.match(network, prefixLength));
  }
  if (!ipaddr.IPv6.isValid(ip) || ip.includes('%')) return false;
  const address = ipaddr.IPv6.parse(ip);
  return (
    address.match(globalUnicast, GLOBAL_UNICAST_IPV6[1]) &&
    address.range() === 'unicast' &&
    !forbiddenIpv6.some(({ network, prefixLength }) => address.match(network, prefixLength))
  );
}
