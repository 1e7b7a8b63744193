import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenges, serialiseChallenge } from './challenges.ts';
import { parseUmaChallenge, serialiseUmaChallenge } from './uma-challenge.ts';

const uma = { realm: 'rs.acme.example', asUri: 'https://as.acme.example', ticket: 'a.b.c', resourceClaimsToken: 'd.e.f', issuedTokenType: 'urn:x' };

describe('A WWW-Authenticate value', () => {
  it('round-trips every parameter that a header can carry', () => {
    const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(printable, printable, (first, second) => {
        const parsed = parseChallenges(serialiseChallenge('UMA', { a: first, b: second }));
        expect(parsed).toHaveLength(1);
        expect([...(parsed?.[0]?.parameters ?? [])]).toEqual([['a', first], ['b', second]]);
      }),
    );
  });

  it('gives the UMA challenge beside others, whether in one line or in joined lines [G6]', () => {
    const header = `${serialiseUmaChallenge(uma)}, Bearer resource_metadata="https://rs.acme.example/.well-known/oauth-protected-resource", Negotiate YWJj==, DPoP algs="ES256 EdDSA"`;
    expect(parseUmaChallenge(header)).toEqual(uma);
    expect(parseChallenges(header)?.map(({ scheme }) => scheme)).toEqual(['UMA', 'Bearer', 'Negotiate', 'DPoP']);
  });

  it.each([
    ['a challenge without ticket', 'UMA as_uri="https://as.example"'],
    ['two UMA challenges', 'UMA as_uri="https://a.example", ticket="1", UMA as_uri="https://b.example", ticket="2"'],
    ['a parameter given twice', 'UMA as_uri="https://a.example", ticket="1", ticket="2"'],
    ['an unterminated quoted string', 'UMA as_uri="https://a.example, ticket="1"'],
    ['garbage', '"'],
  ])('is not a usable UMA challenge with %s', (_description, header) => {
    expect(parseUmaChallenge(header)).toBeUndefined();
  });
});

describe('A94 Header injection in the challenge', () => {
  it.each(['a\r\nSet-Cookie: x=1', 'a\u0000b', 'é'])('refuses to build a header from %j', (value) => {
    expect(() => serialiseUmaChallenge({ ...uma, realm: value })).toThrow(RangeError);
  });

  it('escapes quotes and backslashes', () => {
    expect(serialiseChallenge('UMA', { realm: 'a", as_uri="https://evil.example' })).toBe('UMA realm="a\\", as_uri=\\"https://evil.example"');
    expect(parseUmaChallenge(serialiseUmaChallenge({ ...uma, realm: 'x", ticket="evil' }))).toMatchObject({ ticket: 'a.b.c' });
  });
});
