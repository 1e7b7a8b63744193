import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { equalInConstantTime, ticketChallenge, ticketHash } from './ticket-hash.ts';

const NONCE = 'uGZ1bVYq3sZ8b1m0oJcT5w';
const HASH = '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU';

describe('the ticket hash', () => {
  it.each([
    [NONCE, HASH],
    ['016f84e8-f9b9-11e0-bd6f-0021cc6004de', 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c'],
    ['', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ])('A13 of %j is %s: the octets of the claim, neither decoded nor of the ticket', async (nonce, hash) => {
    expect(await ticketHash(nonce)).toBe(hash);
  });

  it.each([
    ['of the decoded nonce', 'RqQh8aYgM_nbihdI8VyFySQQjWsvJSNRnm5j5nDOtUU'],
    ['padded', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU='],
    ['in the standard alphabet', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g/oiWV30s+gH9OU='],
    ['in hexadecimal', Buffer.from(HASH, 'base64url').toString('hex')],
  ])('A13 is not the one %s', async (_what, wrong) => {
    expect(equalInConstantTime(await ticketHash(NONCE), wrong)).toBe(false);
  });
});

describe('the ticket challenge of seed 002', () => {
  const TICKET = '016f84e8-f9b9-11e0-bd6f-0021cc6004de';
  it.each([
    [TICKET, 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c'],
    // RFC 4648 5 of the digest of FIPS 180-2 B.1.
    ['abc', 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
  ])('A13 of %j is %s: the octets of the whole string', async (ticket, challenge) => {
    expect(await ticketChallenge(ticket)).toBe(challenge);
  });

  it.each([
    ['of the text without hyphens', async () => ticketChallenge(TICKET.replaceAll('-', ''))],
    ['of the ticket with a line break', async () => ticketChallenge(`${TICKET}\n`)],
    ['padded', async () => `${await ticketChallenge(TICKET)}=`],
    ['in hexadecimal', async () => Buffer.from(await ticketChallenge(TICKET), 'base64url').toString('hex')],
  ])('A13 is not the one %s', async (_what, wrong) => {
    expect(equalInConstantTime(await ticketChallenge(TICKET), await wrong())).toBe(false);
  });
});

describe('comparison in constant time', () => {
  it('agrees with ordinary comparison', () => {
    const text = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('', 'a', 'b', 'aa', 'ab', 'é', '\0', 'a\0'));
    fc.assert(fc.property(text, text, (a, b) => expect(equalInConstantTime(a, b)).toBe(a === b)));
    fc.assert(fc.property(text, (a) => expect(equalInConstantTime(a, `${a}`)).toBe(true)));
  });
});
