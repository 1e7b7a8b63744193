import { describe, expect, it } from '@jest/globals';
import { isPrivateNetwork, privateNetworks } from './private-networks.ts';

describe('private networks', () => {
  it.each(['172.30.0.0/24', '10.0.0.0/8', '192.168.7.4/32', 'fd00:1234::/32'])('may name %s', (network) => {
    expect(isPrivateNetwork(network)).toBe(true);
  });

  describe('A36 a switch for containers is no way to the host, to cloud metadata or to everybody', () => {
    it.each([
      ['loopback', '127.0.0.0/8'],
      ['IPv6 loopback', '::1/128'],
      ['link-local addresses, which cloud metadata have', '169.254.169.254/32'],
      ['IPv6 link-local addresses', 'fe80::/10'],
      ['carrier-grade NAT', '100.64.0.0/10'],
      ['everything', '0.0.0.0/0'],
      ['all of IPv6', '::/0'],
      ['more than the private space', '172.0.0.0/8'],
      ['public addresses', '203.0.114.0/24'],
      ['IPv4 written as IPv6', '::ffff:10.0.0.0/104'],
      ['bits behind the prefix', '172.30.0.1/24'],
      ['an address without a prefix', '172.30.0.0'],
      ['a short spelling', '10/8'],
      ['another base', '0xa.0.0.0/8'],
      ['a prefix that is too long', '10.0.0.0/33'],
      ['nothing', ''],
    ])('cannot name %s', (_, network) => {
      expect(isPrivateNetwork(network)).toBe(false);
      expect(() => privateNetworks([network])).toThrow('not a CIDR range of private addresses');
    });
  });

  it('holds exactly the addresses of its ranges', () => {
    const holds = privateNetworks(['172.30.0.0/24', 'fd00:1234::/32']);
    expect(['172.30.0.0', '172.30.0.255', 'fd00:1234::1'].map(holds)).toEqual([true, true, true]);
    expect(['172.30.1.0', '172.29.255.255', 'fd00:1235::1', '::ffff:172.30.0.5', '::172.30.0.5', '0254.30.0.5', 'fd00:1234::1%eth0', 'as.foo.example'].map(holds)).toEqual(Array(8).fill(false));
  });

  it('holds nothing when no range is named', () => {
    expect(privateNetworks([])('172.30.0.5')).toBe(false);
  });
});
