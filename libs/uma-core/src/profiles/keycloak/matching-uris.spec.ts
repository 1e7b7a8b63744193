import { describe, expect, it } from '@jest/globals';
import { matchingUris } from './matching-uris.ts';

const BASES = ['https://rs.example', 'https://files.example/albums'];

describe('URIs with a wildcard that stand for a requested one', () => {
  it('are those above it, the nearest first, at every origin of the resource server', () => {
    expect(matchingUris('/a/b', BASES)).toEqual(['https://rs.example/a/*', 'https://rs.example/*']);
    expect(matchingUris('/albums/1', BASES)).toEqual(['https://rs.example/albums/*', 'https://rs.example/*', 'https://files.example/albums/*', 'https://files.example/*']);
    expect(matchingUris('https://files.example/albums/1', BASES)).toEqual(['https://files.example/albums/*', 'https://files.example/*']);
    expect(matchingUris('/', BASES)).toEqual(['https://rs.example/*']);
  });

  it.each(['/a/', '/a//b', '/a;x=1/b', '/a/../b', '/a/%2e%2e/b', '/%61/b', '/a%2fb', '/a?x', '/a#x', '/a/*', '/a/{b}', '/a\\b', 'a/b', '//rs.example/a', 'http://rs.example/a', 'https://rs.example.evil/a', 'https://user@rs.example/a', 'https://RS.example/a', 'urn:a', '', '/a b', `/${'a/'.repeat(40)}a`])(
    'A79 are none for "%s": another spelling must not lead to a laxer resource',
    (uri) => {
      expect(matchingUris(uri, BASES)).toEqual([]);
    },
  );
});
