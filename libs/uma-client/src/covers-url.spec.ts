import { describe, expect, it } from '@jest/globals';
import { coversUrl, identifiesUrl } from './covers-url.ts';

const url = new URL('https://rs.acme.example/users/alice/notes/1?page=2');

describe('Duty (i): RCT.aud identifies the URL just requested', () => {
  it.each([
    ['https://rs.acme.example/users/alice/notes/1', 'the URL without its query'],
    ['https://rs.acme.example/users/alice/notes/1?page=2', 'the URL with its query'],
    ['https://rs.acme.example:443/users/alice/notes/1', 'the default port written out'],
    ['https://RS.acme.example/users/%61lice/notes/1', 'another spelling by RFC 3986 6.2.2'],
  ])('accepts %s: %s', (identifier) => {
    expect(identifiesUrl(identifier, url)).toBe(true);
  });

  it.each([
    ['https://rs2.acme.example/users/alice/notes/1', 'another host'],
    ['http://rs.acme.example/users/alice/notes/1', 'another scheme'],
    ['https://rs.acme.example:8443/users/alice/notes/1', 'another port'],
    ['https://rs.acme.example/users/alice/notes/10', 'a longer path'],
    ['https://rs.acme.example/users/alice/notes/1/', 'a trailing slash'],
    ['https://rs.acme.example/users/Alice/notes/1', 'another case'],
    ['https://rs.acme.example/users%2Falice/notes/1', 'an encoded slash'],
    ['https://rs.acme.example/', 'only the origin, without a registered prefix'],
    ['https://rs.acme.example/users/alice/notes/1?page=3', 'another query'],
    ['https://rs.acme.example/users/alice/notes/1#x', 'a fragment'],
    ['https://rs.acme.example@evil.example/users/alice/notes/1', 'user information'],
    ['https://bob@rs.acme.example/users/alice/notes/1', 'a user name'],
    ['/users/alice/notes/1', 'a relative reference'],
    ['', 'nothing'],
  ])('refuses %s: %s', (identifier) => {
    expect(identifiesUrl(identifier, url)).toBe(false);
  });

  it('accepts a registered prefix, by whole segments and on the same origin only', () => {
    const prefix = 'https://rs.acme.example/users/alice';
    expect(identifiesUrl(prefix, url, [prefix])).toBe(true);
    expect(identifiesUrl(prefix, url, [])).toBe(false);
    expect(identifiesUrl(prefix, new URL('https://rs.acme.example/users/alice2/notes'), [prefix])).toBe(false);
    expect(identifiesUrl(prefix, new URL('https://rs2.acme.example/users/alice/notes'), [prefix])).toBe(false);
  });
});

describe('A resource identifier of RFC 9728', () => {
  it.each([
    ['https://rs.acme.example', true],
    ['https://rs.acme.example/', true],
    ['https://rs.acme.example/users', true],
    ['https://rs.acme.example/users/alice/notes/1', true],
    ['https://rs.acme.example/use', false],
    ['https://rs.acme.example/users?x=1', false],
    ['https://acme.example', false],
    ['urn:rs', false],
  ])('%s covers the URL: %s', (identifier, expected) => {
    expect(coversUrl(identifier, url)).toBe(expected);
  });
});
