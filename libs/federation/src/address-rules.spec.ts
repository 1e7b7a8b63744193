import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPublicAddress } from './address-rules.ts';

const FORBIDDEN: readonly (readonly [range: string, ...addresses: string[]])[] = [
  ['0/8', '0.0.0.0', '0.1.2.3', '0.255.255.255'],
  ['10/8', '10.0.0.1', '10.255.255.255'],
  ['100.64/10', '100.64.0.1', '100.127.255.255'],
  ['127/8', '127.0.0.1', '127.255.255.254'],
  ['169.254/16', '169.254.169.254', '169.254.0.1'],
  ['172.16/12', '172.16.0.1', '172.31.255.255'],
  ['192.0.0/24', '192.0.0.1', '192.0.0.170'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1', '3fff:fff::1'],
  ['AS112 and AMT', '192.31.196.1', '192.175.48.1', '192.52.193.1', '2620:4f:8000::1'],
  ['6to4 relay', '192.88.99.1'],
  ['192.168/16', '192.168.0.1', '192.168.255.255'],
  ['198.18/15', '198.18.0.1', '198.19.255.255'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  ['240/4 and broadcast', '240.0.0.1', '255.255.255.255'],
  ['Azure WireServer', '168.63.129.16'],
  ['IPv6 unspecified and loopback', '::', '::1'],
  ['unique local', 'fc00::1', 'fd12:3456::1'],
  ['link local, with and without zone', 'fe80::1', 'fe80::1%eth0', '2606:4700::1%eth0'],
  ['site local', 'fec0::1'],
  ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1'],
  ['IPv4-compatible', '::127.0.0.1', '::7f00:1', '::808:808'],
  ['IPv4-translated', '::ffff:0:127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::7f00:1'],
  ['discard and dummy', '100::1', '100:0:0:1::1'],
  ['Teredo, benchmarking, ORCHID, DET', '2001::1', '2001:2::1', '2001:10::1', '2001:20::1', '2001:30::1', '2001:1ff:ffff::1'],
  ['6to4', '2002:7f00:1::', '2002:808:808::1'],
  ['6bone', '3ffe::1'],
  ['outside 2000::/3', '4000::1', '5f00::1', 'a000::1', '1fff:ffff::1', 'e000::1'],
  ['not an address', '', 'localhost', '127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '[::1]', '8.8.8.8 ', '8.8.8.8/8', '1.2.3'],
];

describe('A36 SSRF through WebFinger: which addresses are public', () => {
  it.each(FORBIDDEN)('refuses %s', (_, ...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it.each(['1.1.1.1', '8.8.8.8', '93.184.215.14', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '168.63.129.17', '192.0.1.1', '223.255.255.255'])(
    'lets %s pass',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(['2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450::1', '2001:200::1', '2400:cb00::1', '3f00::1'])('lets %s pass', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it('never lets an IPv6 spelling of an IPv4 address pass', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const prefix = fc.constantFrom('::ffff:', '::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:');
    fc.assert(fc.property(prefix, group, group, (start, high, low) => !isPublicAddress(`${start}${high}:${low}`)));
  });

  it('never lets anything outside 2000::/3 pass', () => {
    const outside = fc.integer({ min: 0, max: 0xffff }).filter((first) => first < 0x2000 || first > 0x3fff);
    const rest = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 });
    fc.assert(fc.property(outside, rest, (first, others) => !isPublicAddress([first, ...others].map((value) => value.toString(16)).join(':'))));
  });
});
