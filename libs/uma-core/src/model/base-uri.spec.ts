import { describe, expect, it } from '@jest/globals';
import { isSameUri, isWithinBaseUri } from './base-uri.ts';

describe('A2 A resource server names a URI of another one', () => {
  it.each([
    'https://rs2.example/albums/7',
    'https://rs.example.evil/albums/7',
    'https://rs.example@evil.example/albums/7',
    'https://user@rs.example/albums/7',
    'https://rs.example:8443/albums/7',
    'http://rs.example/albums/7',
    'https://rs.example/albumsx/7',
    'https://rs.example/albums/../admin',
    'https://rs.example/albums/%2e%2e/admin',
    'https://rs.example/albums%2f7',
    'https://rs.example/albums/7?x=1',
    'https://rs.example/albums/7#x',
    'https://rs.example\\@evil.example/albums/7',
    'https://RS.example/albums/7',
    'https://rs.example:443/albums/7',
    '//rs.example/albums/7',
    'javascript:alert(1)',
    '',
  ])('does not find %j within https://rs.example/albums', (uri) => {
    expect(isWithinBaseUri(uri, 'https://rs.example/albums')).toBe(false);
  });

  it('finds the base itself and what lies below it', () => {
    expect(isWithinBaseUri('https://rs.example/albums', 'https://rs.example/albums')).toBe(true);
    expect(isWithinBaseUri('https://rs.example/albums/7', 'https://rs.example/albums/')).toBe(true);
    expect(isWithinBaseUri('https://rs.example/albums/7', 'https://rs.example')).toBe(true);
  });
});

describe('Two URIs', () => {
  it('are the same when only the slash of an empty path differs', () => {
    expect(isSameUri('https://rs.example', 'https://rs.example/')).toBe(true);
    expect(isSameUri('https://rs.example/a', 'https://rs.example/a/')).toBe(false);
    expect(isSameUri('https://rs.example', 'https://rs.example.evil/')).toBe(false);
  });
});
