import { describe, expect, it } from '@jest/globals';
import { serialiseUmaChallenge } from '@uma-federation/uma-core';
import { checkCopiesAgree, hasUmaChallenge, readChallenge } from './challenge.ts';

const uma = serialiseUmaChallenge({ realm: 'rs', asUri: 'https://as.acme.example', ticket: 't', resourceClaimsToken: 'r', issuedTokenType: 'urn:jwt' });
const bearer = 'Bearer error="invalid_token", resource_metadata="https://rs.acme.example/.well-known/oauth-protected-resource"';
const code = (value: string) => expect.objectContaining({ code: value });

describe('The challenge of a 401', () => {
  it.each([
    ['one header line', `${uma}, ${bearer}`],
    ['two header lines', new Headers([['www-authenticate', uma], ['www-authenticate', bearer]]).get('www-authenticate') ?? ''],
    ['two header lines in the other order', new Headers([['www-authenticate', bearer], ['www-authenticate', uma]]).get('www-authenticate') ?? ''],
  ])('is read beside a Bearer challenge in %s', (_name, header) => {
    expect(readChallenge(header)).toMatchObject({
      asUri: 'https://as.acme.example',
      ticket: 't',
      resourceClaimsToken: 'r',
      resourceMetadata: 'https://rs.acme.example/.well-known/oauth-protected-resource',
    });
  });

  it('is there only when the scheme is UMA, in whatever case', () => {
    expect(hasUmaChallenge('uma as_uri="x", ticket="y"')).toBe(true);
    expect(hasUmaChallenge('Bearer realm="UMA as_uri"')).toBe(false);
    expect(hasUmaChallenge('')).toBe(false);
  });

  it.each([
    ['two UMA challenges', `${uma}, ${uma}`],
    ['no ticket', 'UMA as_uri="https://as.acme.example"'],
    ['two different resource_metadata', `${uma}, ${bearer}, DPoP resource_metadata="https://evil.example"`],
  ])('is refused with %s', (_name, header) => {
    expect(hasUmaChallenge(header)).toBe(true);
    expect(() => readChallenge(header)).toThrow(code('challenge_malformed'));
  });
});

describe('A94 Header injection in the challenge', () => {
  it.each([
    ['a realm that pretends to be more challenges', `UMA realm="x\\", ticket=\\"evil", as_uri="https://as.acme.example", ticket="t"`],
    ['a realm with a comma and another scheme', `UMA realm="a, Bearer b", as_uri="https://as.acme.example", ticket="t"`],
  ])('reads %s as text', (_name, header) => {
    expect(readChallenge(header)).toMatchObject({ asUri: 'https://as.acme.example', ticket: 't' });
  });

  it.each(['UMA realm="x, as_uri="https://as.acme.example", ticket="t"', 'UMA ticket="t", ticket="u", as_uri="https://as.acme.example"'])(
    'refuses %s',
    (header) => {
      expect(hasUmaChallenge(header)).toBe(true);
      expect(() => readChallenge(header)).toThrow(code('challenge_malformed'));
    },
  );
});

describe('Duty (iv): header and body copies agree', () => {
  const challenge = readChallenge(uma);
  const copy = { as_uri: 'https://as.acme.example', ticket: 't', resource_claims_token: 'r', issued_token_type: 'urn:jwt' };

  it('accepts an equal copy and a body that is no copy', () => {
    expect(() => checkCopiesAgree(challenge, { error: 'uma_authorization_required', ...copy })).not.toThrow();
    expect(() => checkCopiesAgree(challenge, { error: 'x', message: 'ticket' })).not.toThrow();
  });

  it.each(Object.keys(copy))('refuses a body with another %s', (name) => {
    expect(() => checkCopiesAgree(challenge, { ...copy, [name]: 'other' })).toThrow(code('copies_disagree'));
  });

  it('refuses a copy that lacks a member, and one that has a member the header lacks', () => {
    const { resource_claims_token: _token, ...stripped } = copy;
    expect(() => checkCopiesAgree(challenge, stripped)).toThrow(code('copies_disagree'));
    const bare = readChallenge('UMA as_uri="https://as.acme.example", ticket="t"');
    expect(() => checkCopiesAgree(bare, copy)).toThrow(code('copies_disagree'));
  });
});
